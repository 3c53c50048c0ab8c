"""`TimedLifespanManager`: asgi-lifespan's parameters, errors and words."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Awaitable, Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import anyio
import httpx2
import pytest

from asgi_testkit import ASGIRuleError, ASGITransport, LifespanFailed, replace_testclient
from asgi_testkit.errors import TestkitError
from asgi_testkit.replacing.lifespans import TimedLifespanManager
from tests.apps.lives import full, living
from tests.replacing.apps import doubtful, no_lifespan, slow_start, slow_stop

App = Callable[..., Awaitable[None]]


async def enter(manager: TimedLifespanManager) -> None:
    async with manager:
        pass


@pytest.mark.parametrize("app", [slow_start, slow_stop])
def test_an_app_that_is_silent_for_too_long_is_a_timeout(app: App) -> None:
    manager = TimedLifespanManager(app, 0.01, 0.01)

    with pytest.raises(TimeoutError, match=r"did not answer 'lifespan\.s") as raised:
        asyncio.run(enter(manager))

    assert isinstance(raised.value, LifespanFailed)


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_an_app_is_cancelled_and_not_shut_down_where_the_block_has_raised(
    library: str, fails: bool
) -> None:
    received: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            while True:
                received.append((await receive())["type"])
                await send({"type": f"{received[-1]}.complete"})
        except BaseException:
            await send({"type": "lifespan.shutdown.failed"})
            if fails:
                raise OSError("the disk is gone") from None
            raise

    async def test() -> None:
        async with TimedLifespanManager(app):
            raise KeyError("block")

    with pytest.raises(BaseException) as raised:  # noqa: PT011 - which one is asserted below
        anyio.run(test, backend=library)

    assert received == ["lifespan.startup"]
    assert (
        _kinds(raised.value)
        == {
            (False, "asyncio"): {KeyError},
            (False, "trio"): {KeyError},
            (True, "asyncio"): {OSError},
            (True, "trio"): {KeyError, OSError},
        }[fails, library]
    )


def _kinds(error: BaseException) -> set[type[BaseException]]:
    if isinstance(error, BaseExceptionGroup):
        return {type(each) for each in error.exceptions}
    return {type(error)}


@pytest.mark.parametrize("app", [slow_start, slow_stop])
def test_a_timeout_in_a_blocking_test_is_one_too(app: App) -> None:
    with pytest.raises(TimeoutError, match="answer"), TimedLifespanManager(app, 0.01, 0.01):
        pass


def test_the_timeouts_have_asgi_lifespans_names_order_and_defaults() -> None:
    defaults = TimedLifespanManager(slow_stop)
    given = TimedLifespanManager(slow_stop, 1, None)

    assert (defaults.startup_timeout, defaults.shutdown_timeout) == (5, 5)
    assert (given.startup_timeout, given.shutdown_timeout) == (1, None)


def test_an_app_without_lifespan_is_refused_with_what_it_raised() -> None:
    with pytest.raises(TestkitError, match=r"instead of answering 'lifespan\.startup'") as refused:
        asyncio.run(enter(TimedLifespanManager(no_lifespan)))

    assert isinstance(refused.value.__cause__, AssertionError)


def test_an_app_that_answers_a_lifespan_as_a_request_is_refused_too() -> None:
    with pytest.raises(TestkitError, match="instead of answering") as refused:
        asyncio.run(enter(TimedLifespanManager(doubtful)))

    assert isinstance(refused.value.__cause__, ASGIRuleError)


def test_a_refused_manager_can_be_entered_again_and_has_left_nothing() -> None:
    manager = TimedLifespanManager(no_lifespan)

    for _ in range(2):
        with pytest.raises(TestkitError, match="instead of answering"):
            asyncio.run(enter(manager))


async def state_of(manager: TimedLifespanManager) -> str:
    async with httpx2.AsyncClient(transport=ASGITransport(manager.app)) as client, manager:
        return (await client.get("http://testserver/")).text


def test_a_transport_that_was_made_before_the_block_sees_the_lifespans_state_in_it() -> None:
    manager = TimedLifespanManager(living(full([])))

    assert asyncio.run(state_of(manager)) == '{"name": "db", "shared": []}'


def asgi_lifespan() -> ModuleType:
    module = import_module("asgi_lifespan")
    assert isinstance(module, ModuleType)
    return module


def test_under_the_drop_in_the_error_is_asgi_lifespans() -> None:
    library = asgi_lifespan()

    with (
        replace_testclient("asgi_lifespan"),
        pytest.raises(library.LifespanNotSupported, match="instead of answering"),
        warnings.catch_warnings(),
    ):
        asyncio.run(enter(library.LifespanManager(no_lifespan)))

    assert library.LifespanManager is not TimedLifespanManager
