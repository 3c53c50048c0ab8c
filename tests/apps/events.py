"""Small raw apps that send server-sent events, without a framework."""

from __future__ import annotations

import json

import anyio

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, Gate, Headers, answer, end, http_app, piece, read_body, start

EVENT_STREAM: Headers = ((b"content-type", b"text/event-stream"),)


# -- parts ------------------------------------------------------------------------------------


async def start_events(send: Send) -> None:
    await start(send, headers=EVENT_STREAM)


async def until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# -- whole apps -------------------------------------------------------------------------------


def sends(*pieces: bytes, headers: Headers = EVENT_STREAM, status: int = 200) -> App:
    """Send these pieces and end."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, status, headers)
        for each in pieces:
            await piece(send, each)
        await end(send)

    return app


def two_events_with_a_gate_between(gate: Gate) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start_events(send)
        await piece(send, b"data: one\n\n")
        await gate.wait()
        await end(send, b"data: two\n\n")

    return app


def endless(log: list[str]) -> App:
    """Take the request, and send events until the client is gone."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def listen() -> None:
            log.append((await receive())["type"])
            tasks.cancel_scope.cancel()

        await read_body(receive)
        await start_events(send)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            number = 0
            while True:
                number += 1
                await piece(send, b"data: %d\n\n" % number)
                await anyio.sleep(0)
        log.append("ended")

    return app


@http_app
async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    """Send one event, then nothing until the client is gone."""
    await start_events(send)
    await piece(send, b"data: one\n\n")
    await until_disconnect(receive)


def raises_after(exception: BaseException, *pieces: bytes) -> App:
    """Start, send these pieces, and raise."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start_events(send)
        for each in pieces:
            await piece(send, each)
        raise exception

    return app


def connections(requests: list[Scope], *streams: bytes | None) -> App:
    """Answer each connection with the next of `streams`, and with 204 where there is none."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        number = len(requests)
        requests.append({**scope, "at": anyio.current_time(), "body": await read_body(receive)})
        stream = streams[number] if number < len(streams) else None
        if stream is None:
            await answer(send, b"", 204)
        else:
            await answer(send, stream, headers=EVENT_STREAM)

    return app


@http_app
async def shows_the_request(scope: Scope, receive: Receive, send: Send) -> None:
    """Send one event that is the request, as JSON; redirect from `/old`."""
    if scope["path"] == "/old":
        await answer(send, b"", 307, [(b"location", b"/new")])
        return
    body = await read_body(receive)
    request = {
        "method": scope["method"],
        "target": scope["raw_path"].decode() + "?" + scope["query_string"].decode(),
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "body": body.decode(),
    }
    await answer(send, b"data: " + json.dumps(request).encode() + b"\n\n", headers=EVENT_STREAM)
