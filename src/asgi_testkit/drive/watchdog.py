"""The watchdog: a thread that reports where an app blocks the very thread that would have to.

On the inline and async drivers the app and its caller share a thread: while the app blocks it, no
limit can be told. The watchdog writes the report to the terminal at the limit; the error is raised
as soon as the app lets the thread go.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

from asgi_testkit.drive.silence import Patience, SilenceError, clock
from asgi_testkit.drive.threads import join_thread, ring_bell
from asgi_testkit.errors import StallError
from asgi_testkit.settings import SETTINGS

__all__ = ("WATCHDOG", "Guard")

_LOOKS_EVERY_SECONDS: Final = 0.1
_LINGERS_SECONDS: Final = 1.0  # before it sleeps until it is woken


class Guard:
    """One wait that the watchdog looks after.

    Attributes:
        patience: how long it may go on.
        tell: returns the report.
        silence: what is to be raised, once the watchdog has reported.
    """

    __slots__ = ("_is_late", "patience", "silence", "tell")

    def __init__(self, patience: Patience, tell: Callable[[], str]) -> None:
        self.patience = patience
        self.tell = tell
        self.silence: SilenceError | None = None
        self._is_late = False

    def check(self) -> None:
        """Report where the limit has passed, once, and not where the loop is about to tell."""
        if self.silence is not None:
            return
        try:
            self.patience.seconds_left()
        except SilenceError as silence:
            if self._is_late:
                silence.report = self.tell()
                self.silence = silence
                _write(silence.report)
            self._is_late = True
        except StallError:  # of a total limit, which the caller tells
            return


class _Watchdog:
    """See the module; one for the process."""

    def __init__(self) -> None:
        self._guards: set[Guard] = set()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._bell = threading.Lock()
        self._bell.acquire()
        self._sleeps = False
        self._shall_end = False
        self._watches_forks = False

    def guard(self, guard: Guard) -> None:
        """Look after a wait from now on."""
        self._guards.add(guard)
        if self._thread is None:
            self._start()
        elif self._sleeps:
            ring_bell(self._bell)

    def release(self, guard: Guard) -> None:
        """Look after a wait no longer."""
        self._guards.discard(guard)

    def stop(self) -> None:
        """End the thread; the next guard starts another."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._shall_end = True
            ring_bell(self._bell)
            join_thread(thread, None)

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            if not self._watches_forks and hasattr(os, "register_at_fork"):
                os.register_at_fork(before=self.stop)
                self._watches_forks = True
            self._shall_end = False
            self._thread = threading.Thread(
                target=self._main, name="asgi-testkit-watchdog", daemon=True
            )
            self._thread.start()

    def _main(self) -> None:
        idle_since = clock()
        while not self._shall_end:
            self._rest(None if clock() - idle_since > _LINGERS_SECONDS else _LOOKS_EVERY_SECONDS)
            for guard in tuple(self._guards):
                guard.check()
            if self._guards:
                idle_since = clock()

    def _rest(self, seconds: float | None) -> None:
        if seconds is not None:
            self._bell.acquire(timeout=seconds)
            return
        self._sleeps = True
        if not self._guards and not self._shall_end:
            self._bell.acquire()
        self._sleeps = False


def _write(report: str) -> None:
    os.write(SETTINGS.stderr_fd, f"\n{report}\n".encode("utf-8", "replace"))


WATCHDOG: Final = _Watchdog()
