"""Leaving an app before it has ended: it is told, gets its grace time, and then is cancelled."""

from __future__ import annotations

from typing import Final

from asgi_testkit.drive.application import AppCall
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.silence import SilenceError

__all__ = ("disconnect",)

_PATIENCE_SECONDS: Final = 1.0  # for a cancelled app to take its cancellation


async def disconnect(call: AppCall, driver: Driver, *, grace: float) -> str | None:
    """Tell the app that the client is gone, and wait until its call has ended.

    After `grace` seconds it is cancelled.

    Returns:
        What to say of an app that goes on even then; `None`: it has ended.
    """
    try:
        await _wait_over(call, driver, grace)
    except SilenceError:
        return (
            f"The app went on after the client had left and its task was cancelled: {call.title}."
        )
    return None


async def _wait_over(call: AppCall, driver: Driver, grace: float) -> None:
    poll, seconds = call.exchange.client_wait_over, grace + _PATIENCE_SECONDS
    if call.is_lasting:
        driver.post(call.disconnect, grace)
        await driver.watch(call, poll, seconds=seconds)
        return
    await driver.until(call, poll, first=lambda: call.disconnect(grace), limit=lambda: seconds)
