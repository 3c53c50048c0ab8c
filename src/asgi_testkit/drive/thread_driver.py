"""The thread driver: a background thread with a running loop; callers wait for a bell.

The default for blocking clients. The app's background work goes on while the test does other
things.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol, TypeVar

from asgi_testkit.drive.application import FunctionCall, LoopCall
from asgi_testkit.drive.asyncio_runtime import AsyncioRuntime
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.driver import finish, no_step, run_to_end
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.leftovers import Settled, failure_leaks, has_leftovers, settle
from asgi_testkit.drive.offspring import Offspring
from asgi_testkit.drive.parked import ParkedLoop, Suspect
from asgi_testkit.drive.runtime import Runtime
from asgi_testkit.drive.silence import Limit, Patience, clock, no_limit, within
from asgi_testkit.drive.standing import Standing, survey, with_threads
from asgi_testkit.drive.threads import Bell, QuietableThread, join_thread, make_bell
from asgi_testkit.drive.ticket import Ticket
from asgi_testkit.drive.watchdog import WATCHDOG
from asgi_testkit.errors import ClientStateError, StallError
from asgi_testkit.protocol.record import Raised
from asgi_testkit.protocol.secret_texts import hide_secrets

__all__ = ("AsyncioLoopThread", "LoopThread", "ThreadDriver")

T = TypeVar("T")

_PATIENCE_SECONDS = 5.0  # for a loop that blocks in the app's code when it is to end
_TRUSTS_FOR_SECONDS = 0.02  # before a caller asks the loop to look for a stall
_BLOCKED_SECONDS = 0.05  # after which a loop that does not answer counts as blocked
_SHORT_SECONDS = 0.1  # which the watchdog would tell too late

_log = logging.getLogger("asgi_testkit")

_BLOCKED = (
    "The app blocks its event loop, so that its tasks could not be cancelled when the client was"
    " left.\nLook for a call that does not return, such as time.sleep(); the loop is given up."
)

_CALLED_FROM_ITS_OWN_LOOP = (
    "The app called the blocking client that runs it, inside its own event loop.\n"
    "Waiting there would be for ever: await an AsyncTestClient in the app instead."
)


_ENTERED_BEFORE_A_FORK = (
    "The client was entered before this process was forked; its event loop lives in the parent.\n"
    "Enter a client of its own in the child."
)


class LoopThread(Protocol):
    """A background thread that runs an event loop until it is stopped.

    Attributes:
        offspring: what the app has started in the loop; `None`: the loop's library sees to it.
    """

    thread: QuietableThread
    offspring: Offspring | None

    def post(self, job: Callable[[], object]) -> None:
        """Run `job()` in the thread, soon; from any thread."""
        ...

    def suspect(self, suspect: Suspect) -> None:
        """Tell the caller where it is proved that nothing can happen while it waits.

        Of several such callers the one with the first deadline is told: it goes on first.
        """
        ...

    def trust(self) -> None:
        """Forget that the caller waits."""
        ...

    def make_runtime(self) -> Runtime:
        """Return the thread's runtime; called in the thread."""
        ...

    def when_at_rest(self, look: Callable[[], object]) -> bool:
        """Call `look()` when nothing is left to be done at once, and return true, if it can."""
        ...

    def has_leftovers(self) -> bool:
        """Return whether `leftovers` would have anything to do, or that it cannot be known."""
        ...

    def leftovers(self, grace: float) -> Coroutine[Any, Any, Settled] | None:
        """Return what clears the loop for its next user; `None`: it cannot be used again."""
        ...

    def has_tasks(self) -> bool:
        """Return whether anything but the keeper runs in the loop, or that it cannot be known."""
        ...

    def stop(self) -> None:
        """End the loop and the thread."""
        ...


class AsyncioLoopThread:
    """A thread with an asyncio loop, parked where the loop takes our selector.

    The loop runs under a keeper task, as a server's does: anyio looks for a task that was started
    by `run_until_complete` and keeps its worker threads with it.
    """

    def __init__(
        self,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] = ParkedLoop,
        *,
        debug: bool | None = None,
    ) -> None:
        self._loop_factory = loop_factory
        self._debug = debug
        self._is_ready = threading.Event()
        self._failure: BaseException | None = None
        self._stop: asyncio.Future[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._post: Callable[[Callable[[], object]], object] = _is_not_running
        self._parked: ParkedLoop | None = None
        self.offspring: Offspring | None = None
        self.thread = QuietableThread(self._main, name="asgi-testkit", is_quiet=self._is_quiet)
        self.thread.start()
        self._is_ready.wait()
        if self._failure is not None:
            raise self._failure

    def post(self, job: Callable[[], object]) -> None:
        """Run `job()` in the thread, soon; from any thread."""
        self._post(job)

    def suspect(self, suspect: Suspect) -> None:
        """Tell the caller where it is proved that nothing can happen while it waits."""
        if self._parked is not None:
            self._parked.suspect(suspect)
            self._parked.post(_look_again)

    def trust(self) -> None:
        """Forget that the caller waits."""
        if self._parked is not None:
            self._parked.trust()

    def make_runtime(self) -> AsyncioRuntime:
        """Return the thread's runtime; called in the thread."""
        soon = None if self._parked is None else self._parked.soon
        return AsyncioRuntime(asyncio.get_running_loop(), soon)

    def when_at_rest(self, look: Callable[[], object]) -> bool:
        """Call `look()` when nothing is left to be done at once; a parked loop can."""
        if self._parked is None:
            return False
        self._parked.when_at_rest(look)
        return True

    def has_leftovers(self) -> bool:
        """Return whether an app has left anything behind."""
        offspring = self.offspring
        return offspring is None or has_leftovers(offspring, self._keeper)

    def leftovers(self, grace: float) -> Coroutine[Any, Any, Settled]:
        """Return what ends the tasks that an app left behind."""
        assert self.offspring is not None
        return settle(self.offspring, self.offspring.life, self._keeper, grace=grace)

    def has_tasks(self) -> bool:
        """Return whether any task but the keeper's is there."""
        assert self._keeper is not None
        return len(asyncio.all_tasks(self._keeper.get_loop())) > 1

    def _is_quiet(self) -> bool:
        """Return whether nothing goes on in a loop that cannot tell whether it is at rest."""
        return self._parked is None and self._keeper is not None and not self.has_tasks()

    def stop(self) -> None:
        """End the loop and the thread; what still runs in it is cancelled."""
        if self.thread.is_alive():
            self.post(self._end_keeping)
            join_thread(self.thread, _PATIENCE_SECONDS)

    def _end_keeping(self) -> None:
        if self._stop is not None and not self._stop.done():
            self._stop.set_result(None)

    def _main(self) -> None:
        try:
            with asyncio.Runner(debug=self._debug, loop_factory=self._loop_factory) as runner:
                self._run_loop(runner.get_loop())
        except BaseException as error:
            if not self._is_ready.is_set():
                self._failure = error  # raised by the constructor
                self._is_ready.set()
            elif threading.main_thread().is_alive():
                raise
            # Else at exit: the runner cannot start the thread that joins its executor's.

    def _run_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run until `stop()`; a task of the app that exits the process must not end the loop."""
        self._keeper = loop.create_task(self._keep())
        self.offspring = Offspring(loop, is_of_our_loop=True)
        self.offspring.install()
        while not self._keeper.done():
            loop.call_soon(self.offspring.hook_generators)
            try:
                loop.run_until_complete(self._keeper)
            except (SystemExit, KeyboardInterrupt) as error:
                told = hide_secrets(Raised.of(error).text)
                _log.warning("A task of the app raised %s; its event loop goes on.", told)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        self._stop = loop.create_future()
        self._post = loop.call_soon_threadsafe
        if isinstance(loop, ParkedLoop):
            self._parked, self._post = loop, loop.post
        self._is_ready.set()
        await self._stop


class ThreadDriver:
    """See `Driver`; safe to use from several threads at once.

    Attributes:
        is_orphan: this process was forked, and the loop's thread lives in the parent.
    """

    def __init__(self, loop_thread: LoopThread) -> None:
        self._loop_thread = loop_thread
        self.is_orphan = False
        self._runtime: Runtime | None = None
        self._is_settled = False  # by the last look; nothing was begun since
        self._thread_id = loop_thread.thread.ident
        self._spare_bells: list[Bell] = []

    async def until(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object] | None = None,
        limit: Limit = no_limit,
    ) -> T:
        """Block until `poll()` returns something; see `Driver.until`."""
        __tracebackhide__ = True
        self._check_place()
        bell = self._take_bell()
        ticket = Ticket(call, poll, first, bell.ring, limit)
        caller = _Caller(bell, self._loop_thread, ticket, call.errands)
        context = copy_context()
        self._loop_thread.post(lambda: ticket.open(self._runtime_here(), context))
        try:
            WATCHDOG.guard(ticket)
            if call.errands is None:
                _sleep_until(ticket, caller)
            else:
                with call.errands.ringing(bell.ring):
                    _sleep_until(ticket, caller)
        finally:
            WATCHDOG.release(ticket)
            ticket.abandon()
            self._spare_bells.append(caller.go())
        return ticket.result()

    async def until_soon(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        *,
        first: Callable[[], object],
        limit: Limit,
    ) -> T:
        """Do as `until`: the step is taken in the loop's thread."""
        __tracebackhide__ = True
        return await self.until(call, poll, first=first, limit=limit)

    def start(self, call: LoopCall) -> None:
        """Start the call in the loop's thread; `watch` is to follow."""
        self._check_place()
        context = copy_context()
        self._loop_thread.post(lambda: call.start(self._runtime_here(), context))

    async def watch(
        self, call: LoopCall, poll: Callable[[], T | None], *, seconds: float | None
    ) -> T:
        """Block until `poll()` returns something; see `Driver.watch`."""
        __tracebackhide__ = True
        return self.block(call, poll, seconds)

    step = staticmethod(no_step)  # the loop's thread sees to it

    def block(self, call: LoopCall, poll: Callable[[], T | None], seconds: float | None) -> T:
        """Do what `watch` does."""
        __tracebackhide__ = True
        self._check_place()
        if seconds == 0:  # what can be done at once is done, before there is a look
            finish(self.until(call, lambda: True))
        wait, bell = Patience(call, None, seconds), self._take_bell()
        caller = _Caller(bell, self._loop_thread, wait, call.errands)
        ring = bell.ring
        call.watchers.append(ring)
        try:
            WATCHDOG.guard(wait)
            if call.errands is None:
                return _sleep_until_seen(poll, caller)
            with call.errands.ringing(ring):
                return _sleep_until_seen(poll, caller)
        finally:
            WATCHDOG.release(wait)
            call.watchers.remove(ring)
            self._spare_bells.append(caller.go())

    def standings(self, stepping: int | None = None) -> list[Standing]:  # noqa: ARG002 - its own
        """Return where the tasks of the app stand, and its threads."""
        return with_threads(self._survey(), loop_thread=self._thread_id)

    def _survey(self) -> list[Standing]:
        """Look in the loop's thread, between two steps, and from here where it is blocked."""
        runtime, taken, bell = self._runtime, list[list[Standing]](), make_bell()
        if runtime is None:
            return []

        def look() -> None:
            taken.append(survey(runtime.tasks()))
            bell.ring()

        self._loop_thread.post(look)
        return taken[0] if bell.wait(_BLOCKED_SECONDS) else survey(runtime.tasks())

    def _take_bell(self) -> Bell:
        try:
            return self._spare_bells.pop()
        except IndexError:
            return make_bell()

    def _check_place(self) -> None:
        if self.is_here:
            raise ClientStateError(_CALLED_FROM_ITS_OWN_LOOP)
        if self.is_orphan:
            raise ClientStateError(_ENTERED_BEFORE_A_FORK)

    def post(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)` in the loop's thread without waiting for it."""
        if self.is_orphan:
            raise ClientStateError(_ENTERED_BEFORE_A_FORK)
        self._loop_thread.post(partial(job, *args) if args else job)

    async def run(
        self, function: Callable[[], Awaitable[T]], *, errands: Errands | None = None
    ) -> T:
        """Call an async function in the loop and block until it has ended."""
        __tracebackhide__ = True
        return await run_to_end(self, FunctionCall(function, errands))

    @property
    def is_here(self) -> bool:
        """Whether the caller is in the loop's own thread, where waiting for it is for ever."""
        return threading.get_ident() == self._thread_id

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by ending this driver's thread."""
        return not self._loop_thread.has_tasks()

    def watch_app(self) -> None:
        """Begin to note what the app starts, for a client that is being entered."""
        if (offspring := self._loop_thread.offspring) is not None:
            offspring.begin_life()

    def take_failures(self) -> list[Leak]:
        """Return what to say of the app's tasks that failed and that nobody awaited."""
        offspring = self._loop_thread.offspring
        return [] if offspring is None else failure_leaks(offspring.take_failures(offspring.life))

    def when_at_rest(self, look: Callable[[], object]) -> bool:
        """Call `look()` when nothing is left to be done at once; see `Driver.when_at_rest`."""
        return self._loop_thread.when_at_rest(look)

    def look_for_leftovers(self) -> None:
        """Note whether the app has left anything; see `Driver.look_for_leftovers`."""
        self._is_settled = not self._loop_thread.has_leftovers()

    def clear(self, *, grace: float = 0, errands: Errands | None = None) -> Settled:
        """End what an app left behind; see `settle`."""
        is_settled, self._is_settled = self._is_settled, False
        if is_settled and self._runtime is not None and not self._runtime.running:
            return Settled(is_clean=True)
        leftovers = self._loop_thread.leftovers(grace)
        if leftovers is None:
            return Settled(is_clean=False)
        limit = grace + _PATIENCE_SECONDS
        try:
            call = FunctionCall(lambda: leftovers, errands)
            return finish(run_to_end(self, call, within(limit)))
        except StallError:
            return Settled(is_clean=False, leaks=[Leak(_BLOCKED)])

    def close(self) -> None:
        """End the loop and its thread."""
        self._loop_thread.stop()

    def _runtime_here(self) -> Runtime:
        if self._runtime is None:
            self._runtime = self._loop_thread.make_runtime()
        return self._runtime


def _is_not_running(_job: Callable[[], object]) -> None:
    raise RuntimeError("the loop thread is not running")


def _look_again() -> None:
    """Do nothing: being called has brought the loop to rest anew."""


class _Caller:
    """One thread that waits: it is woken by a bell, and gives up when its patience is at its end.

    It sleeps without a time limit, which would take longer, and the watchdog rings when it is time
    to look up. After some milliseconds it asks the loop to see whether there is anything to wait
    for.
    """

    __slots__ = ("_bell", "_errands", "_is_suspicious", "_loop_thread", "_wait")

    def __init__(
        self, bell: Bell, loop_thread: LoopThread, wait: Patience, errands: Errands | None
    ) -> None:
        self._bell = bell
        self._loop_thread = loop_thread
        self._wait = wait
        self._errands = errands
        self._is_suspicious = errands is not None  # then nothing can be proved
        wait.ring, wait.looks_up_at = bell.ring, wait.began_at + _TRUSTS_FOR_SECONDS

    def sleep(self) -> None:
        """Sleep until there may be news.

        Raises:
            SilenceError: it has waited for too long, or there is nothing to wait for.
        """
        __tracebackhide__ = True
        left = self._wait.seconds_left()
        if self._wait.is_hopeless:
            raise self._wait.proved
        if self._errands is not None:  # some may wait since before this caller came
            self._errands.run_waiting()
        if clock() >= self._wait.looks_up_at:
            self._look_up(left)
        is_looked_after = WATCHDOG.is_awake and (left is None or left >= _SHORT_SECONDS)
        self._bell.wait(None if is_looked_after else left)

    def go(self) -> Bell:
        """Wait no longer; return the bell, for another caller."""
        if self._is_suspicious:
            self._loop_thread.trust()
        self._bell.silence()
        return self._bell

    def _look_up(self, left: float | None) -> None:
        """Note when to look up again, and ask the loop, once."""
        self._wait.looks_up_at = math.inf if left is None else clock() + left
        if not self._is_suspicious:
            self._is_suspicious = True
            self._loop_thread.suspect(Suspect(self._wait, self._bell.ring))


def _sleep_until(ticket: Ticket[T], caller: _Caller) -> None:
    __tracebackhide__ = True
    while not ticket.is_done:
        caller.sleep()


def _sleep_until_seen(poll: Callable[[], T | None], caller: _Caller) -> T:
    __tracebackhide__ = True
    while (result := poll()) is None:
        caller.sleep()
    return result
