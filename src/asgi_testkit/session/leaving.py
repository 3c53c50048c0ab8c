"""Leaving an app before it has ended: it is told, gets its grace time, and then is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Final

from asgi_testkit.drive.application import AppCall
from asgi_testkit.drive.code_lines import raising_line, show_line
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.silence import SilenceError, within
from asgi_testkit.protocol.exchange import add_note_once

__all__ = ("disconnect", "noted_on")

_PATIENCE_SECONDS: Final = 1.0  # for a cancelled app to take its cancellation


async def disconnect(
    call: AppCall,
    driver: Driver,
    *,
    grace: float,
    tell: Callable[[], object] | None = None,
) -> str | None:
    """Tell the app that the client is gone, and wait until its call has ended.

    After `grace` seconds it is cancelled; without a grace time that is no news.

    Args:
        call: of the app.
        driver: what it runs on.
        grace: seconds.
        tell: tells the exchange how the client has left; left out: it just has.

    Returns:
        What to say of an app that was cancelled, or that goes on even then; `None`: it has ended
        by itself, or somebody was told.
    """
    poll, seconds = call.exchange.client_wait_over, grace + _PATIENCE_SECONDS
    tell = tell or call.exchange.client_disconnect
    try:
        if call.is_lasting:
            driver.post(call.disconnect, grace, tell)
            await driver.watch(call, poll, seconds=seconds)
        else:
            first = partial(call.disconnect, grace, tell)
            await driver.until(call, poll, first=first, limit=within(seconds))
    except SilenceError:
        return call.tell(
            f"The app went on after the client had left and its task was cancelled: {call.title}."
        )
    return _cancelled_text(call) if grace else None


def _cancelled_text(call: AppCall) -> str | None:
    exception = call.exchange.app_exception
    if call.task is None or not call.task.ran_out_of_grace or isinstance(exception, Exception):
        return None
    stood = None if exception is None else raising_line(exception)
    where = "" if stood is None else f"\nIt stood at {show_line(stood)}."
    return call.tell(
        f"The app had to be cancelled: it went on for the grace time after {call.title} was left."
        f"{where}\nPass grace=... to the client for more time or less."
    )


@contextmanager
def noted_on(error: Exception) -> Generator[None]:
    """Keep what goes wrong while a stream is left because of an error as a note on that error."""
    try:
        yield
    except Exception as late:  # noqa: BLE001 - what the test has raised must stay what is seen
        if late is not error:
            said = str(late) if isinstance(late, Warning) else repr(late)
            add_note_once(error, f"Then, when the stream was left: {said}")
