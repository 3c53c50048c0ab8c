"""Apps that the command line is tried on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def mirror(request: Request) -> Response:
    """Tell the method, the query, the body and its type."""
    body = (await request.body()).decode()
    query = "&".join(f"{name}={value}" for name, value in request.query_params.multi_items())
    content_type = request.headers.get("content-type", "-").partition(";")[0]
    return PlainTextResponse(f"{request.method} [{query}] {content_type} {body}")


async def header(request: Request) -> Response:
    """Tell all values of a header."""
    values = request.headers.getlist(request.path_params["name"])
    return PlainTextResponse(repr(values))


async def form(request: Request) -> Response:
    """Tell what a form holds."""
    async with request.form() as fields:
        told: list[Any] = []
        for name, value in fields.multi_items():
            if isinstance(value, str):
                told.append([name, value])
            else:
                content = (await value.read()).decode()
                told.append([name, value.filename, value.content_type, content])
    return JSONResponse(told)


async def status(request: Request) -> Response:
    return Response(status_code=request.path_params["status"])


async def redirect(request: Request) -> Response:
    left = request.path_params["left"]
    return RedirectResponse(f"/redirect/{left - 1}") if left else PlainTextResponse("there")


async def boom(request: Request) -> Response:
    return divide(1, 0)


def divide(one: int, other: int) -> Response:
    return PlainTextResponse(str(one / other))


async def silent(request: Request) -> Response:
    await anyio.Event().wait()
    return Response()


async def loud(request: Request) -> Response:
    print("printed by the app")
    return PlainTextResponse("answer")


async def cut(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first\n"
        raise LookupError("no second")

    return StreamingResponse(pieces(), media_type="text/plain")


async def ticks(request: Request) -> Response:
    async def events() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"data: %d\n\n" % number

    return StreamingResponse(events(), media_type="text/event-stream")


async def endless(request: Request) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        number = 0
        while True:
            yield b'{"line":%d}\n' % number
            number += 1
            await asyncio.sleep(0.01)

    return StreamingResponse(lines(), media_type="application/x-ndjson")


async def document(request: Request) -> Response:
    return Response(b'{"name":"lamp","price":12.5,"sold":null}', media_type="application/json")


async def binary(request: Request) -> Response:
    return Response(bytes(range(256)), media_type="application/octet-stream")


async def state(request: Request) -> Response:
    return PlainTextResponse(getattr(request.state, "opened", "never opened"))


async def facts(request: Request) -> Response:
    """Tell what the scope says of the connection."""
    scope = request.scope
    return PlainTextResponse(f"{scope['http_version']} {scope['scheme']} {scope['server'][0]}")


async def unruly(scope: Scope, receive: Receive, send: Send) -> None:
    """Break a rule that fails the call."""
    await send({"type": "http.response.body", "body": b"too early"})


async def odd(scope: Scope, receive: Receive, send: Send) -> None:
    """Break a rule that is warned about."""
    headers = [(b"X-Capital", b"yes")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"odd"})


async def echo(websocket: WebSocket) -> None:
    """Tell what was received, and close on `bye`."""
    subprotocols = websocket.scope["subprotocols"]
    await websocket.accept(subprotocol=subprotocols[0] if subprotocols else None)
    while (message := await websocket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if "bye" in (text, (message.get("bytes") or b"").decode()):
            await websocket.close()
            return
        await websocket.send_text(f"{'text' if text is not None else 'bytes'}: {text}")


async def echo_json(websocket: WebSocket) -> None:
    """Send one message back as it came, and close."""
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


async def farewell(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close(int(websocket.path_params["code"]), "enough")


async def wait_for_close(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.receive()


async def refuse(websocket: WebSocket) -> None:
    await websocket.close(1008)


async def deny(websocket: WebSocket) -> None:
    await websocket.send_denial_response(PlainTextResponse("log in first", status_code=401))


async def break_down(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()
    raise LookupError("lost the thread")


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, str]]:
    yield {"opened": "opened"}


def create_app() -> Starlette:
    """Return the app that most commands are tried on."""
    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/mirror", mirror, methods=METHODS),
            Route("/header/{name}", header),
            Route("/form", form, methods=["POST"]),
            Route("/status/{status:int}", status, methods=METHODS),
            Route("/redirect/{left:int}", redirect),
            Route("/boom", boom),
            Route("/silent", silent),
            Route("/loud", loud),
            Route("/cut", cut),
            Route("/ticks", ticks),
            Route("/endless", endless),
            Route("/document", document),
            Route("/binary", binary),
            Route("/state", state),
            Route("/facts", facts),
            Mount("/unruly", unruly),
            Mount("/odd", odd),
            WebSocketRoute("/echo", echo),
            WebSocketRoute("/echo-json", echo_json),
            WebSocketRoute("/farewell/{code}", farewell),
            WebSocketRoute("/farewell-later", wait_for_close),
            WebSocketRoute("/refuse", refuse),
            WebSocketRoute("/deny", deny),
            WebSocketRoute("/break-down", break_down),
        ],
    )


app = create_app()
not_an_app = 3


@asynccontextmanager
async def _fail_to_start(_app: Starlette) -> AsyncIterator[None]:
    raise ConnectionError("no database")
    yield


cannot_start = Starlette(lifespan=_fail_to_start)


async def well(scope: Scope, receive: Receive, send: Send) -> None:
    """An app in which nothing is to be found."""
    if scope["type"] != "http":
        raise NotImplementedError
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"well"})


async def unwell(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that is well but for a header with capitals, which is warned about."""

    async def send_oddly(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [(b"X-Capital", b"yes")]}
        await send(message)

    await well(scope, receive, send_oddly)


async def acknowledging(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer each piece of a body when it comes."""
    if scope["type"] != "http":
        raise NotImplementedError
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        message = await receive()
        if message["body"]:
            piece = message["body"] + b"\n"
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if not message["more_body"]:
            break
    await send({"type": "http.response.body"})


async def slow(request: Request) -> Response:
    print("the app is asked", flush=True)
    await asyncio.sleep(60)
    return Response()


@asynccontextmanager
async def _tell_of_shutdown(_app: Starlette) -> AsyncIterator[None]:
    yield
    print("the app was shut down", flush=True)


telling = Starlette(
    lifespan=_tell_of_shutdown, routes=[Route("/endless", endless), Route("/slow", slow)]
)


async def lawless(scope: Scope, receive: Receive, send: Send) -> None:
    """Break a rule in whatever is asked."""
    if scope["type"] != "http":
        raise NotImplementedError
    await send({"type": "http.response.body", "body": b"too early"})
