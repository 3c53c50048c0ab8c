"""An app for clients over servers: it tells what it sees, and fails where it is asked to."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.background import BackgroundTask
from starlette.routing import Route

__all__ = ("LIFE", "app", "broken_startup")

LIFE: list[str] = []
"""What has happened to the app, in this process."""


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    LIFE.append("startup")
    yield {"opened": True}
    LIFE.append("shutdown")


app = FastAPI(lifespan=lifespan)


@asynccontextmanager
async def _breaking(_: FastAPI) -> AsyncIterator[None]:
    raise LookupError("no database")
    yield


broken_startup = FastAPI(lifespan=_breaking)


async def clock() -> str:
    return "noon"


@app.api_route("/seen", methods=["GET", "POST", "PUT"])
async def seen(request: Request) -> dict[str, Any]:
    """Tell what the app sees of a request."""
    return {
        "headers": [[name.decode(), value.decode()] for name, value in request.headers.raw],
        "url": str(request.url),
        "http_version": request.scope["http_version"],
        "client": list(request.scope["client"] or ()),
        "root_path": request.scope["root_path"],
        "state": {name: getattr(request.state, name, None) for name in ("opened", "given")},
        "process": os.getpid(),
        "body": (await request.body()).decode(),
    }


@app.get("/time")
async def time(now: str = Depends(clock)) -> str:
    return now


@app.get("/raise")
async def fail() -> None:
    raise LookupError("no such shelf")


@app.get("/cut")
async def cut() -> StreamingResponse:
    """Begin a response, and fail amid it."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await anyio.sleep(0.05)  # so that the first piece leaves the server
        raise LookupError("amid the body")

    return StreamingResponse(pieces())


@app.get("/background")
async def background() -> PlainTextResponse:
    """Answer, and work on."""

    async def work() -> None:
        await anyio.sleep(0.05)
        LIFE.append("worked")

    return PlainTextResponse("begun", background=BackgroundTask(work))


@app.get("/background/raise")
async def failing_background() -> PlainTextResponse:
    """Answer, and fail then."""

    async def work() -> None:
        raise LookupError("in the background")

    return PlainTextResponse("begun", background=BackgroundTask(work))


@app.get("/endless")
async def endless() -> StreamingResponse:
    """Stream until the client leaves."""

    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield b"piece"
            await anyio.sleep_forever()
        finally:
            LIFE.append("left")

    return StreamingResponse(pieces())


@app.post("/early")
async def early() -> PlainTextResponse:
    """Answer before the request is read."""
    return PlainTextResponse("too large", 413)


@app.get("/wide")
async def wide() -> PlainTextResponse:
    """Answer with a head that does not fit into one read of a socket."""
    return PlainTextResponse("wide", headers={"x-wide": "w" * 90_000})


@app.get("/endless/silent")
async def endless_silence() -> None:
    """Wait for ever."""
    await anyio.sleep_forever()


@app.get("/exit")
async def end_process() -> None:
    """End the process at once."""
    os._exit(3)


@app.get("/events")
async def events() -> StreamingResponse:
    """Send two events."""

    async def lines() -> AsyncIterator[str]:
        for number in (1, 2):
            yield f"id: {number}\ndata: {number}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


class Shout:
    """Answers each piece of a request before the next has come: an endpoint without a framework."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        is_whole = False
        while not is_whole:
            message = await receive()
            is_whole = not message.get("more_body", False)
            piece = message.get("body", b"").upper()
            await send({"type": "http.response.body", "body": piece, "more_body": not is_whole})


app.router.routes.append(Route("/shout", endpoint=Shout()))


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Send back what comes."""
    await websocket.accept(subprotocol=next(iter(websocket.scope["subprotocols"]), None))
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await websocket.send_text(message["text"])
        else:
            await websocket.send_bytes(message["bytes"])
    LIFE.append(f"closed {message['code']}")


@app.websocket("/closes")
async def closes(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close(4001, "enough")


@app.websocket("/rejects")
async def rejects(websocket: WebSocket) -> None:
    await websocket.close(4003, "not you")


@app.websocket("/denies")
async def denies(websocket: WebSocket) -> None:
    await websocket.send_denial_response(PlainTextResponse("Log in first.", 401))


@app.websocket("/fails")
async def fails(websocket: WebSocket) -> None:
    await websocket.accept()
    raise LookupError("amid the talk")
