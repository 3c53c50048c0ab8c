"""The async driver: the app runs in the loop of whoever awaits, in a task of its own."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import TypeVar

from asgi_testkit.drive.application import LoopCall
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.runtime import Runtime, Wakeup
from asgi_testkit.drive.silence import Limit, Patience, no_limit
from asgi_testkit.drive.standing import Standing, survey, with_threads
from asgi_testkit.drive.watchdog import WATCHDOG
from asgi_testkit.errors import ClientStateError

__all__ = ("WRONG_LOOP", "AsyncDriver")

T = TypeVar("T")

WRONG_LOOP = (
    "The async client was entered, or its session opened, in one event loop and is used in another."
    "\nIts app lives in the loop it was entered in. Give the fixture and the test the same loop"
    " scope (pytest-asyncio: loop_scope=...), or enter a client per test."
)
"""What to say of a client that is used in another loop than its app's."""


class AsyncDriver:
    """See `Driver`."""

    __slots__ = ("runtime",)

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    async def until(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object] | None = None,
        limit: Limit = no_limit,
    ) -> T:
        """Wait until `poll()` returns something; see `Driver.until`."""
        __tracebackhide__ = True
        if first is not None:
            first()
        wait = Patience(call, limit, None, self, threading.get_ident())
        WATCHDOG.guard(wait)
        try:
            if call.task is None:
                call.start(self.runtime, copy_context())
                await self.runtime.let_run()
            result = poll()
            if result is None:
                result = await self._wait(call, poll, wait)
        finally:
            WATCHDOG.release(wait)
        if wait.silence is not None:
            raise wait.silence
        return result

    async def _wait(self, call: LoopCall, poll: Callable[[], T | None], wait: Patience) -> T:
        __tracebackhide__ = True
        waiters = self._waiters(call)
        try:
            while (result := poll()) is None:
                await waiters.wait(wait.seconds_left())
        finally:
            waiters.rest()
        return result

    def start(self, call: LoopCall) -> None:
        """Start the call in a task of its own."""
        call.start(self.runtime, copy_context())

    async def watch(
        self, call: LoopCall, poll: Callable[[], T | None], *, seconds: float | None
    ) -> T:
        """Wait until `poll()` returns something; see `Driver.watch`."""
        __tracebackhide__ = True
        await self.runtime.checkpoint()  # most apps answer in their next step
        if (result := poll()) is not None:
            return result
        if not self.runtime.is_here():
            raise ClientStateError(WRONG_LOOP)
        wait = Patience(call, None, seconds, self, threading.get_ident())
        WATCHDOG.guard(wait)
        waiters = call.waiters or self._waiters(call)
        try:
            while (result := poll()) is None:
                await waiters.wait(wait.seconds_left())
        finally:
            WATCHDOG.release(wait)
        if wait.silence is not None:
            raise wait.silence
        return result

    def standings(self, stepping: int | None = None) -> list[Standing]:
        """Return where the tasks of the app stand, and its threads."""
        standings = survey(self.runtime.tasks(), self.runtime.words)
        return with_threads(standings, loop_thread=stepping)

    def _waiters(self, call: LoopCall) -> Wakeup:
        if call.waiters is None:
            call.waiters = self.runtime.wakeup()
        return call.waiters

    def post(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)`: the caller is in the loop's thread already."""
        job(*args)

    async def run(
        self,
        function: Callable[[], Awaitable[T]],
        *,
        errands: Errands | None = None,  # noqa: ARG002 - there is no other thread
    ) -> T:
        """Await the function: the caller is in the app's loop already."""
        __tracebackhide__ = True
        return await function()
