"""The async driver: the app runs in the loop of whoever awaits, in a task of its own."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context
from typing import TypeVar

from asgi_testkit.drive.application import LoopCall
from asgi_testkit.drive.asyncio_runtime import AsyncioRuntime
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.leftovers import failure_leaks, settle
from asgi_testkit.drive.offspring import Offspring, offspring_of
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

    __slots__ = ("_offspring", "runtime", "step")

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.step = runtime.checkpoint
        self._offspring: Offspring | None = None

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
        try:
            WATCHDOG.guard(wait)
            if call.task is None:
                call.start(self.runtime, self._context())
                await self.runtime.let_run()
            result = poll()
            if result is None:
                result = await self._wait(call, poll, wait)
        finally:
            WATCHDOG.release(wait)
        if wait.silence is not None:
            raise wait.silence
        return result

    async def until_soon(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object],
        limit: Limit,
    ) -> T:
        """Let the app take a step and look, before anything is prepared for a wait."""
        __tracebackhide__ = True
        first()
        if (result := poll()) is not None:
            return result
        wait = Patience(call, limit, None, self, threading.get_ident())
        try:
            WATCHDOG.guard(wait)
            await self.step()
        finally:
            WATCHDOG.release(wait)
        if wait.silence is not None:
            raise wait.silence
        result = poll()
        return result if result is not None else await self.until(call, poll, limit=limit)

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
        call.start(self.runtime, self._context())

    def _context(self) -> Context:
        """Return a copy of the caller's context; what is started in it is noted as the app's."""
        context = copy_context()
        if self._offspring is not None:
            self._offspring.mark(context, self)
            self._offspring.hook_generators()  # the loop may run anew since the client was entered
        return context

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
        waiters = call.waiters or self._waiters(call)
        try:
            WATCHDOG.guard(wait)
            while wait.silence is None:  # else what the poll would take were lost
                if (result := poll()) is not None:
                    return result
                await waiters.wait(wait.seconds_left())
        finally:
            WATCHDOG.release(wait)
        raise wait.silence

    def block(self, call: LoopCall, poll: Callable[[], T | None], seconds: float | None) -> T:  # noqa: ARG002
        """Raise: nobody may block the loop that the app runs in."""
        raise AssertionError("The async driver does not block.")

    def standings(self, stepping: int | None = None) -> list[Standing]:
        """Return where the tasks of the app stand, and its threads."""
        standings = survey(self.runtime.tasks())
        return with_threads(standings, loop_thread=stepping)

    def _waiters(self, call: LoopCall) -> Wakeup:
        if call.waiters is None:
            call.waiters = self.runtime.wakeup()
        return call.waiters

    def post(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)`: the caller is in the loop's thread already."""
        job(*args)

    def when_at_rest(self, look: Callable[[], object]) -> bool:  # noqa: ARG002 - never called
        """Return false: the loop is the test's, and need not come to rest."""
        return False

    def look_for_leftovers(self) -> None:
        """Do nothing: whoever leaves is in the loop, and looks then."""

    async def run(
        self,
        function: Callable[[], Awaitable[T]],
        *,
        errands: Errands | None = None,  # noqa: ARG002 - there is no other thread
    ) -> T:
        """Await the function: the caller is in the app's loop already."""
        __tracebackhide__ = True
        return await function()

    def watch_app(self) -> None:
        """Begin to note what the app starts, for a client that is being entered.

        In trio there is nothing to note: an app's tasks have nurseries.
        """
        if isinstance(self.runtime, AsyncioRuntime):
            loop = self.runtime.loop
            self._offspring = offspring_of(loop) or Offspring(loop, is_of_our_loop=False)
            self._offspring.attach(self)

    def take_failures(self) -> list[Leak]:
        """Return what to say of the app's tasks that failed and that nobody awaited."""
        if self._offspring is None:
            return []
        return failure_leaks(self._offspring.take_failures(self))

    async def leave(self, *, grace: float) -> list[Leak]:
        """End what the app has started, and stop noting; return what is to say of it."""
        offspring, self._offspring = self._offspring, None
        if offspring is None:
            return []
        try:
            return (await settle(offspring, self, grace=grace)).leaks
        finally:
            offspring.detach(self)
