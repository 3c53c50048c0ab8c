"""What a driver is, and what all drivers share: waiting with a limit.

A driver lets a caller wait for something that runs in an event loop. Its methods are `async`
for everybody: the async driver suspends, a blocking driver blocks its thread and never suspends,
so that `finish` can run the same code for blocking callers. Nothing is written twice.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from asgi_testkit.drive.application import LoopCall
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.errands import Errands

__all__ = ("Driver", "Limit", "SilenceError", "clock", "finish", "no_limit", "seconds_left")

T = TypeVar("T")

Limit: TypeAlias = Callable[[], float | None]
"""How many seconds of silence are allowed now; `None`: no limit."""

clock: Final = time.perf_counter


class SilenceError(Exception):
    """Nothing has crossed for as long as the limit allows; translated by whoever waits."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"nothing happened for {seconds:g} s")
        self.seconds = seconds


class Driver(Protocol):
    """Runs calls in an event loop and lets callers wait for them."""

    async def until(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object] | None = None,
        limit: Limit = ...,
    ) -> T:
        """Wait until `poll()` returns something that is not `None`, and return it.

        Args:
            call: what `poll` looks at; it is started if it was not.
            poll: called in the loop's thread, again whenever the call may have news.
            first: called once in the loop's thread before the first `poll`.
            limit: how long nothing may happen.

        Raises:
            SilenceError: the limit has passed.
            BaseException: whatever `first` or `poll` raised.
        """
        ...

    def start(self, call: LoopCall) -> None:
        """Start a call in the caller's context, without waiting for it."""
        ...

    async def watch(
        self, call: LoopCall, poll: Callable[[], T | None], *, seconds: float | None
    ) -> T:
        """Wait until `poll()` returns something that is not `None`, and return it.

        Unlike in `until`, `poll` is called in the caller's thread, which saves the way into the
        loop's: it may only look at what can be read from any thread.

        Args:
            call: what `poll` looks at; it runs.
            poll: called again whenever the call may have news.
            seconds: how long to wait; `None`: no limit.

        Raises:
            SilenceError: the time is up.
            BaseException: whatever `poll` raised.
        """
        ...

    def post(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)` while no other code runs in the loop, without waiting for it."""
        ...

    def post_later(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)` as `post` does, when the caller waits next or some milliseconds on."""
        ...

    async def run(
        self, function: Callable[[], Awaitable[T]], *, errands: Errands | None = None
    ) -> T:
        """Call a test's async function in the app's loop and return its result.

        Args:
            function: what is called.
            errands: what the caller's thread does meanwhile.
        """
        ...

    def take_failures(self) -> list[Leak]:
        """Return what to say of the app's tasks that failed and that nobody awaited."""
        ...


def no_limit() -> None:
    """Allow any silence."""
    return


def seconds_left(call: LoopCall, limit: Limit, *, since: float) -> float | None:
    """Return how long nothing may happen from now on; `None`: no limit.

    Silence counts from the last message, and not from before the wait began (`since`).

    Raises:
        SilenceError: the limit has passed.
    """
    allowed = limit()
    if allowed is None or call.last_at is None:
        return None
    left = max(call.last_at, since) + allowed - clock()
    if left <= 0:
        raise SilenceError(allowed)
    return left


def finish(coroutine: Coroutine[Any, Any, T]) -> T:  # what it yields is never used
    """Run a coroutine that never suspends, as all code on a blocking driver."""
    __tracebackhide__ = True
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    coroutine.close()
    raise AssertionError("A blocking driver's coroutine has suspended.")
