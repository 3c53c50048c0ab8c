"""What a driver is, and what all drivers share: waiting with a limit.

A driver lets a caller wait for something that runs in an event loop. Its methods are `async`
for everybody: the async driver suspends, a blocking driver blocks its thread and never suspends,
so that `finish` can run the same code for blocking callers. Nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Final, Protocol, TypeVar

from asgi_testkit.drive.application import FunctionCall, LoopCall
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.silence import Limit, SilenceError, no_limit
from asgi_testkit.drive.stalls import explain, interruption_note, stall_error
from asgi_testkit.drive.standing import Standing

__all__ = ("Driver", "finish", "no_step", "run_to_end")

T = TypeVar("T")


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
            SilenceError: the limit has passed, or nothing can happen any more.
            BaseException: whatever `first` or `poll` raised.
        """
        ...

    async def until_soon(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object],
        limit: Limit,
    ) -> T:
        """Do as `until`, of a call that runs, for what most apps do in their next step."""
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
            SilenceError: the time is up, or nothing can happen any more.
            BaseException: whatever `poll` raised.
        """
        ...

    def step(self) -> Awaitable[None]:
        """Let the app take a step while the caller takes none; for blocking callers nothing."""
        ...

    def block(self, call: LoopCall, poll: Callable[[], T | None], seconds: float | None) -> Any:
        """Do what `watch` does, without a coroutine: on blocking drivers only.

        What it returns is a `T`, of which mypy makes an `object` where that is a union.
        """
        ...

    def post(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)` while no other code runs in the loop, without waiting for it."""
        ...

    def when_at_rest(self, look: Callable[[], object]) -> bool:
        """Call `look()` when nothing is left to be done at once; called in the loop's thread.

        Returns:
            Whether it will be: not every loop can tell.
        """
        ...

    def look_for_leftovers(self) -> None:
        """Note whether the app has left anything; called at rest, when its calls are over."""
        ...

    async def run(
        self, function: Callable[[], Awaitable[T]], *, errands: Errands | None = None
    ) -> T:
        """Call a test's async function in the app's loop and return its result.

        Args:
            function: what is called.
            errands: what the caller's thread does meanwhile.

        Raises:
            StallError: it is proved that the function cannot go on.
        """
        ...

    def take_failures(self) -> list[Leak]:
        """Return what to say of the app's tasks that failed and that nobody awaited."""
        ...

    def standings(self, stepping: int | None = None) -> list[Standing]:
        """Return where the tasks of the app stand, and its threads; from any thread.

        Args:
            stepping: the ident of the thread that the loop runs in now, if it has none of its own.
        """
        ...


class _NoStep:
    """Awaited, it is over at once; one serves all."""

    def __await__(self) -> Generator[None]:
        return
        yield


_NO_STEP: Final = _NoStep()


def no_step() -> Awaitable[None]:
    """Return what is over at once: the `step` of blocking drivers."""
    return _NO_STEP


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


async def run_to_end(driver: Driver, call: FunctionCall[T], limit: Limit = no_limit) -> T:
    """Run a test's function on a blocking driver; a wait that is cut short cancels it.

    Raises:
        StallError: it is proved that it cannot go on, or the limit has passed.
    """
    __tracebackhide__ = True
    try:
        await driver.until(call, call.is_over, limit=limit)
    except SilenceError as silence:
        explained = explain(driver, call, silence)
        driver.post(call.cancel)
        raise stall_error(
            call, silence, explained, "it has not returned", kind="background"
        ) from None
    except KeyboardInterrupt as error:
        error.add_note(interruption_note(driver, call))
        driver.post(call.cancel)
        raise
    return call.result()
