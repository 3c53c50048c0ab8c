"""Silence: how long one wait may go on without news, and that it has lasted too long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from asgi_testkit.drive.stacks import is_debugger_at_prompt
from asgi_testkit.settings import SETTINGS

__all__ = ("Limit", "Patience", "SilenceError", "clock", "no_limit", "within")

Limit: TypeAlias = Callable[[], float | None]
"""How many seconds of silence are allowed now; `None`: no limit."""

clock: Final = time.perf_counter

_LOOK_AGAIN_SECONDS: Final = 0.05  # while a debugger is at its prompt


class SilenceError(Exception):
    """Nothing has crossed for too long; translated by whoever waits.

    Attributes:
        seconds: how long.
        is_proved: nothing can ever happen any more, though the limit has not passed.
        report: what was seen when the limit passed, where the app blocked the waiting thread.
    """

    def __init__(self, seconds: float, *, is_proved: bool = False) -> None:
        super().__init__(f"nothing happened for {seconds:g} s")
        self.seconds = seconds
        self.is_proved = is_proved
        self.report = ""


class _Heard(Protocol):
    @property
    def last_at(self) -> float | None: ...


def no_limit() -> None:
    """Allow any silence."""
    return


def within(seconds: float | None) -> Limit:
    """Return a limit that is always the same."""
    return lambda: seconds


class Patience:
    """The silence of one wait, which counts from the last message, not from before the wait.

    Nor does the time count in which a debugger is at its prompt.

    Attributes:
        began_at: when the wait began.
    """

    __slots__ = ("_heard", "_limit", "_since", "began_at")

    def __init__(self, limit: Limit, heard: _Heard | None = None) -> None:
        self._limit = limit
        self._heard = heard
        self._since = self.began_at = clock()

    def seconds_left(self) -> float | None:
        """Return how long nothing may happen from now on; `None`: no limit.

        Raises:
            SilenceError: the limit has passed.
        """
        allowed = self._limit()
        if allowed is None:
            return None
        if SETTINGS.prompt.is_open:
            self._since = clock()
            return _LOOK_AGAIN_SECONDS
        left = self._last_at() + allowed - clock()
        if left > 0:
            return left
        if allowed and is_debugger_at_prompt():
            self._since = clock()
            return _LOOK_AGAIN_SECONDS
        raise SilenceError(allowed)

    @property
    def proved(self) -> SilenceError:
        """What to raise where it is proved that the wait has no end."""
        return SilenceError(clock() - self.began_at, is_proved=True)

    def _last_at(self) -> float:
        heard = None if self._heard is None else self._heard.last_at
        since = max(self._since, SETTINGS.prompt.left_at)
        return since if heard is None else max(since, heard)
