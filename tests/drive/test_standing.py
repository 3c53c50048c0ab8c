"""Where tasks stand is read from their coroutines, whatever lies between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from asgi_testkit.drive.standing import Standing, survey
from asgi_testkit.drive.views import TaskView

pytestmark = pytest.mark.asyncio


async def standing_of(coroutine: Coroutine[Any, Any, object]) -> Standing:
    """Return where a coroutine stands once it waits, run in a task."""
    task = asyncio.create_task(coroutine, name="it")
    for _ in range(3):
        await asyncio.sleep(0)
    (standing,) = survey([TaskView("it", task.get_coro())])
    task.cancel()
    await asyncio.wait([task])
    return standing


def functions(standing: Standing) -> list[str]:
    return [place.function for place in standing.places if place.is_apps]


async def waits() -> None:
    await asyncio.Event().wait()


async def test_task_stands_where_its_innermost_await_is() -> None:
    async def outer() -> None:
        await waits()

    standing = await standing_of(outer())

    assert (standing.title, standing.waits_for) == ("task 'it'", "an event to be set")
    assert functions(standing) == ["outer", "waits"]


async def test_loop_over_an_async_generator_is_followed_into_it() -> None:
    async def numbers() -> AsyncIterator[int]:
        await waits()
        yield 1

    async def outer() -> None:
        async for _ in numbers():
            pass

    assert functions(await standing_of(outer())) == ["outer", "numbers", "waits"]


async def test_entering_of_a_context_manager_is_followed_into_it() -> None:
    @asynccontextmanager
    async def entered() -> AsyncIterator[None]:
        await waits()
        yield

    async def outer() -> None:
        async with entered():
            pass

    assert functions(await standing_of(outer())) == ["outer", "entered", "waits"]


async def test_own_await_method_is_followed_into_what_it_returns() -> None:
    class Awaited:
        def __await__(self) -> Any:
            return waits().__await__()

    async def outer() -> None:
        await Awaited()

    assert functions(await standing_of(outer())) == ["outer", "waits"]


async def test_task_that_awaits_another_is_told_with_its_name() -> None:
    other = asyncio.create_task(waits(), name="other")

    async def outer() -> None:
        await other

    standing = await standing_of(outer())

    assert standing.waits_for == "the task 'other'"


async def test_running_task_waits_for_nothing() -> None:
    task = asyncio.current_task()
    assert task is not None

    (standing,) = survey([TaskView("it", task.get_coro())])

    assert (standing.is_running, standing.waits_for) == (True, "")
