"""What most apps do in their next step: the caller looks after it, and waits where it must."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from asgi_testkit.drive.application import FunctionCall
from asgi_testkit.drive.async_driver import AsyncDriver
from asgi_testkit.drive.asyncio_runtime import AsyncioRuntime
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.inline_driver import InlineDriver
from asgi_testkit.drive.silence import SilenceError, no_limit, within
from asgi_testkit.drive.thread_driver import AsyncioLoopThread, ThreadDriver

STEPS = 5


@pytest.fixture(params=[InlineDriver, lambda: ThreadDriver(AsyncioLoopThread())])
def driver(request: pytest.FixtureRequest) -> Iterator[InlineDriver | ThreadDriver]:
    driver: InlineDriver | ThreadDriver = request.param()
    yield driver
    driver.close()


class Stepping:
    """A function that takes some steps, counted from when it was let go."""

    def __init__(self) -> None:
        self.lets = 0
        self.steps = 0
        self.call = FunctionCall(self._run)

    async def _run(self) -> None:
        while not self.lets:
            await asyncio.sleep(0)
        for _ in range(STEPS):
            self.steps += 1
            await asyncio.sleep(0)

    def let(self) -> None:
        self.lets += 1

    def is_begun(self) -> bool | None:
        return True if self.steps else None


def test_what_comes_later_than_in_the_next_step_is_waited_for_and_let_go_once(
    driver: InlineDriver | ThreadDriver,
) -> None:
    stepping = Stepping()
    call = stepping.call
    driver.start(call)

    finish(driver.until_soon(call, call.is_over, first=stepping.let, limit=no_limit))

    assert (stepping.lets, stepping.steps) == (1, STEPS)


def test_inline_caller_takes_what_the_next_step_brings_and_no_further_step() -> None:
    driver, stepping = InlineDriver(), Stepping()
    driver.start(stepping.call)

    finish(driver.until_soon(stepping.call, stepping.is_begun, first=stepping.let, limit=no_limit))
    steps = stepping.steps
    driver.close()

    assert steps == 1


def test_async_caller_takes_what_the_next_step_brings_and_no_further_step() -> None:
    async def steps() -> int:
        driver, stepping = AsyncDriver(AsyncioRuntime(asyncio.get_running_loop())), Stepping()
        call, begun = stepping.call, stepping.is_begun
        driver.start(call)
        await driver.until_soon(call, begun, first=stepping.let, limit=no_limit)
        taken = stepping.steps
        await driver.until_soon(call, call.is_over, first=stepping.let, limit=no_limit)
        return taken

    assert asyncio.run(steps()) == 1


def test_what_never_comes_is_silence(driver: InlineDriver | ThreadDriver) -> None:
    never = FunctionCall(asyncio.Event().wait)
    driver.start(never)

    with pytest.raises(SilenceError):
        finish(
            driver.until_soon(never, never.is_over, first=lambda: None, limit=within(seconds=0.01))
        )
