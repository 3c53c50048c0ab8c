"""Small apps for HTTP: each does one thing, and notes what it sees beside messages."""

from __future__ import annotations

import asyncio
from typing import Final

from asgi_testkit.types import Receive, Scope, Send
from tests.conformance.recording import note, reached
from tests.conformance.registry import app

__all__ = ("SHORTLY", "respond", "seen_shortly", "whole_body")

SHORTLY: Final = 0.5  # seconds in which a message comes that comes at once


async def respond(send: Send, body: bytes, status: int = 200) -> None:
    """Send a whole response, with its length."""
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def whole_body(receive: Receive) -> bytes:
    """Receive to the end of the request body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


async def start_stream(send: Send) -> None:
    """Send a start without a length."""
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def seen_shortly(receive: Receive) -> str:
    """Return the type of the next message, or say that none comes."""
    try:
        message = await asyncio.wait_for(receive(), SHORTLY)
    except TimeoutError:
        return "nothing comes"
    return f"then {message['type']}"


@app
async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the request body."""
    await respond(send, await whole_body(receive))


@app
async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once."""
    await respond(send, b"hello")


@app
async def state_change(scope: Scope, receive: Receive, send: Send) -> None:
    """Set a key of the state."""
    if "state" in scope:
        note(f"set before: {'own' in scope['state']}")
        scope["state"]["own"] = 1
    await respond(send, b"hello")


@app
async def third_receive(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive once more when the body is whole: nothing may come before the client leaves."""
    await whole_body(receive)
    note(await seen_shortly(receive))
    await respond(send, b"hello")


@app
async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse the body without a look at it."""
    await respond(send, b"no", 417)


@app
async def count(scope: Scope, receive: Receive, send: Send) -> None:
    """Note how much of the body is there, with each piece."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
        if message.get("body"):
            note(f"has {size}")
    await respond(send, b"hello")


@app
async def hello_early(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the first piece."""
    await receive()
    await respond(send, b"hello")


@app
async def duplex(scope: Scope, receive: Receive, send: Send) -> None:
    """Send each piece back as it comes."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    more = True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if message.get("body"):
            piece = {"body": message["body"], "more_body": True}
            await send({"type": "http.response.body", **piece})
    await send({"type": "http.response.body"})


@app
async def two_pieces(scope: Scope, receive: Receive, send: Send) -> None:
    """Send a piece, wait until the client has it, and send another."""
    await start_stream(send)
    await send({"type": "http.response.body", "body": b"one", "more_body": True})
    note("one")
    await reached("client has one")
    await send({"type": "http.response.body", "body": b"two"})


@app
async def start_first(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the start, wait until the client has it, and send the body."""
    await start_stream(send)
    await reached("client has the head")
    await send({"type": "http.response.body", "body": b"hello"})


@app
async def start_and_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Send the start and a piece of nothing, wait until the client has the head, and go on."""
    await start_stream(send)
    await send({"type": "http.response.body", "body": b"", "more_body": True})
    await reached("client has the head")
    await send({"type": "http.response.body", "body": b"hello"})


@app
async def works_on(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, and end only when the client has the whole answer."""
    await respond(send, b"hello")
    await reached("client has all")
    note("worked on")


@app
async def until_gone(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait until the client leaves, before the response."""
    await whole_body(receive)
    note("waits")
    await receive()


@app
async def until_gone_twice(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive once more after the client has left."""
    await whole_body(receive)
    note("waits")
    await receive()
    note(await seen_shortly(receive))


@app
async def sends_after_gone(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a client that has left."""
    await whole_body(receive)
    note("waits")
    await receive()
    await respond(send, b"hello")


@app
async def streams_until_gone(scope: Scope, receive: Receive, send: Send) -> None:
    """Send a piece, wait until the client leaves, and send another."""
    await whole_body(receive)
    await start_stream(send)
    await send({"type": "http.response.body", "body": b"one", "more_body": True})
    await receive()
    await send({"type": "http.response.body", "body": b"two"})


@app
async def reads_until_gone(scope: Scope, receive: Receive, send: Send) -> None:
    """Read a body that is never finished."""
    while (message := await receive())["type"] == "http.request":
        if message.get("body"):
            note("has some")


@app
async def two_receives(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait for the body in two tasks at once; one of them waits on."""
    tasks = [asyncio.create_task(receive()) for _ in range(2)]
    done, waiting = await asyncio.wait(tasks, timeout=SHORTLY)
    note(f"{len(done)} came")
    for task in waiting:
        task.cancel()
    await respond(send, b"hello")


@app
async def after_response(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive twice after the response."""
    await whole_body(receive)
    await respond(send, b"hello")
    for _ in range(2):
        note(await seen_shortly(receive))


@app
async def receives_at_last(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive the body only after the response."""
    await respond(send, b"hello")
    note(await seen_shortly(receive))


@app
async def sends_a_lot(scope: Scope, receive: Receive, send: Send) -> None:
    """Send 8 MB to a client that reads nothing, until `send` waits."""
    await start_stream(send)
    piece = {"type": "http.response.body", "body": b"x" * 65536, "more_body": True}
    try:
        async with asyncio.timeout(SHORTLY):
            for _ in range(256):
                await send(piece)
    except TimeoutError:
        note("send waits")
    else:
        note("send never waits")
    note("sent")


@app
async def fails_after(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail when the response is out."""
    await respond(send, b"hello")
    raise ValueError("too late")
