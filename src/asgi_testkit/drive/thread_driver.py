"""The thread driver: a background thread with a running loop; callers wait on a lock.

The default for blocking clients. The app's background work goes on while the test does other
things.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol, TypeVar

from asgi_testkit.drive.application import FunctionCall, LoopCall
from asgi_testkit.drive.asyncio_runtime import AsyncioRuntime
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.driver import Limit, SilenceError, clock, finish, no_limit, seconds_left
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.leftovers import Settled, failure_leaks, settle
from asgi_testkit.drive.offspring import Offspring
from asgi_testkit.drive.parked import ParkedLoop
from asgi_testkit.drive.runtime import Runtime
from asgi_testkit.drive.threads import join_thread, ring_bell
from asgi_testkit.drive.ticket import Ticket
from asgi_testkit.errors import ClientStateError

__all__ = ("AsyncioLoopThread", "LoopThread", "ThreadDriver")

T = TypeVar("T")

_PATIENCE_SECONDS = 5.0  # for a loop that blocks in the app's code when it is to end


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

    thread: threading.Thread
    offspring: Offspring | None

    def post(self, job: Callable[[], object]) -> None:
        """Run `job()` in the thread, soon; from any thread."""
        ...

    def post_later(self, job: Callable[[], object]) -> None:
        """Run `job()` in the thread when `attend` is called, or some milliseconds on."""
        ...

    def attend(self) -> None:
        """Do what was posted, and be ready for more."""
        ...

    def make_runtime(self) -> Runtime:
        """Return the thread's runtime; called in the thread."""
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
        self._post_later: Callable[[Callable[[], object]], object] = _is_not_running
        self._parked: ParkedLoop | None = None
        self.offspring: Offspring | None = None
        self.thread = threading.Thread(target=self._main, name="asgi-testkit", daemon=True)
        self.thread.start()
        self._is_ready.wait()
        if self._failure is not None:
            raise self._failure

    def post(self, job: Callable[[], object]) -> None:
        """Run `job()` in the thread, soon; from any thread."""
        self._post(job)

    def post_later(self, job: Callable[[], object]) -> None:
        """Run `job()` in the thread when `attend` is called, or some milliseconds on."""
        self._post_later(job)

    def attend(self) -> None:
        """Do what was posted, and be ready for more."""
        if self._parked is not None:
            self._parked.attend()

    def make_runtime(self) -> AsyncioRuntime:
        """Return the thread's runtime; called in the thread."""
        return AsyncioRuntime(asyncio.get_running_loop())

    def leftovers(self, grace: float) -> Coroutine[Any, Any, Settled]:
        """Return what ends the tasks that an app left behind."""
        assert self.offspring is not None
        return settle(self.offspring, self.offspring.life, self._keeper, grace=grace)

    def has_tasks(self) -> bool:
        """Return whether any task but the keeper's is there."""
        assert self._keeper is not None
        return len(asyncio.all_tasks(self._keeper.get_loop())) > 1

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
                _log.warning("A task of the app raised %r; its event loop goes on.", error)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        self._stop = loop.create_future()
        self._post = loop.call_soon_threadsafe
        self._post_later = self._post
        if isinstance(loop, ParkedLoop):
            self._parked, self._post, self._post_later = loop, loop.post, loop.post_later
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
        self._thread_id = loop_thread.thread.ident

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
        bell = threading.Lock()
        bell.acquire()
        ticket = Ticket(call, poll, first, partial(ring_bell, bell), limit)
        context = copy_context()
        self._loop_thread.post(lambda: ticket.open(self._runtime_here(), context))
        try:
            if call.errands is None:
                self._wait(call, ticket, bell, limit)
            else:
                with call.errands.ringing(partial(ring_bell, bell)):
                    self._wait(call, ticket, bell, limit)
        finally:
            ticket.abandon()
        return ticket.result()

    def _wait(self, call: LoopCall, ticket: Ticket[T], bell: threading.Lock, limit: Limit) -> None:
        __tracebackhide__ = True
        since = clock()
        while not ticket.is_done:
            left = seconds_left(call, limit, since=since)
            if call.errands is not None:  # some may wait since before this caller came
                call.errands.run_waiting()
            bell.acquire(timeout=-1 if left is None else left)

    def start(self, call: LoopCall) -> None:
        """Start the call in the loop's thread; `watch` is to follow."""
        self._check_place()
        context = copy_context()
        self.post_later(lambda: call.start(self._runtime_here(), context))

    async def watch(
        self, call: LoopCall, poll: Callable[[], T | None], *, seconds: float | None
    ) -> T:
        """Block until `poll()` returns something; see `Driver.watch`."""
        __tracebackhide__ = True
        self._check_place()
        if seconds == 0:  # what can be done at once is done, before there is a look
            await self.until(call, lambda: True)
        bell = threading.Lock()
        bell.acquire()
        ring = partial(ring_bell, bell)
        call.watchers.append(ring)
        before_sleep = self._loop_thread.attend
        try:
            if call.errands is None:
                return _wait_for_bell(bell, poll, seconds, before_sleep)
            with call.errands.ringing(ring):
                return _wait_for_bell(bell, poll, seconds, before_sleep, call.errands.run_waiting)
        finally:
            call.watchers.remove(ring)

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

    def post_later(self, job: Callable[..., object], *args: object) -> None:
        """Call `job(*args)` in the loop's thread when the caller waits, or some milliseconds on."""
        if self.is_orphan:
            raise ClientStateError(_ENTERED_BEFORE_A_FORK)
        self._loop_thread.post_later(partial(job, *args) if args else job)

    async def run(
        self, function: Callable[[], Awaitable[T]], *, errands: Errands | None = None
    ) -> T:
        """Call an async function in the loop and block until it has ended."""
        __tracebackhide__ = True
        return await self._run(FunctionCall(function, errands), no_limit)

    async def _run(self, call: FunctionCall[T], limit: Limit) -> T:
        __tracebackhide__ = True
        try:
            await self.until(call, call.is_over, limit=limit)
        except KeyboardInterrupt:
            self._loop_thread.post(lambda: call.task.cancel() if call.task is not None else None)
            raise
        return call.result()

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

    def clear(self, *, grace: float = 0, errands: Errands | None = None) -> Settled:
        """End what an app left behind; see `settle`."""
        leftovers = self._loop_thread.leftovers(grace)
        if leftovers is None:
            return Settled(is_clean=False)
        limit = grace + _PATIENCE_SECONDS
        try:
            return finish(self._run(FunctionCall(lambda: leftovers, errands), lambda: limit))
        except SilenceError:
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


def _wait_for_bell(
    bell: threading.Lock,
    poll: Callable[[], T | None],
    seconds: float | None,
    *before_sleep: Callable[[], object],
) -> T:
    """Poll, and sleep until the bell rings, again and again."""
    __tracebackhide__ = True
    until = None if seconds is None else clock() + seconds
    while (result := poll()) is None:
        left = -1 if until is None else until - clock()
        if until is not None and left <= 0:
            raise SilenceError(seconds or 0)
        for step in before_sleep:
            step()
        bell.acquire(timeout=left)
    return result
