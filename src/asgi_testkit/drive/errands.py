"""Errands: work of the app that has to run in the thread of the waiting caller.

An executor that hands what is submitted to whoever waits for the call. Django's thread-sensitive
code needs it: database connections belong to the test's thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

__all__ = ("Errands",)

P = ParamSpec("P")
T = TypeVar("T")


class Errands(Executor):
    """A queue of work for one caller at a time.

    Attributes:
        ring: called when there is work; set by the caller while it waits.
    """

    def __init__(self) -> None:
        self.ring: Callable[[], object] = _nobody_waits
        self._waiting: deque[Callable[[], None]] = deque()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue `fn(*args, **kwargs)` for the caller's thread."""
        future: Future[T] = Future()

        def errand() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - the future's reader raises it
                future.set_exception(error)
            else:
                future.set_result(result)

        self._waiting.append(errand)
        self.ring()
        return future

    def run_waiting(self) -> None:
        """Run all that is queued, in the calling thread."""
        while self._waiting:
            self._waiting.popleft()()


def _nobody_waits() -> None:
    """Stand in for a caller."""
