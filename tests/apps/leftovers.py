"""Apps that start things and do not end them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from tests.apps.raw import App, answer_lifespan, end, start
from tests.apps.raw import http_app as with_lifespan

__all__ = (
    "breaks_off",
    "cancels_in_shutdown",
    "endless",
    "fails_in_a_task",
    "keeps_a_generator",
    "leaves_tasks",
    "own_factory",
    "plain_factory",
    "poll",
)


def plain_factory(loop: Any, coro: Any, **options: Any) -> asyncio.Task[Any]:
    return asyncio.Task(coro, loop=loop, **options)


async def poll() -> None:
    while True:
        await asyncio.sleep(3600)


async def fail(text: str) -> None:
    raise ValueError(text)


async def ticks() -> AsyncGenerator[int]:
    yield 1
    yield 2


async def endless() -> AsyncGenerator[bytes]:
    while True:
        yield b"row"


def leaves_tasks(tasks: list[asyncio.Task[None]], *, count: int = 1, seconds: float = 3600) -> App:
    """Start tasks at each request, which take so long."""

    async def work() -> None:
        await asyncio.sleep(seconds)

    @with_lifespan
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for number in range(count):
            tasks.append(asyncio.create_task(work(), name=f"worker {number}"))  # noqa: PERF401 - named
        await start(send)
        await end(send)

    return app


def cancels_in_shutdown(tasks: list[asyncio.Task[None]]) -> App:
    """Start a task at startup and cancel it in shutdown, as is right."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        task = asyncio.create_task(poll())
        tasks.append(task)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        task.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    return app


def fails_in_a_task(*, awaits: bool = False) -> App:
    """Start a task that fails at each request."""

    @with_lifespan
    async def app(scope: Any, receive: Any, send: Any) -> None:
        task = asyncio.create_task(fail("no such address"), name="mailer")
        if awaits:
            await asyncio.wait([task])
            task.exception()
        del task
        await asyncio.sleep(0)
        await start(send)
        await end(send)

    return app


def keeps_a_generator(kept: list[AsyncGenerator[int]]) -> App:
    """Begin a generator at each request, and keep it."""

    @with_lifespan
    async def app(scope: Any, receive: Any, send: Any) -> None:
        kept.append(ticks())
        await anext(kept[-1])
        await start(send)
        await end(send)

    return app


@with_lifespan
async def breaks_off(scope: Any, receive: Any, send: Any) -> None:
    """Leave a loop over a generator."""
    async for _ in ticks():
        break
    await start(send)
    await end(send)


def own_factory(tasks: list[asyncio.Task[None]]) -> App:
    """Put another task factory into the loop, and start a task then."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        loop = asyncio.get_running_loop()
        loop.set_task_factory(
            lambda loop, coro, **options: asyncio.Task(coro, loop=loop, **options)
        )
        tasks.append(asyncio.create_task(poll(), name="poller"))
        await start(send)
        await end(send)

    return app
