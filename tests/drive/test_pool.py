"""The pool: drivers are used again when their loop is clean, and ended when not."""

from __future__ import annotations

import asyncio
import threading

import pytest

from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.pool import POOL, DriverKind, DriverSpec

KINDS: tuple[DriverKind, ...] = ("thread", "inline")


@pytest.mark.parametrize("kind", KINDS)
def test_driver_that_is_given_back_clean_is_leased_again(kind: DriverKind) -> None:
    spec = DriverSpec(kind)
    first = POOL.lease(spec)
    POOL.give_back(spec, first)

    second = POOL.lease(spec)

    POOL.give_back(spec, second)
    assert second is first


@pytest.mark.parametrize("kind", KINDS)
def test_tasks_that_an_app_left_behind_are_cancelled(kind: DriverKind) -> None:
    spec = DriverSpec(kind)
    driver = POOL.lease(spec)
    left: list[asyncio.Task[bool]] = []

    async def leave_a_task() -> None:
        left.append(asyncio.create_task(asyncio.Event().wait()))
        await asyncio.sleep(0)

    finish(driver.run(leave_a_task))
    POOL.give_back(spec, driver)

    assert left[0].cancelled()


def test_driver_with_a_deaf_task_is_ended_and_warned_about() -> None:
    spec = DriverSpec("thread")
    driver = POOL.lease(spec)
    stop = asyncio.Event()

    async def be_deaf() -> None:
        while not stop.is_set():
            try:
                await stop.wait()
            except asyncio.CancelledError:
                if threading.main_thread().is_alive():
                    deaf_for.append(1)
                if len(deaf_for) > 1:
                    raise

    deaf_for: list[int] = []

    async def leave_a_deaf_task() -> None:
        tasks.append(asyncio.create_task(be_deaf()))
        await asyncio.sleep(0)

    tasks: list[asyncio.Task[None]] = []
    finish(driver.run(leave_a_deaf_task))

    (leak,) = POOL.give_back(spec, driver)

    replacement = POOL.lease(spec)
    POOL.give_back(spec, replacement)
    assert (replacement is not driver, "went on after it was cancelled" in leak.text) == (
        True,
        True,
    )


def test_never_entered_clients_share_one_driver() -> None:
    spec = DriverSpec("thread")

    assert POOL.shared(spec) is POOL.shared(spec)
