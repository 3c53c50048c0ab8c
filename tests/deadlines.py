"""A hard end for a test that would hang: the alarm clock of the process."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

__all__ = ("hard_deadline",)


@contextmanager
def hard_deadline(seconds: float) -> Generator[None]:
    """Fail where the block takes longer; for the main thread, whatever it waits for."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError(f"not over after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
