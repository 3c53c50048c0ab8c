"""The inline driver: the app runs in the calling thread, stepped only while the client waits.

For tests that need thread-local things to be the app's too: SQLite connections, debuggers,
tracers. Where a loop already runs in the calling thread, a helper thread steps this driver's loop
for the call.
"""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from functools import partial
from threading import get_ident
from typing import TypeVar

from asgi_testkit.drive.application import FunctionCall, LoopCall
from asgi_testkit.drive.asyncio_runtime import AsyncioRuntime
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.driver import finish, no_step, run_to_end
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.inline_caller import InlineCaller
from asgi_testkit.drive.leftovers import Settled, failure_leaks, has_leftovers, settle
from asgi_testkit.drive.offspring import Offspring
from asgi_testkit.drive.parked import ParkedLoop, Suspect, first_of
from asgi_testkit.drive.runtime import is_loop_running_here
from asgi_testkit.drive.silence import Limit, Patience, clock, no_limit
from asgi_testkit.drive.standing import Standing, survey, with_threads
from asgi_testkit.drive.threads import join_thread
from asgi_testkit.drive.ticket import Ticket
from asgi_testkit.drive.watchdog import WATCHDOG
from asgi_testkit.errors import ClientStateError

__all__ = ("InlineDriver",)

T = TypeVar("T")

_PATIENCE_SECONDS = 1.0  # for a worker thread to end

_inside: ContextVar[tuple[object, ...]] = ContextVar("asgi_testkit_inside", default=())

_CALLED_FROM_ITS_OWN_LOOP = (
    "The app called the blocking client that runs it, inside its own event loop.\n"
    "With driver='inline' that cannot be waited for: await an AsyncTestClient in the app instead."
)


class InlineDriver:
    """See `Driver`; one caller at a time steps the loop, for all who wait.

    Attributes:
        is_orphan: this process was forked; the loop goes on in the child as it stood.
    """

    def __init__(
        self,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] = ParkedLoop,
        *,
        debug: bool | None = None,
    ) -> None:
        self._loop = loop_factory()
        if debug is not None:
            self._loop.set_debug(debug)
        self._parked = self._loop if isinstance(self._loop, ParkedLoop) else None
        soon = None if self._parked is None else self._parked.soon
        self._runtime = AsyncioRuntime(self._loop, soon)
        self.is_orphan = False
        # Held by the caller who steps the loop; its own thread gets it again after a Ctrl-C that
        # has come between its taking and its use.
        self._turn = threading.RLock()
        self._callers: list[InlineCaller] = []  # of all who wait
        self._spare_callers: list[InlineCaller] = []
        self._jobs: deque[Callable[[], object]] = deque()
        self._is_stepping = False
        self._worker: threading.Thread | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_rings_at = math.inf  # on the driver's clock
        self._keeper = self._start_keeper()
        self._offspring = Offspring(self._loop, is_of_our_loop=True)
        self._offspring.install()
        self._shall_hook = False  # each run of the loop sets the thread's hooks anew
        self._is_settled = False  # by the last look; nothing was begun since
        if self._parked is not None:
            self._parked.doubt(self._first_to_give_up)

    async def until(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object] | None = None,
        limit: Limit = no_limit,
    ) -> T:
        """Step the loop until `poll()` returns something; see `Driver.until`."""
        __tracebackhide__ = True
        if self in _inside.get():
            raise ClientStateError(_CALLED_FROM_ITS_OWN_LOOP)
        caller = self._new_caller()
        ticket = Ticket(call, poll, first, caller.ring, limit, self, threading.get_ident())
        caller.wait = ticket
        try:
            WATCHDOG.guard(ticket)
            if call.errands is None and not is_loop_running_here():
                self._serve(ticket, caller)
            else:
                self._in_helper(partial(self._serve, ticket, caller), call)
        finally:
            WATCHDOG.release(ticket)
            ticket.abandon()
            self._put_away(caller)
        return ticket.result()

    async def until_soon(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object],
        limit: Limit,
    ) -> T:
        """Take a step and look, before anything is prepared for a wait."""
        __tracebackhide__ = True
        if self in _inside.get():
            raise ClientStateError(_CALLED_FROM_ITS_OWN_LOOP)
        may_step = call.errands is None and not is_loop_running_here()
        if not (may_step and self._turn.acquire(blocking=False)):
            return await self.until(call, poll, first=first, limit=limit)
        wait = Patience(call, limit, None, self, get_ident())
        self._shall_hook = True
        try:
            WATCHDOG.guard(wait)
            first()
            if (result := poll()) is None:
                self._loop.stop()
                self._run()
                result = poll()
        finally:
            self._pass_turn()
            WATCHDOG.release(wait)
        if wait.silence is not None:
            raise wait.silence
        return result if result is not None else await self.until(call, poll, limit=limit)

    def start(self, call: LoopCall) -> None:
        """Start the call; it runs when the loop is stepped."""
        if self in _inside.get():
            raise ClientStateError(_CALLED_FROM_ITS_OWN_LOOP)
        self._shall_hook = True
        self.post(call.start, self._runtime, self._context())

    async def watch(
        self, call: LoopCall, poll: Callable[[], T | None], *, seconds: float | None
    ) -> T:
        """Step the loop until `poll()` returns something; see `Driver.watch`."""
        __tracebackhide__ = True
        return self.block(call, poll, seconds)

    step = staticmethod(no_step)  # the loop is stepped when it is waited for

    def block(self, call: LoopCall, poll: Callable[[], T | None], seconds: float | None) -> T:
        """Do what `watch` does."""
        __tracebackhide__ = True
        if self in _inside.get():
            raise ClientStateError(_CALLED_FROM_ITS_OWN_LOOP)
        wait = Patience(call, None, seconds, self, get_ident())
        try:
            WATCHDOG.guard(wait)
            if call.errands is None and not is_loop_running_here():
                return self._step_until(poll, wait)
            return self._in_helper(partial(self._step_until, poll, wait), call)
        finally:
            WATCHDOG.release(wait)

    def standings(self, stepping: int | None = None) -> list[Standing]:
        """Return where the tasks of the app stand, and its threads."""
        standings = survey(self._runtime.tasks())
        return with_threads(standings, loop_thread=stepping)

    def _new_caller(self) -> InlineCaller:
        """Count the caller among those who wait; its wait is to be set."""
        try:
            caller = self._spare_callers.pop()
        except IndexError:
            caller = InlineCaller(self._loop.stop)
        self._callers.append(caller)
        return caller

    def _put_away(self, caller: InlineCaller) -> None:
        """Count the caller among those who wait no longer."""
        self._callers.remove(caller)
        caller.wait, caller.has_news = None, False
        self._spare_callers.append(caller)

    def _context(self) -> Context:
        """Return a copy of the caller's context that knows which loop its code runs in."""
        context = copy_context()
        context.run(_inside.set, (*_inside.get(), self))
        return context

    def _serve(self, ticket: Ticket[T], caller: InlineCaller) -> None:
        """Begin to watch a call, and step the loop until there is a result."""
        __tracebackhide__ = True
        self._shall_hook = True
        self.post(ticket.open, self._runtime, self._context())
        while not ticket.is_done:
            self._sleep(caller, ticket)
        if ticket.silence is not None:
            raise ticket.silence

    def _step_until(self, poll: Callable[[], T | None], wait: Patience) -> T:
        __tracebackhide__ = True
        has_stepped = self._step_once()  # most apps answer in their next step
        if wait.silence is None and (result := poll()) is not None:
            return result
        caller = self._new_caller()
        caller.wait = wait
        wait.call.watchers.append(caller.ring)
        try:
            if wait.is_impatient and not has_stepped:
                self._let_loop_step(caller)
            while wait.silence is None:  # else what the poll would take were lost
                if (result := poll()) is not None:
                    return result
                self._sleep(caller, wait)
            raise wait.silence
        finally:
            wait.call.watchers.remove(caller.ring)
            self._put_away(caller)

    def _step_once(self) -> bool:
        """Let the loop do what it can do at once; return false where another caller steps it."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            self._loop.stop()
            self._run()
        finally:
            self._pass_turn()
        return True

    def _pass_turn(self) -> None:
        self._turn.release()
        if self._callers:  # whoever found the turn taken is to try again
            self._wake_others(None)

    def _let_loop_step(self, caller: InlineCaller) -> None:
        """Wait until whoever steps the loop has done what it could do at once."""
        steps = list[bool]()

        def note() -> None:
            steps.append(True)
            caller.wake()

        self.post(note)
        while not steps and not self._step_once():
            self._let_another_step(caller, None)

    def _run(self) -> None:
        """Run the loop until it is stopped, where it is already for one step; with the turn."""
        self._is_stepping = True
        jobs = self._jobs
        try:
            while jobs:
                jobs.popleft()()
            if self._shall_hook and self._parked is not None:
                self._parked.begins_with(self._offspring.hook_generators_again)
                self._shall_hook = False
            self._loop.run_forever()
        finally:
            self._is_stepping = False

    def _sleep(self, caller: InlineCaller, wait: Patience) -> None:
        """Step the loop, or wait while another caller does, until there may be news.

        Raises:
            SilenceError: it was waited for too long, or there is nothing to wait for.
        """
        __tracebackhide__ = True
        left = wait.seconds_left()
        if wait.is_hopeless:
            raise wait.proved
        self._step_or_wait(caller, None if left is None else clock() + left)

    def _step_or_wait(self, caller: InlineCaller, until: float | None) -> None:
        if not self._turn.acquire(blocking=False):
            self._let_another_step(caller, until)
            return
        try:
            if self._parked is not None:
                at = math.inf if until is None else until
                self._parked.set_alarm(at, self._loop.stop)
            elif until is not None and until < self._timer_rings_at:
                self._set_timer(until)
            self._run()
        finally:
            self._turn.release()
            if len(self._callers) > 1:
                self._wake_others(caller)

    def _let_another_step(self, caller: InlineCaller, until: float | None) -> None:
        suspect = caller.suspect
        if self._parked is not None and suspect is not None:
            self._parked.suspect(suspect)
        try:
            caller.sleep(None if until is None else until - clock())
        finally:
            if self._parked is not None:
                self._parked.trust()

    def _first_to_give_up(self) -> Suspect | None:
        suspects = (caller.suspect for caller in tuple(self._callers))
        return first_of(suspect for suspect in suspects if suspect is not None)

    def _wake_others(self, caller: InlineCaller | None) -> None:
        """Let another caller have the turn, or look whether there are news for it."""
        for other in tuple(self._callers):
            if other is not caller:
                other.wake()

    def post(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)` soon where the loop is stepped now, else before its next step.

        A job is appended before it is looked whether somebody steps, and whoever steps does the
        jobs after that was noted: so none is overlooked.
        """
        self._jobs.append(partial(job, *args) if args else job)
        if self._is_stepping:
            self._loop.call_soon_threadsafe(self._do_jobs)

    def _do_jobs(self) -> None:
        while self._jobs:
            self._jobs.popleft()()

    async def run(
        self, function: Callable[[], Awaitable[T]], *, errands: Errands | None = None
    ) -> T:
        """Call an async function in the loop and step it until it has ended."""
        __tracebackhide__ = True
        return await run_to_end(self, FunctionCall(function, errands))

    @property
    def is_here(self) -> bool:
        """Whether the caller is code of an app in this loop, or in a worker thread of it."""
        return self in _inside.get()

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by ending this driver's loop."""
        return not self._loop.is_running() and len(asyncio.all_tasks(self._loop)) <= 1

    def watch_app(self) -> None:
        """Begin to note what the app starts, for a client that is being entered."""
        self._offspring.begin_life()

    def take_failures(self) -> list[Leak]:
        """Return what to say of the app's tasks that failed and that nobody awaited."""
        return failure_leaks(self._offspring.take_failures(self._offspring.life))

    def when_at_rest(self, look: Callable[[], object]) -> bool:
        """Call `look()` when nothing is left to be done at once; see `Driver.when_at_rest`."""
        if self._parked is None:
            return False
        self._parked.when_at_rest(look)
        return True

    def look_for_leftovers(self) -> None:
        """Note whether the app has left anything; see `Driver.look_for_leftovers`."""
        self._is_settled = not has_leftovers(self._offspring, self._keeper)

    def clear(self, *, grace: float = 0, errands: Errands | None = None) -> Settled:
        """End what an app left behind; see `settle`."""
        is_settled, self._is_settled = self._is_settled, False
        if is_settled and not self._runtime.running and not self._jobs:
            return Settled(is_clean=True)
        leftovers = partial(
            settle, self._offspring, self._offspring.life, self._keeper, grace=grace
        )
        return finish(self.run(leftovers, errands=errands))

    def close(self) -> None:
        """End the loop."""
        if self._loop.is_closed() or self._loop.is_running():
            return
        finish(self.run(partial(settle, self._offspring, self._offspring.life, grace=0)))
        self._clear_alarm()  # it would stop the loop under what comes now
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        with suppress(RuntimeError):  # at exit its threads have ended, and none can be started
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        if self._worker is not None:  # told to end with the keeper; a fork must find it ended
            join_thread(self._worker, _PATIENCE_SECONDS)

    def _clear_alarm(self) -> None:
        if isinstance(self._loop, ParkedLoop):
            self._loop.clear_alarm()
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self, until: float) -> None:
        """Set a timer of the loop; it serves many waits, and is set anew where it is too late."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer_rings_at = until
        self._timer = self._loop.call_later(until - clock(), self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer, self._timer_rings_at = None, math.inf
        self._loop.stop()

    def _in_helper(self, wait: Callable[[], T], call: LoopCall) -> T:
        """Wait in another thread, since this one has a loop or errands to run."""
        __tracebackhide__ = True
        outcome: Future[T] = Future()
        bell = threading.Event()
        outcome.add_done_callback(lambda _: bell.set())
        helper = threading.Thread(
            target=_settle, args=(outcome, wait), name="asgi-testkit-inline", daemon=True
        )
        helper.start()
        errands = Errands() if call.errands is None else call.errands
        with errands.ringing(bell.set):
            while not outcome.done():
                bell.clear()
                errands.run_waiting()  # some may wait since before this caller came
                if not outcome.done():
                    bell.wait()
        helper.join()
        return outcome.result()

    def _start_keeper(self) -> asyncio.Task[None]:
        """Start the task that anyio's worker threads live by, and let it call its first one.

        Without it anyio finds no root task in a stepped loop, and each `def` endpoint would
        start and end a thread of its own.
        """

        async def keep() -> None:
            if "anyio" in sys.modules:
                import anyio.to_thread  # noqa: PLC0415 - only where the app may use it

                self._worker = await anyio.to_thread.run_sync(threading.current_thread)
            self._loop.stop()
            await self._loop.create_future()

        # A thread started by a daemon is one too: anyio's worker must not hold up the exit.
        helper = threading.Thread(target=self._run_keeper, args=(keep,), daemon=True)
        helper.start()
        join_thread(helper, None)  # a fork must find it ended
        return self._keeper

    def _run_keeper(self, keep: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            await keep()

        self._keeper = self._loop.create_task(main())
        self._loop.run_forever()


def _settle(outcome: Future[T], wait: Callable[[], T]) -> None:
    try:
        outcome.set_result(wait())
    except BaseException as error:  # noqa: BLE001 - the caller raises it
        outcome.set_exception(error)
