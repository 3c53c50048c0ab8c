"""The parked loop: an asyncio loop that sleeps on a plain lock while no socket is registered.

A hand-off to it costs a lock instead of a system call on a pipe. As soon as anything registers a
file descriptor, it polls as any other loop does. Built on two documented seams only: the selector
argument of `asyncio.SelectorEventLoop`, and overriding `call_soon_threadsafe`.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVarTuple

from asgi_testkit.drive.threads import ring_bell

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

__all__ = ("ParkedLoop",)

Ts = TypeVarTuple("Ts")

Events: TypeAlias = list[tuple[selectors.SelectorKey, int]]

_LONGEST_WAIT = 3600.0  # a lock refuses very long waits; waking in vain does no harm
_ATTENTIVE_SECONDS = 0.005


class _ParkedSelector(selectors.BaseSelector):
    """Waits on a lock while only the loop's own wake-up pipe is registered.

    The order of `append`, `is_polling` and `release` in `post` and of their counterparts in
    `select` is what makes a lost wake-up impossible: a job is appended before `is_polling` is
    read, and looked for after it was set. The same holds for `is_attentive`, which says that the
    loop looks for jobs within some milliseconds though nobody wakes it.
    """

    def __init__(self, run: Callable[[Callable[[], object]], object]) -> None:
        self._inner = selectors.DefaultSelector()
        self._run = run
        self._registered = 0
        self._alarm = threading.Lock()
        self._alarm.acquire()
        self.jobs: deque[Callable[[], object]] = deque()
        self.is_polling = False
        self.is_attentive = False
        self.shall_attend = False

    def post(self, job: Callable[[], object]) -> bool:
        """Take a job; return whether the pipe must be written to wake the loop."""
        self.jobs.append(job)
        return self.wake()

    def post_later(self, job: Callable[[], object]) -> bool:
        """Take a job as `post` does, but leave a loop asleep that soon looks by itself."""
        self.jobs.append(job)
        return False if self.is_attentive else self.wake()

    def wake(self) -> bool:
        """Wake a parked loop; return whether the pipe must be written to wake it."""
        if self.is_polling:
            return True
        ring_bell(self._alarm)
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
        if self.watches_files:
            events = self._poll(timeout)
        elif not self.jobs and (timeout is None or timeout > 0):
            self._park(timeout)
        while self.jobs:
            self._run(self.jobs.popleft())
        return events

    def _park(self, timeout: float | None) -> None:
        if self.shall_attend:
            self._park_attentively(min(timeout or _ATTENTIVE_SECONDS, _ATTENTIVE_SECONDS))
        elif timeout is None:
            self._alarm.acquire()
        else:
            self._alarm.acquire(timeout=min(timeout, _LONGEST_WAIT))

    def _park_attentively(self, seconds: float) -> None:
        """Sleep a little while; the flag is raised before the jobs are looked for, and lowered so.

        Whoever appends a job and reads the flag after it either wakes the loop or is seen by it.
        """
        self.shall_attend = False
        self.is_attentive = True
        if not self.jobs:
            self._alarm.acquire(timeout=seconds)
        self.is_attentive = False

    def _poll(self, timeout: float | None) -> Events:
        self.is_polling = True
        try:
            return self._inner.select(0 if self.jobs else timeout)
        finally:
            self.is_polling = False


class ParkedLoop(asyncio.SelectorEventLoop):
    """An asyncio loop with `post`, which wakes it by a lock where that is enough."""

    def __init__(self) -> None:
        self._parking = _ParkedSelector(self._run_job)
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

    def post_later(self, job: Callable[[], object]) -> None:
        """Run `job()` in the loop's thread within some milliseconds; from any thread.

        A caller who is about to wait wakes the loop by `attend`. One wake-up serves both then,
        and the two threads do not fight for the interpreter lock in between.
        """
        if self._parking.post_later(job):
            super().call_soon_threadsafe(_wake_up)

    def do_first(self, job: Callable[[], object]) -> None:
        """Run `job()` in the run that the caller is about to begin, before anything else."""
        self._parking.jobs.appendleft(job)

    def attend(self) -> None:
        """Do what was posted, and be ready for more: the caller waits and may post soon after."""
        self._parking.shall_attend = True
        if self._parking.jobs and self._parking.wake():
            super().call_soon_threadsafe(_wake_up)

    @property
    def watches_files(self) -> bool:
        """Whether sockets or pipes of the app are registered."""
        return self._parking.watches_files

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
