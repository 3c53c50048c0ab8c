"""Apps that note what they have opened and closed, each with awaits of its own kind.

FastAPI reads annotations at run time: the types of an endpoint's parameters stay importable here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import anyio
import anyio.to_thread
from anyio.lowlevel import checkpoint
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.events import start_events
from tests.apps.raw import App, answer, body_messages, end, http_app, piece, read_body, start

__all__ = ("CASES", "Case", "Log")


class Log:
    """What is open; empty when all that was opened was closed."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.opened: list[str] = []

    @contextmanager
    def noted(self, name: str) -> Generator[None]:
        self.open.append(name)
        self.opened.append(name)
        try:
            yield
        finally:
            self.open.remove(name)


def raw(log: Log) -> App:
    """Nest `try` and `finally`, with awaits in the latter."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with log.noted("outer"):
            await start(send)
            try:
                with log.noted("inner"):
                    await piece(send, b"one")
                    await receive()
                    try:
                        await piece(send, b"two")
                    finally:
                        with log.noted("clean-up"):
                            await checkpoint()
                    await checkpoint()
            finally:
                with log.noted("last"):
                    await checkpoint()
            await end(send)

    return app


def starlette_stream(log: Log) -> App:
    """Stream from a generator and go on in the background."""

    async def pieces() -> AsyncIterator[bytes]:
        with log.noted("generator"):
            for number in range(3):
                yield b"%d" % number
                await checkpoint()

    async def work() -> None:
        with log.noted("background"):
            await checkpoint()
            await checkpoint()

    async def endpoint(request: Request) -> StreamingResponse:
        with log.noted("endpoint"):
            await request.body()
            await checkpoint()
        return StreamingResponse(pieces(), background=BackgroundTask(work))

    return http_app(Starlette(routes=[Route("/", endpoint, methods=["POST"])]))


def fastapi_dependency(log: Log) -> App:
    """Depend on what is opened before the endpoint and closed after the response."""
    app = FastAPI()

    async def session() -> AsyncIterator[str]:
        with log.noted("session"):
            await checkpoint()
            try:
                yield "session"
            finally:
                await checkpoint()

    @app.post("/")
    async def endpoint(name: str = Depends(session)) -> dict[str, str]:
        with log.noted("endpoint"):
            await checkpoint()
            return {"name": name}

    return http_app(app)


def task_groups(log: Log) -> App:
    """Run children in a group of asyncio's and in one of anyio's."""

    async def child(name: str) -> None:
        with log.noted(name):
            for _ in range(3):
                await checkpoint()

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        async with asyncio.TaskGroup() as group:
            group.create_task(child("asyncio's first"))
            group.create_task(child("asyncio's second"))
            await piece(send, b"one")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(child, "anyio's first")
            tasks.start_soon(child, "anyio's second")
            await piece(send, b"two")
        await end(send)

    return app


def queue_and_lock(log: Log) -> App:
    """Hand the body through a queue to another task, and hold a lock meanwhile."""
    lock = asyncio.Lock()

    async def produce(receive: Receive, queue: asyncio.Queue[bytes | None]) -> None:
        with log.noted("producer"):
            async for message in body_messages(receive):
                await queue.put(message.get("body", b""))
            await queue.put(None)

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        async with lock, asyncio.TaskGroup() as tasks:
            with log.noted("locked"):
                tasks.create_task(produce(receive, queue))
                await start(send)
                while (body := await queue.get()) is not None:
                    await piece(send, body)
                await end(send)

    return app


def upload(log: Log) -> App:
    """Read the whole upload, then answer."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with log.noted("reading"):
            body = await read_body(receive)
        with log.noted("answering"):
            await answer(send, body)

    return app


def websocket_echo(log: Log) -> App:
    """Accept, and send back what comes until the client has gone."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with log.noted("connected"):
            await receive()
            await send({"type": "websocket.accept"})
            with log.noted("accepted"):
                while (message := await receive())["type"] == "websocket.receive":
                    await send({**message, "type": "websocket.send"})

    return app


def event_stream(log: Log) -> App:
    """Send events until the client has gone; a child listens for that."""

    async def listen(receive: Receive, scope: anyio.CancelScope) -> None:
        with log.noted("listening"):
            while (await receive())["type"] != "http.disconnect":
                pass
            scope.cancel()

    async def events() -> AsyncIterator[bytes]:
        with log.noted("events"):
            for number in range(4):
                yield b"data: %d\n\n" % number
                await checkpoint()

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen, receive, tasks.cancel_scope)
            await start_events(send)
            async with aclosing(events()) as feed:
                async for event in feed:
                    await piece(send, event)
            await end(send)

    return app


def context_manager(log: Log) -> App:
    """Use a context manager that awaits when it is entered and when it is left."""

    @asynccontextmanager
    async def connection() -> AsyncIterator[None]:
        with log.noted("connection"):
            await checkpoint()
            try:
                yield
            finally:
                with log.noted("closing"), anyio.CancelScope(shield=True):
                    await checkpoint()
                    await checkpoint()

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with connection():
            await start(send)
            await piece(send, await read_body(receive))
        await end(send)

    return app


def worker_thread(log: Log) -> App:
    """Have a thread do a part of the work."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with log.noted("app"):
            body = await read_body(receive)
            with log.noted("thread"):
                body = await anyio.to_thread.run_sync(bytes.upper, body)
            await answer(send, body)

    return app


CaseMaker: TypeAlias = Callable[[Log], App]


@dataclass(frozen=True)
class Case:
    """One app, and what it runs on."""

    make: CaseMaker
    is_websocket: bool = False
    runs_on_trio: bool = True

    def __str__(self) -> str:
        return self.make.__name__


CASES = (
    Case(raw),
    Case(starlette_stream, runs_on_trio=False),  # trio warns of generators that are left open
    Case(fastapi_dependency),
    Case(task_groups, runs_on_trio=False),
    Case(queue_and_lock, runs_on_trio=False),
    Case(upload),
    Case(websocket_echo, is_websocket=True),
    Case(event_stream),
    Case(context_manager),
    Case(worker_thread),
)
