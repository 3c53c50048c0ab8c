"""Errands: work of the app that has to run in the thread of the waiting caller.

An executor that hands what is submitted to whoever waits for the call. Django's thread-sensitive
code needs it: database connections belong to the test's thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

__all__ = ("Errands",)

P = ParamSpec("P")
T = TypeVar("T")


class Errands(Executor):
    """A queue of work for the callers that wait for calls of one thread."""

    def __init__(self) -> None:
        self._bells: list[Callable[[], object]] = []
        self._waiting: deque[Callable[[], None]] = deque()

    @contextmanager
    def ringing(self, ring: Callable[[], object]) -> Generator[None]:
        """Call `ring()` whenever there is work, as long as a caller waits."""
        self._bells.append(ring)
        try:
            yield
        finally:
            self._bells.remove(ring)

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
        for ring in tuple(self._bells):
            ring()
        return future

    def run_waiting(self) -> None:
        """Run all that is queued, in the calling thread."""
        while self._waiting:
            try:
                errand = self._waiting.popleft()
            except IndexError:  # another caller was quicker
                return
            errand()
