"""The parked loop: an asyncio loop that sleeps on a bell while no socket is registered.

A hand-off to it costs no writing to a pipe and polling. As soon as anything registers a
file descriptor, it polls as any other loop does. Built on two documented seams only: the selector
argument of `asyncio.SelectorEventLoop`, and overriding `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import math
import selectors
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVarTuple

from asgi_testkit.drive.asyncio_runtime import task_views
from asgi_testkit.drive.proof import is_stalled
from asgi_testkit.drive.silence import Patience, clock
from asgi_testkit.drive.standing import survey
from asgi_testkit.drive.threads import make_bell

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

__all__ = ("Choice", "ParkedLoop", "Suspect", "first_of")

Ts = TypeVarTuple("Ts")

Events: TypeAlias = list[tuple[selectors.SelectorKey, int]]

_LONGEST_WAIT = 3600.0  # poll refuses very long waits; waking in vain does no harm
_FIRST_LOOK_SECONDS = 0.02  # of rest, before a loop looks whether it has stalled
_SECOND_LOOK_SECONDS = 0.03  # between that and the second, which proves it
_LATER_LOOK_SECONDS = 0.05  # before the first after one in vain
_MOST_STEPS_TO_REST = 8  # after which a loop counts as one that never rests


class Suspect(NamedTuple):
    """A caller whose wait may have no end.

    Attributes:
        wait: its wait.
        ring: wakes it.
    """

    wait: Patience
    ring: Callable[[], object]

    def lose_hope(self) -> None:
        """Tell it that the wait has no end; without effect where that is over by now."""
        self.wait.is_hopeless = True
        self.ring()


Choice: TypeAlias = Callable[[], "Suspect | None"]
"""Returns whoever gives up first, and so goes on first, and may be what the others wait for."""


def first_of(suspects: Iterable[Suspect]) -> Suspect | None:
    """Return whoever gives up first; `None`: nobody waits."""
    return min(suspects, key=_deadline_of, default=None)


def _deadline_of(suspect: Suspect) -> float:
    return suspect.wait.deadline()


class _ParkedSelector(selectors.BaseSelector):
    """Waits on a bell while only the loop's own wake-up pipe is registered.

    The order of `append`, `is_polling` and `ring` in `post` and of their counterparts in `select`
    is what makes a lost wake-up impossible: a job is appended before `is_polling` is read, and
    looked for after it was set.

    Attributes:
        suspects: callers who wait for some time, by their threads' idents.
        choose: chooses who is told; left out: among the suspects. While there is anybody, a loop
            at rest looks whether it is proved that the waits have no end.
        takes_signals: handlers of signals are set, and heard on the loop's pipe only.
        alarm: called at `alarm_at`, on the drivers' clock.
        begin: called once, before anything else.
    """

    def __init__(
        self,
        run: Callable[[Callable[[], object]], object],
        has_stalled: Callable[[], bool],
    ) -> None:
        self._inner = selectors.DefaultSelector()
        self._run = run
        self._has_stalled = has_stalled
        self.suspects: dict[int, Suspect] = {}
        self.choose: Choice | None = None
        self.takes_signals = False
        self._doubts_after = _FIRST_LOOK_SECONDS
        self.alarm: Callable[[], object] | None = None
        self.alarm_at = math.inf
        self.begin: Callable[[], object] | None = None
        self._registered = 0
        self._bell = make_bell()
        self.jobs: deque[Callable[[], object]] = deque()
        self.is_polling = False
        self._look: Callable[[], object] | None = None
        self._steps_to_look = 0

    def look_at_rest(self, look: Callable[[], object]) -> None:
        """Call `look()` before the loop sleeps next, or after some steps if it does not."""
        self._look, self._steps_to_look = look, _MOST_STEPS_TO_REST

    def post(self, job: Callable[[], object]) -> bool:
        """Take a job; return whether the pipe must be written to wake the loop."""
        self.jobs.append(job)
        if self.is_polling:
            return True
        self._bell.ring()
        return False

    def register(
        self, fileobj: FileDescriptorLike, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        key = self._inner.register(fileobj, events, data)
        self._registered += 1
        return key

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        key = self._inner.unregister(fileobj)
        self._registered -= 1
        return key

    def modify(
        self, fileobj: FileDescriptorLike, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_key(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self._inner.get_key(fileobj)

    def get_map(self) -> Mapping[FileDescriptorLike, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()

    @property
    def watches_files(self) -> bool:
        """Whether anything but the loop's own pipe is registered."""
        return self._registered > 1

    def select(self, timeout: float | None = None) -> Events:
        events: Events = []
        if self.begin is not None:
            begin, self.begin = self.begin, None
            begin()
        if self.alarm is not None and clock() >= self.alarm_at:
            self.alarm()
        if self._look is not None and self._take_look(self._look, timeout):
            timeout = 0  # for what it has scheduled
        if self._registered > 1 or self.takes_signals:
            events = self._poll(self._sooner(timeout))
        elif not self.jobs and (timeout is None or timeout > 0):
            self._park(timeout)
        while self.jobs:
            self._run(self.jobs.popleft())
        return events

    def _take_look(self, look: Callable[[], object], timeout: float | None) -> bool:
        self._steps_to_look -= 1
        if self._steps_to_look and (self.jobs or (timeout is not None and timeout <= 0)):
            return False
        self._look = None
        self._run(look)
        return True

    def _park(self, timeout: float | None) -> None:
        if timeout is None and (self.suspects or self.choose is not None):
            self._park_in_doubt()
        elif timeout is None and self.alarm is None:
            self._rest()
        else:
            seconds = self._sooner(timeout)
            assert seconds is not None
            self._bell.wait(min(seconds, _LONGEST_WAIT))

    def _rest(self) -> None:
        self._bell.wait()

    def _park_in_doubt(self) -> None:
        """Sleep, and look twice whether anything can ever wake the loop; if not, tell who waits.

        A look costs a millisecond or two: after one in vain the next comes later. Meanwhile the
        time of whoever waits may run out: who is to be told is chosen before the look, and told
        only if it is still the first to give up. Else another one were told, for whom the first
        can do what it waits for.
        """
        first: Suspect | None = None
        for seconds in (self._doubts_after, _SECOND_LOOK_SECONDS):
            until_alarm = max(self.alarm_at - clock(), 0.0)
            if self._bell.wait(min(seconds, until_alarm)) or self.jobs:
                self._doubts_after = _FIRST_LOOK_SECONDS
                return
            first = self._first()
            if clock() >= self.alarm_at or first is None or not self._has_stalled():
                self._doubts_after = _LATER_LOOK_SECONDS
                return
        self._tell(first)

    def _tell(self, suspect: Suspect | None) -> None:
        """Tell a caller, if it still is the first to give up."""
        if suspect is not None and not self.jobs and suspect == self._first():
            suspect.lose_hope()

    def _first(self) -> Suspect | None:
        if self.choose is not None:
            return self.choose()
        return first_of(tuple(self.suspects.values()))

    def _sooner(self, timeout: float | None) -> float | None:
        """Return the timeout, or the time to the alarm where that is less."""
        if self.alarm is None:
            return timeout
        left = max(self.alarm_at - clock(), 0.0)
        return left if timeout is None else min(timeout, left)

    def _poll(self, timeout: float | None) -> Events:
        self.is_polling = True
        try:
            return self._inner.select(0 if self.jobs else timeout)
        finally:
            self.is_polling = False


class ParkedLoop(asyncio.SelectorEventLoop):
    """An asyncio loop with `post`, which wakes it by a bell where that is enough."""

    def __init__(self) -> None:
        self._parking = _ParkedSelector(self._run_job, self._has_stalled)
        self._signals: set[int] = set()
        self.thread_calls: set[asyncio.Future[Any]] = set()  # what threads do for the loop
        super().__init__(self._parking)

    def _run_job(self, job: Callable[[], object]) -> None:
        """Run a job between two steps of the loop, which what it schedules does not wait for."""
        try:
            job()
        except Exception as error:  # noqa: BLE001 - as asyncio does with a callback's
            context = {"message": f"Exception in {job!r}", "exception": error}
            self.call_exception_handler(context)

    def post(self, job: Callable[[], object]) -> None:
        """Run `job()` in the loop's thread, soon; from any thread."""
        if self._parking.post(job):
            super().call_soon_threadsafe(_wake_up)

    def when_at_rest(self, look: Callable[[], object]) -> None:
        """Call `look()` once nothing is left to be done at once; called in the loop's thread.

        A loop that never rests calls it after some steps.
        """
        self._parking.look_at_rest(look)

    def begins_with(self, job: Callable[[], object]) -> None:
        """Run `job()` in the run that the caller is about to begin, before anything else."""
        self._parking.begin = job

    @property
    def soon(self) -> Callable[[Callable[[], object]], None]:
        """What runs a job in the loop's next step, before anything else; in the loop's thread."""
        return self._parking.jobs.append

    def suspect(self, suspect: Suspect) -> None:
        """Tell the caller where it is proved that nothing can happen while it waits."""
        self._parking.suspects[threading.get_ident()] = suspect

    def doubt(self, choose: Choice) -> None:
        """Tell whom `choose()` returns, likewise, whenever the loop runs."""
        self._parking.choose = choose

    def trust(self) -> None:
        """Forget that the caller waits."""
        self._parking.suspects.pop(threading.get_ident(), None)

    def set_alarm(self, at: float, ring: Callable[[], object]) -> None:
        """Call `ring()` at a time on the drivers' clock; unlike a timer, no task waits for it."""
        self._parking.alarm, self._parking.alarm_at = ring, at

    def clear_alarm(self) -> None:
        """Forget the alarm."""
        self._parking.alarm, self._parking.alarm_at = None, math.inf

    def _has_stalled(self) -> bool:
        if self.thread_calls or self._parking.takes_signals:
            return False
        waiting = {threading.get_ident(), *self._parking.suspects}
        try:
            return is_stalled(survey(task_views(self)), waiting)
        except Exception:  # noqa: BLE001 - no file to be had, for one: what cannot be looked at is no proof
            return False

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], Any], *args: *Ts
    ) -> asyncio.Future[Any]:
        """Call `func` in a thread; see `asyncio.loop.run_in_executor`."""
        future = super().run_in_executor(executor, func, *args)
        self.thread_calls.add(future)
        future.add_done_callback(self.thread_calls.discard)
        return future

    def add_signal_handler(self, sig: int, callback: Callable[[*Ts], object], *args: *Ts) -> None:
        """Call `callback` when a signal comes; see `asyncio.loop.add_signal_handler`."""
        super().add_signal_handler(sig, callback, *args)
        self._signals.add(sig)
        self._parking.takes_signals = True

    def remove_signal_handler(self, sig: int) -> bool:
        """Forget what was to be called; see `asyncio.loop.remove_signal_handler`."""
        self._signals.discard(sig)
        self._parking.takes_signals = bool(self._signals)
        return super().remove_signal_handler(sig)

    @property
    def watches_files(self) -> bool:
        """Whether sockets or pipes of the app are registered, or handlers of signals."""
        return self._parking.watches_files or self._parking.takes_signals

    def call_soon_threadsafe(
        self,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Run `callback(*args)` in the loop's thread, soon; from any thread."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        context = copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self, context)

        def call_unless_cancelled() -> None:
            if not handle.cancelled():
                self.call_soon(callback, *args, context=context)

        self.post(call_unless_cancelled)
        return handle


def _wake_up() -> None:
    """Do nothing: being called has woken the loop."""
