"""The raw ASGI apps that the scenarios call.

They use nothing but asyncio, so that a client's cost is not hidden behind a framework's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = (
    "BIG_BODY",
    "CHUNK",
    "CHUNK_COUNT",
    "GREETING",
    "NEW_CHUNKS_PATH",
    "PAUSE_SECONDS",
    "PUSHED",
    "STREAM_BYTES",
    "App",
    "GuestBook",
    "Meeting",
    "Receive",
    "Scope",
    "Send",
    "count_upload",
    "echo_messages",
    "echo_order",
    "greet",
    "greet_known",
    "move_bytes",
    "new_started_app",
    "push_messages",
    "send_big_body",
    "stream_chunks",
    "two_chunks",
)

# ASGI leaves the values of scopes and messages untyped, hence `Any`.
Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

GREETING = b'{"hello":"world"}'
COOKIE = b"visitor=7"
CHUNK = b"x" * (64 * 1024)
BIG_BODY = CHUNK
CHUNK_COUNT = 160
STREAM_BYTES = len(CHUNK) * CHUNK_COUNT
NEW_CHUNKS_PATH = "/new-chunks"
PAUSE_SECONDS = 0.05
PUSHED = tuple(f"tick {number}" for number in range(1000))


def with_lifespan(answer: App) -> App:
    """Return an app that answers lifespan itself and leaves requests to `answer`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
        else:
            await answer(scope, receive, send)

    return app


async def live(receive: Receive, send: Send) -> None:
    """Answer startup and, whenever it comes, shutdown."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def send_start(send: Send, media_type: bytes) -> None:
    """Send a 200 start with one header."""
    headers = [(b"content-type", media_type)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def send_json(send: Send, body: bytes) -> None:
    """Send a whole JSON response in two messages."""
    await send_start(send, b"application/json")
    await send({"type": "http.response.body", "body": body})


@with_lifespan
async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every request with the same small JSON."""
    await send_json(send, GREETING)


@with_lifespan
async def greet_known(scope: Scope, receive: Receive, send: Send) -> None:
    """Greet who sends the cookie; give it to the others."""
    if any(name == b"cookie" and COOKIE in value for name, value in scope["headers"]):
        await send_json(send, GREETING)
        return
    headers = [(b"content-type", b"application/json"), (b"set-cookie", COOKIE)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


@with_lifespan
async def send_big_body(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with 64 KiB in one piece."""
    await send_start(send, b"application/octet-stream")
    await send({"type": "http.response.body", "body": BIG_BODY})


def new_started_app() -> App:
    """Return an app that answers 200 only between its own startup and shutdown."""
    is_started = False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal is_started
        if scope["type"] == "lifespan":
            is_started = True
            await live(receive, send)
            is_started = False
        elif is_started:
            await send_json(send, GREETING)
        else:
            raise RuntimeError("The client sent a request outside the lifespan.")

    return app


@with_lifespan
async def echo_order(scope: Scope, receive: Receive, send: Send) -> None:
    """Parse the JSON body and answer with the number of its items."""
    pieces = []
    more_body = True
    while more_body:
        message = await receive()
        pieces.append(message.get("body", b""))
        more_body = message.get("more_body", False)
    order = json.loads(b"".join(pieces))
    await send_json(send, b'{"items":%d}' % len(order["items"]))


@with_lifespan
async def count_upload(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the number of bytes received, keeping none of them."""
    received_bytes = 0
    more_body = True
    while more_body:
        message = await receive()
        received_bytes += len(message.get("body", b""))
        more_body = message.get("more_body", False)
    await send_json(send, b'{"bytes":%d}' % received_bytes)


@with_lifespan
async def move_bytes(scope: Scope, receive: Receive, send: Send) -> None:
    """Take an upload, or under the query `chunks=N` send N chunks of 64 KiB."""
    query = scope["query_string"]
    if not query:
        await count_upload(scope, receive, send)
        return
    await send_start(send, b"application/octet-stream")
    for _ in range(int(query.removeprefix(b"chunks="))):
        await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
    await send({"type": "http.response.body"})


@with_lifespan
async def stream_chunks(scope: Scope, receive: Receive, send: Send) -> None:
    """Send `STREAM_BYTES` in chunks of 64 KiB.

    The same bytes object goes out each time, so that the app costs next to nothing; under
    `NEW_CHUNKS_PATH` each chunk is a new one, so that peak memory shows what a client keeps.
    """
    is_new = scope["path"] == NEW_CHUNKS_PATH
    await send_start(send, b"application/octet-stream")
    for number in range(1, CHUNK_COUNT + 1):
        more_body = number < CHUNK_COUNT
        chunk = bytes(len(CHUNK)) if is_new else CHUNK
        await send({"type": "http.response.body", "body": chunk, "more_body": more_body})


@with_lifespan
async def two_chunks(scope: Scope, receive: Receive, send: Send) -> None:
    """Send one chunk, do nothing for `PAUSE_SECONDS`, send the second."""
    await send_start(send, b"text/plain")
    await send({"type": "http.response.body", "body": b"first", "more_body": True})
    # The pause is what the scenario is about: it tells streaming clients from buffering ones.
    await asyncio.sleep(PAUSE_SECONDS)
    await send({"type": "http.response.body", "body": b"second"})


async def accept(receive: Receive, send: Send) -> None:
    """Take `websocket.connect` and accept."""
    await receive()
    await send({"type": "websocket.accept"})


class GuestBook:
    """An app that accepts every WebSocket, counts it, and waits for its end."""

    def __init__(self) -> None:
        self.accepted = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        await accept(receive, send)
        self.accepted += 1
        await receive()


class Meeting:
    """An app that answers nobody before `guests` requests have arrived."""

    def __init__(self) -> None:
        self.guests = 1
        self.waiting: list[asyncio.Future[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        arrived = asyncio.get_running_loop().create_future()
        self.waiting.append(arrived)
        if len(self.waiting) == self.guests:
            for guest in self.waiting:
                guest.set_result(None)
            self.waiting = []
        await arrived
        await send_json(send, GREETING)


@with_lifespan
async def echo_messages(scope: Scope, receive: Receive, send: Send) -> None:
    """Send every text message back until the client goes."""
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


@with_lifespan
async def push_messages(scope: Scope, receive: Receive, send: Send) -> None:
    """Send all of `PUSHED`, one after another, for every message that comes."""
    await accept(receive, send)
    while (await receive())["type"] == "websocket.receive":
        for text in PUSHED:
            await send({"type": "websocket.send", "text": text})
