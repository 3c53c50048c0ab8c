"""A call given up by the test: the app hears of it and ends, and the client goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anyio
import pytest
import trio

from asgi_testkit import AsyncTestClient
from tests.modes import run_in_mode
from tests.runners.app import App

LOG = ["startup", "http.disconnect", "ended", "shutdown"]


async def give_up_with_asyncio(client: AsyncTestClient) -> None:
    async with asyncio.timeout(None) as deadline:
        client.app.before_waiting = lambda: deadline.reschedule(0)
        await client.get("/wait")


async def give_up_with_anyio(client: AsyncTestClient) -> None:
    with anyio.move_on_after(None) as scope:
        client.app.before_waiting = lambda: setattr(scope, "deadline", anyio.current_time())
        await client.get("/wait")
    assert scope.cancelled_caught


async def give_up_with_trio(client: AsyncTestClient) -> None:
    with trio.move_on_after(60) as scope:
        client.app.before_waiting = lambda: setattr(scope, "deadline", trio.current_time())
        await client.get("/wait")
    assert scope.cancelled_caught


async def give_up_with_a_cancelled_task(client: AsyncTestClient) -> None:
    call = asyncio.create_task(client.get("/wait"))
    client.app.before_waiting = call.cancel
    await asyncio.wait([call])
    assert call.cancelled()


async def give_up_by_timeout(client: AsyncTestClient) -> None:
    with pytest.raises(TimeoutError, match=r"^$"):
        await give_up_with_asyncio(client)


ASYNCIO_WAYS = (give_up_by_timeout, give_up_with_anyio, give_up_with_a_cancelled_task)
WAYS = [
    *((loop, way) for loop in ("asyncio", "uvloop") for way in ASYNCIO_WAYS),
    *(("trio", way) for way in (give_up_with_anyio, give_up_with_trio)),
]


@pytest.mark.parametrize(("loop", "give_up"), WAYS)
def test_app_sees_the_disconnect_and_the_client_goes_on(
    loop: str, give_up: Callable[[AsyncTestClient], Any]
) -> None:
    app = App()

    async def test() -> None:
        async with AsyncTestClient(app) as client:
            await give_up(client)
            assert (await client.get("/")).text == "hello"

    run_in_mode(loop, test)

    assert app.log == LOG


@pytest.mark.parametrize(("loop", "give_up"), [way for way in WAYS if way[0] != "trio"])
def test_no_task_is_left_after_a_call_was_given_up(
    loop: str, give_up: Callable[[AsyncTestClient], Any]
) -> None:
    async def test() -> None:
        client = AsyncTestClient(App())
        await give_up(client)
        await client.get("/")

        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_in_mode(loop, test)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_cancelling_one_of_many_calls_leaves_the_others_alone(loop: str) -> None:
    async def test() -> None:
        async with AsyncTestClient(App()) as client:
            calls = [asyncio.create_task(client.get(f"/?{number}")) for number in range(20)]
            calls[7].cancel()
            results = await asyncio.gather(*calls, return_exceptions=True)

        assert isinstance(results.pop(7), asyncio.CancelledError)
        assert len({getattr(result, "text", None) for result in results}) == 19

    run_in_mode(loop, test)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_call_whose_app_has_not_taken_a_step_ends_quietly_with_its_loop(
    loop: str, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[asyncio.Task[Any]] = []

    async def test() -> None:
        calls.append(asyncio.create_task(AsyncTestClient(App()).get("/wait")))

    run_in_mode(loop, test)

    assert (caplog.records, calls[0].cancelled()) == ([], True)
