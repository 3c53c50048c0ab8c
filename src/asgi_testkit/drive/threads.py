"""Threads: a bell to wake one by, and ending one so that the operating system knows of it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Final

__all__ = ("join_thread", "ring_bell")

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


def ring_bell(bell: threading.Lock) -> None:
    """Wake whoever waits to acquire the lock; ringing twice is as ringing once."""
    if bell.locked():
        try:
            bell.release()
        except RuntimeError:  # two rang at once
            return
