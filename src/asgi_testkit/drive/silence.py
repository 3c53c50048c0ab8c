"""Silence: how long one wait may go on without news, and that it has lasted too long."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from asgi_testkit.drive.stacks import is_debugger_at_prompt
from asgi_testkit.errors import StallError
from asgi_testkit.settings import SETTINGS, clock

if TYPE_CHECKING:
    from asgi_testkit.drive.application import LoopCall
    from asgi_testkit.drive.driver import Driver

__all__ = ("Limit", "Patience", "SilenceError", "Steady", "clock", "no_limit", "within")

Limit: TypeAlias = Callable[[], float | None]
"""How many seconds of silence are allowed now; `None`: no limit."""


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


class Steady:
    """A limit that stays the same while it is waited, so that nobody has to ask again.

    Attributes:
        seconds: of silence; `None`: any.
        ends_at: when it is looked whether the wait has lasted too long, silent or not; on the
            drivers' clock.
    """

    __slots__ = ("_end", "ends_at", "seconds")

    def __init__(
        self,
        seconds: float | None,
        ends_at: float = math.inf,
        end: Callable[[], None] | None = None,
    ) -> None:
        self.seconds = seconds
        self.ends_at = ends_at
        self._end = end  # raises where the wait has lasted too long

    def __call__(self) -> float | None:
        """Return the seconds.

        Raises:
            StallError: the wait has lasted too long.
        """
        if self._end is not None and clock() >= self.ends_at:
            self._end()
            self.ends_at = math.inf
        return self.seconds


no_limit: Final = Steady(None)
"""Allows any silence."""


def within(seconds: float | None) -> Steady:
    """Return a limit that is always the same."""
    return Steady(seconds)


class Patience:
    """The silence of one wait, which counts from the last message, not from before the wait.

    Nor does the time count in which a debugger is at its prompt.

    Attributes:
        call: what is waited for; its messages break the silence, unless `seconds` are given.
        place: the driver that is waited on; the watchdog asks it where the app stands.
        thread_id: the waiting thread, which the app may block; 0: it cannot.
        began_at: when the wait began.
        silence: what is to be raised, once the watchdog has reported.
        is_hopeless: it is proved that the wait has no end; noted for this wait and no other, since
            its caller may be about to give up and to wait for something else.
        ring: wakes a thread that sleeps without a time limit of its own, at `looks_up_at`.
    """

    __slots__ = (
        "_limit",
        "_seconds",
        "_since",
        "_steady",
        "began_at",
        "call",
        "is_hopeless",
        "looks_up_at",
        "place",
        "ring",
        "silence",
        "thread_id",
    )

    def __init__(
        self,
        call: LoopCall,
        limit: Limit | None = None,
        seconds: float | None = None,
        place: Driver | None = None,
        thread_id: int = 0,
    ) -> None:
        self.call = call
        self.place = place
        self.thread_id = thread_id
        self.silence: SilenceError | None = None
        self.is_hopeless = False
        self.ring: Callable[[], None] | None = None
        self.looks_up_at = math.inf
        self._steady: Steady | None = limit if isinstance(limit, Steady) else None
        self._limit = limit
        self._seconds = seconds
        self._since = self.began_at = clock()

    def seconds_left(self) -> float | None:
        """Return how long nothing may happen from now on; `None`: no limit.

        It may tell less than there is: whoever waits asks again.

        Raises:
            SilenceError: the limit has passed.
        """
        allowed = self._seconds if self._limit is None else self._limit()
        if allowed is None:
            return None
        passes_at = self._since + allowed
        left = passes_at - clock()
        if left > 0:
            steady = self._steady
            return left if steady is None or passes_at <= steady.ends_at else self._until_end()
        return self._look_closely(allowed)

    def _until_end(self) -> float:
        return math.inf if self._steady is None else max(self._steady.ends_at - clock(), 0.0)

    def _look_closely(self, allowed: float) -> float:
        prompt = SETTINGS.prompt
        self._since = max(self._since, prompt.left_at, self._heard_at())
        left = self._since + allowed - clock()
        if left > 0:
            return min(left, self._until_end())
        if prompt.is_open or (allowed and is_debugger_at_prompt()):
            self._since = clock()
            return min(allowed, _LOOK_AGAIN_SECONDS)
        raise SilenceError(allowed)

    def deadline(self) -> float:
        """Return when the limit passes if nothing happens until then."""
        try:
            allowed = self._seconds if self._limit is None else self._limit()
        except StallError:  # a total limit has passed
            return -math.inf
        if allowed is None:
            return math.inf
        silent_since = max(self._since, SETTINGS.prompt.left_at, self._heard_at())
        ends_at = math.inf if self._steady is None else self._steady.ends_at
        return min(silent_since + allowed, ends_at)

    @property
    def is_impatient(self) -> bool:
        """Whether there is to be no waiting at all."""
        return self._seconds == 0

    @property
    def proved(self) -> SilenceError:
        """What to raise where it is proved that the wait has no end."""
        return SilenceError(clock() - self.began_at, is_proved=True)

    def _heard_at(self) -> float:
        heard = self.call.last_at if self._limit is not None else None
        return self._since if heard is None else heard
