"""Threads: bells to wake one by, and ending one so that the operating system knows of it.

Waking a thread is most of what a blocking call costs. Releasing a lock keeps the interpreter lock,
so that whoever is woken by it sleeps again at once until that is free; writing to an event
descriptor gives it up meanwhile, which takes half the time.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol
from weakref import WeakSet

__all__ = ("Bell", "QuietableThread", "join_thread", "make_bell")

_LONGEST_POLL_SECONDS: Final = 3600.0  # poll refuses very long waits; waking in vain does no harm
_LONGEST_WAIT_SECONDS: Final = 2.0  # microseconds, but for a machine that is overloaded


def join_thread(thread: threading.Thread, seconds: float | None) -> None:
    """Join `thread`, and wait until the operating system has ended it, where it tells.

    `Thread.join` returns a moment before that, and `os.fork` counts the system's threads: it
    would warn of one that is about to end. No wake-up tells of it, hence the bounded loop.
    """
    thread.join(seconds)
    if thread.is_alive():
        return
    task = Path(f"/proc/self/task/{thread.native_id}")
    give_up_at = time.monotonic() + _LONGEST_WAIT_SECONDS
    while task.exists() and time.monotonic() < give_up_at:
        os.sched_yield()


class QuietableThread(threading.Thread):
    """A daemon that runs an event loop, and can tell whether anything goes on there.

    Attributes:
        is_quiet: returns whether it does nothing until it is asked to.
    """

    def __init__(
        self, target: Callable[[], object], *, name: str, is_quiet: Callable[[], bool]
    ) -> None:
        super().__init__(target=target, name=name, daemon=True)
        self.is_quiet = is_quiet


class Bell(Protocol):
    """Wakes the one thread that waits for it; what is rung before the wait ends it at once."""

    def ring(self) -> None:
        """Wake the thread; from any thread. Ringing twice is as ringing once."""
        ...

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it rings; return whether it did within `seconds`."""
        ...

    def silence(self) -> None:
        """Forget that it was rung."""
        ...


def make_bell() -> Bell:
    """Return the quickest kind of bell that the operating system has."""
    if not hasattr(os, "eventfd"):
        return _LockBell()
    _BELLS.watch_forks()
    return _EventBell()


class _Bells(WeakSet["_EventBell"]):
    """All bells that there are, for a forked child to renew them."""

    _watches_forks = False

    def watch_forks(self) -> None:
        """Renew the bells in every child, from now on."""
        if not self._watches_forks:
            self._watches_forks = True
            os.register_at_fork(after_in_child=self.renew)

    def renew(self) -> None:
        """Renew all bells."""
        for bell in tuple(self):
            bell.renew()


class _EventBell:
    """A bell that is an event descriptor, on Linux.

    It is closed with the last reference, so that nobody can ring at what has become another file;
    and it is another one in a forked child, which would take the parent's rings. What rings while
    the waiting thread takes the last ring is not lost: that thread looks after it.
    """

    __slots__ = ("__weakref__", "_file", "_is_rung", "_poll")

    def __init__(self) -> None:
        self._file = -1
        self._is_rung = False
        self._poll: select.poll | None = None
        self._file = os.eventfd(0)
        _BELLS.add(self)

    def __del__(self) -> None:
        if self._file >= 0:
            os.close(self._file)

    def ring(self) -> None:
        if self._is_rung:
            return
        try:
            self._is_rung = True
            os.eventfd_write(self._file, 1)
        except BaseException:  # Ctrl-C between the two: it must not stay dumb
            self._is_rung = False
            raise

    def wait(self, seconds: float | None = None) -> bool:
        if seconds is not None:
            seconds = min(seconds, _LONGEST_POLL_SECONDS)
            if not self._polled().poll(seconds * 1000):
                return False
        try:
            os.eventfd_read(self._file)
        except InterruptedError:
            self._take()
        finally:
            self._is_rung = False
        return True

    def silence(self) -> None:
        if self._is_rung:  # and written, or about to be
            self.wait()

    def renew(self) -> None:
        """Become another descriptor than the parent's; called in a forked child."""
        self.__del__()
        self._file, self._is_rung, self._poll = os.eventfd(0), False, None

    def _take(self) -> None:
        while True:  # unlike other calls, this one does not go on after a signal by itself
            with suppress(InterruptedError):
                os.eventfd_read(self._file)
                return

    def _polled(self) -> select.poll:
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(self._file, select.POLLIN)
        return self._poll


class _LockBell:
    """A bell that is a lock."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def ring(self) -> None:
        if self._lock.locked():
            with suppress(RuntimeError):  # two rang at once
                self._lock.release()

    def wait(self, seconds: float | None = None) -> bool:
        longest = threading.TIMEOUT_MAX
        return self._lock.acquire(timeout=-1 if seconds is None else min(seconds, longest))

    def silence(self) -> None:
        self._lock.acquire(blocking=False)


_BELLS: Final = _Bells()
