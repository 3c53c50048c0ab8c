"""The watchdog: a thread that looks after all waits of the process.

It wakes callers in other threads than their app's when it is time to look up. On the inline and
async drivers the app and its caller share a thread, and while the app blocks it, no limit can be
told: the watchdog writes the report to the terminal then, and the error is raised as soon as the
app lets the thread go.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from asgi_testkit.drive.silence import Patience, SilenceError, clock
from asgi_testkit.drive.stalls import blocked_head, blocked_report
from asgi_testkit.drive.threads import QuietableThread, join_thread, make_bell
from asgi_testkit.errors import StallError
from asgi_testkit.settings import SETTINGS

__all__ = ("WATCHDOG",)

_log = logging.getLogger("asgi_testkit")

_LOOKS_EVERY_SECONDS: Final = 0.02
_PATIENCE_SECONDS: Final = 5.0  # for the thread to end
_GIVEN_UP_SECONDS: Final = 60.0  # after which a loop does not run, and nobody waits in it
_LATE_SECONDS: Final = 0.1  # in which a loop that is not blocked tells by itself
_LINGERS_SECONDS: Final = 1.0  # before it sleeps until it is woken


class _Watchdog:
    """See the module; one for the process.

    Attributes:
        is_awake: whether it looks after waits now; if not, each has to look after itself.
        release: looks after a wait no longer; what is to be raised stands in `wait.silence`.
    """

    def __init__(self) -> None:
        self._waits: set[Patience] = set()
        self.release: Callable[[Patience], None] = self._waits.discard
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
            join_thread(thread, _PATIENCE_SECONDS)

    def _forget(self) -> None:
        """Begin anew in a forked child: those who wait are threads of the parent."""
        self._waits.clear()
        self._late.clear()
        self._thread, self.is_awake, self._starting = None, False, threading.Lock()

    def _go_on(self) -> None:
        """Look after those who wait in other threads than the one that forks."""
        if self._waits:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            if not self._watches_forks and hasattr(os, "register_at_fork"):
                os.register_at_fork(
                    before=self.stop, after_in_parent=self._go_on, after_in_child=self._forget
                )
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
        try:
            while not self._shall_end:
                is_idle = clock() - idle_since > _LINGERS_SECONDS
                self.is_awake = not is_idle
                self._rest(None if is_idle else _LOOKS_EVERY_SECONDS)
                self._look()
                if self._waits:
                    idle_since = clock()
        finally:
            self.is_awake = False
            if self._thread is threading.current_thread():
                self._thread = None  # whoever waits next starts another

    def _rest(self, seconds: float | None) -> None:
        if seconds is not None or not (self._waits or self._shall_end):
            self._bell.wait(seconds)

    def _look(self) -> None:
        """Wake whoever is to look up, and report what is late for some time."""
        now = clock()
        for wait in tuple(self._waits):
            try:
                self._look_at(wait, now)
            except Exception:  # noqa: BLE001 - one wait must not end the limits of all others
                _log.exception("The watchdog could not look after %s.", wait.call.title)
                self._waits.discard(wait)
        self._late = {wait: at for wait, at in self._late.items() if wait in self._waits}

    def _look_at(self, wait: Patience, now: float) -> None:
        if wait.ring is not None:
            if now >= wait.looks_up_at:
                wait.ring()
        elif wait.silence is None and _silence_of(wait) is not None:
            late_for = now - self._late.setdefault(wait, now)
            if late_for > _LATE_SECONDS:
                _report(wait)
            if late_for > _GIVEN_UP_SECONDS:
                self._waits.discard(wait)


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
    """Write the report to the terminal, and note what is to be raised.

    A loop that does not run, or in which the test's own code runs, is not blocked by the app.
    """
    silence = _silence_of(wait)
    if silence is None or wait.place is None:
        return
    if (report := blocked_report(wait.place, wait.call, wait.thread_id)) is None:
        return
    silence.report = report
    wait.silence = silence
    text = f"\n{blocked_head(wait.call, wait.thread_id)}\n{report}\n"
    with suppress(OSError):  # nobody reads
        os.write(SETTINGS.stderr_fd, text.encode("utf-8", "replace"))


WATCHDOG: Final = _Watchdog()
