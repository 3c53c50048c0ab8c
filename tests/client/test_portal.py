"""`client.portal`: functions, tasks and async context managers in the app's loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import anyio
import pytest

from asgi_testkit import TestClient
from asgi_testkit.client.portal import Portal
from tests.apps.lives import full, living
from tests.apps.raw import Gate

APP = living(full([]))
USER: ContextVar[str] = ContextVar("USER", default="nobody")


async def fail() -> None:
    raise KeyError("of the task")


async def user() -> str:
    return USER.get()


@asynccontextmanager
async def connected(log: list[str], *, quiet: bool = False) -> AsyncGenerator[str]:
    task = asyncio.current_task()
    async with anyio.create_task_group():  # may only be left by the task that entered it
        try:
            yield "connection"
        except ValueError:
            log.append("failed")
            if not quiet:
                raise
        assert asyncio.current_task() is task
    log.append("closed")


@pytest.fixture(params=["thread", "inline"])
def portal(request: pytest.FixtureRequest) -> Generator[Portal]:
    with TestClient(APP, driver=request.param) as client:
        yield client.portal


def test_a_task_goes_on_while_the_test_does_other_things(portal: Portal) -> None:
    gate = Gate()

    future = portal.start_task_soon(gate.wait, name="waiting")

    assert not future.done()
    portal.call(gate.open)
    assert future.result(5) is None


def test_what_a_task_raises_is_in_its_future(portal: Portal) -> None:
    assert isinstance(portal.start_task_soon(fail).exception(5), KeyError)


def test_a_task_sees_the_context_of_who_started_it(portal: Portal) -> None:
    token = USER.set("kim")

    future = portal.start_task_soon(user)

    USER.reset(token)
    assert future.result(5) == "kim"


def test_a_plain_function_can_be_a_task(portal: Portal) -> None:
    assert portal.start_task_soon(max, 1, 2).result(5) == 2


def test_an_async_context_manager_is_entered_and_left_in_one_task(portal: Portal) -> None:
    log: list[str] = []

    with portal.wrap_async_context_manager(connected(log)) as connection:
        time.sleep(0.2)  # longer than a stall takes to be proved
        log.append(connection)

    assert log == ["connection", "closed"]


def test_a_context_manager_sees_the_error_of_its_block_and_may_suppress_it(portal: Portal) -> None:
    log: list[str] = []

    with portal.wrap_async_context_manager(connected(log, quiet=True)):
        raise ValueError("of the block")

    assert log == ["failed", "closed"]


def test_an_error_that_is_not_suppressed_is_raised(portal: Portal) -> None:
    log: list[str] = []

    with (
        pytest.raises((ValueError, ExceptionGroup), match=r"of the block|unhandled errors"),
        portal.wrap_async_context_manager(connected(log)),
    ):
        raise ValueError("of the block")

    assert log == ["failed"]


def test_a_context_manager_that_cannot_be_entered_raises_why(portal: Portal) -> None:
    @asynccontextmanager
    async def broken() -> AsyncGenerator[None]:
        raise KeyError("no connection")
        yield

    with (
        pytest.raises(KeyError, match="no connection"),
        portal.wrap_async_context_manager(broken()),
    ):
        pass
