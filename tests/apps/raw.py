"""Small raw apps: what an HTTP exchange can be made to do, without a framework.

Factories take a `log` to write into, or a `Gate` to wait at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TypeAlias

import anyio

from asgi_testkit.types import Message, Receive, Scope, Send

App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers: TypeAlias = Iterable[tuple[bytes, bytes]]

COLOUR: ContextVar[str] = ContextVar("colour", default="none")


class Gate:
    """A door that an app waits at; opened in the app's loop: `await client.run(gate.open)`."""

    def __init__(self) -> None:
        self._event = anyio.Event()

    async def wait(self) -> None:
        await self._event.wait()

    async def open(self) -> None:
        self._event.set()


# -- parts ------------------------------------------------------------------------------------


def http_app(function: App) -> App:
    """Return `function` with a lifespan that only answers."""

    @wraps(function)
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        else:
            await function(scope, receive, send)

    return app


async def answer_lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def start(send: Send, status: int = 200, headers: Headers = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})


async def piece(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def end(send: Send, body: bytes = b"") -> None:
    await send({"type": "http.response.body", "body": body})


async def answer(send: Send, body: bytes, status: int = 200, headers: Headers = ()) -> None:
    await start(send, status, headers)
    await end(send, body)


async def body_messages(receive: Receive) -> AsyncIterator[Message]:
    more = True
    while more:
        message = await receive()
        yield message
        more = message.get("more_body", False)


async def read_body(receive: Receive) -> bytes:
    return b"".join([message.get("body", b"") async for message in body_messages(receive)])


# -- whole apps -------------------------------------------------------------------------------


@http_app
async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, b"hello")


@http_app
async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, await read_body(receive))


def two_pieces_with_a_gate_between(gate: Gate) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"one")
        await gate.wait()
        await end(send, b"two")

    return app


def start_then_gate(gate: Gate) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, 201, [(b"x-early", b"yes")])
        await gate.wait()
        await end(send, b"late")

    return app


def uploads_into(log: list[str]) -> App:
    """Log the pieces of the request body."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async for message in body_messages(receive):
            log.append(f"got {message['body'].decode()}")  # noqa: PERF401
        await answer(send, b"done")

    return app


def talk(log: list[str]) -> App:
    """Answer each piece of the request body with one of the response."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        async for message in body_messages(receive):
            log.append(f"app got {message['body'].decode()}")
            await piece(send, message["body"].upper())
        await end(send)

    return app


@http_app
async def upload_sizes(scope: Scope, receive: Receive, send: Send) -> None:
    sizes = [str(len(message["body"])) async for message in body_messages(receive)]
    await answer(send, ",".join(sizes).encode())


@http_app
async def upload_total(scope: Scope, receive: Receive, send: Send) -> None:
    total = 0
    async for message in body_messages(receive):
        total += len(message["body"])
    await answer(send, str(total).encode())


def downloads(log: list[str], count: int, size: int) -> App:
    """Send `count` pieces of `size` bytes, logging each before it is sent."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        for number in range(count):
            log.append(f"made {number}")
            await piece(send, bytes(size))
        await end(send)

    return app


@dataclass
class Progress:
    """How far an app was ahead of its reader."""

    made: int = 0
    taken: int = 0
    furthest: int = 0

    def make(self, size: int) -> None:
        self.made += size
        self.furthest = max(self.furthest, self.made - self.taken)


def measured_download(progress: Progress, count: int, size: int) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        for _ in range(count):
            progress.make(size)
            await piece(send, bytes(size))
        await end(send)

    return app


def waits_for_disconnect(log: list[str], *, then: BaseException | None = None) -> App:
    """Send one piece, wait for the disconnect, send two more."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"one")
        async for message in body_messages(receive):
            log.append(message["type"])  # noqa: PERF401
        log.append((await receive())["type"])
        await piece(send, b"two")
        await end(send, b"three")
        log.append("sent into the void")
        if then is not None:
            raise then

    return app


def never_receives(log: list[str], gate: Gate) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"one")
        try:
            await gate.wait()
        except anyio.get_cancelled_exc_class():
            log.append("cancelled")
            raise
        await end(send)

    return app


def swallows_cancellation(log: list[str], gate: Gate) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"one")
        try:
            await gate.wait()
        except anyio.get_cancelled_exc_class():
            log.append("swallowed")
            with anyio.CancelScope(shield=True):
                await gate.wait()

    return app


def raises_before_start(exception: BaseException) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/well":
            await answer(send, b"well")
        else:
            raise exception

    return app


def raises_amid_body(exception: BaseException) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"one")
        raise exception

    return app


def raises_after_body(exception: BaseException) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"whole")
        raise exception

    return app


def logs_what_it_receives(log: list[str]) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async for message in body_messages(receive):
            log.append(message["type"])  # noqa: PERF401

    return app


def works_on(log: list[str], gate: Gate, *, then: BaseException | None = None) -> App:
    """Answer, wait at the gate, and log; then raise."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"whole")
        await gate.wait()
        log.append("worked")
        if then is not None:
            raise then

    return app


@http_app
async def paints(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the colour of the caller, and set another."""
    before = COLOUR.get()
    COLOUR.set("red")
    await answer(send, before.encode())


@http_app
async def waits_for_ever(scope: Scope, receive: Receive, send: Send) -> None:
    """Take the request, then wait for what comes next: the disconnect."""
    await read_body(receive)
    await receive()


def ignores_the_body(gate: Gate) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await gate.wait()

    return app


def ticks(seconds: float) -> App:
    """Send one byte after the other for so long."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        deadline = anyio.current_time() + seconds
        while anyio.current_time() < deadline:
            await piece(send, b".")
            await anyio.sleep(0)
        await end(send)

    return app
