"""The watchdog: a thread that looks after all waits of the process.

It wakes callers in other threads than their app's when it is time to look up. On the inline and
async drivers the app and its caller share a thread, and while the app blocks it, no limit can be
told: the watchdog writes the report to the terminal then, and the error is raised as soon as the
app lets the thread go.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from asgi_testkit.drive.silence import Patience, SilenceError, clock
from asgi_testkit.drive.stalls import blocked_head, blocked_report
from asgi_testkit.drive.threads import QuietableThread, join_thread, make_bell
from asgi_testkit.errors import StallError
from asgi_testkit.settings import SETTINGS

__all__ = ("WATCHDOG",)

_LOOKS_EVERY_SECONDS: Final = 0.02
_LATE_SECONDS: Final = 0.1  # in which a loop that is not blocked tells by itself
_LINGERS_SECONDS: Final = 1.0  # before it sleeps until it is woken


class _Watchdog:
    """See the module; one for the process.

    Attributes:
        is_awake: whether it looks after waits now; if not, each has to look after itself.
    """

    def __init__(self) -> None:
        self._waits: set[Patience] = set()
        self._late: dict[Patience, float] = {}
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._bell = make_bell()
        self.is_awake = False
        self._shall_end = False
        self._watches_forks = False

    def guard(self, wait: Patience) -> None:
        """Look after a wait from now on."""
        self._waits.add(wait)
        if not self.is_awake:
            self._wake()

    def release(self, wait: Patience) -> None:
        """Look after a wait no longer; what is to be raised stands in `wait.silence`."""
        self._waits.discard(wait)

    def _wake(self) -> None:
        if self._thread is None:
            self._start()
        else:
            self._bell.ring()

    def stop(self) -> None:
        """End the thread; the next guard starts another."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._shall_end = True
            self._bell.ring()
            join_thread(thread, None)

    def _go_on(self) -> None:
        """Look after those who wait in other threads than the one that forks."""
        if self._waits:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            if not self._watches_forks and hasattr(os, "register_at_fork"):
                os.register_at_fork(before=self.stop, after_in_parent=self._go_on)
                self._watches_forks = True
            self._shall_end = False
            self._thread = QuietableThread(
                self._main, name="asgi-testkit-watchdog", is_quiet=lambda: True
            )
            try:
                self._thread.start()
            except RuntimeError:  # the interpreter is about to exit: from now on nobody looks
                self._thread = None

    def _main(self) -> None:
        idle_since = clock()
        while not self._shall_end:
            is_idle = clock() - idle_since > _LINGERS_SECONDS
            self.is_awake = not is_idle
            self._rest(None if is_idle else _LOOKS_EVERY_SECONDS)
            self._look()
            if self._waits:
                idle_since = clock()
        self.is_awake = False

    def _rest(self, seconds: float | None) -> None:
        if seconds is not None or not (self._waits or self._shall_end):
            self._bell.wait(seconds)

    def _look(self) -> None:
        """Wake whoever is to look up, and report what is late for some time."""
        now = clock()
        for wait in tuple(self._waits):
            if wait.ring is None:
                self._look_at_blocked(wait, now)
            elif now >= wait.looks_up_at:
                wait.ring()
        self._late = {wait: at for wait, at in self._late.items() if wait in self._waits}

    def _look_at_blocked(self, wait: Patience, now: float) -> None:
        if wait.silence is not None or _silence_of(wait) is None:
            return
        if now - self._late.setdefault(wait, now) > _LATE_SECONDS:
            _report(wait)


def _silence_of(wait: Patience) -> SilenceError | None:
    """Return what a wait would raise now."""
    try:
        wait.seconds_left()
    except SilenceError as silence:
        return silence
    except StallError:  # of a total limit, which the caller tells
        return None
    return None


def _report(wait: Patience) -> None:
    """Write the report to the terminal, and note what is to be raised."""
    silence = _silence_of(wait)
    if silence is not None and wait.place is not None:
        silence.report = blocked_report(wait.place, wait.call, wait.thread_id)
        wait.silence = silence
        text = f"\n{blocked_head(wait.call, wait.thread_id)}\n{silence.report}\n"
        os.write(SETTINGS.stderr_fd, text.encode("utf-8", "replace"))


WATCHDOG: Final = _Watchdog()
