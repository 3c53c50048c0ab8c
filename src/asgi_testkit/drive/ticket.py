"""Tickets: one wait of one blocking caller for something in another thread or a stepped loop."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any, Generic, TypeVar

from asgi_testkit.drive.application import LoopCall
from asgi_testkit.drive.runtime import Runtime

__all__ = ("Ticket",)

T = TypeVar("T")


class Ticket(Generic[T]):
    """Polls in the loop's thread until there is a result, then tells the caller.

    Attributes:
        is_done: whether `result()` may be called.
    """

    __slots__ = ("_call", "_error", "_first", "_poll", "_result", "_tell", "is_done")

    def __init__(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        first: Callable[[], object] | None,
        tell: Callable[[], object],
    ) -> None:
        self.is_done = False
        self._call = call
        self._poll = poll
        self._first = first
        self._tell = tell
        self._result: Any = None  # a T once it is done
        self._error: BaseException | None = None

    def open(self, runtime: Runtime, context: Context) -> None:
        """Begin to watch the call, starting it if it was not; called in the loop's thread."""
        try:
            if self._first is not None:
                self._first()
            self._call.watch = self.check
            if self._call.task is None:
                self._call.start(runtime, context)
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            self._close(error)
        else:
            self.check()

    def check(self) -> None:
        """Poll; called in the loop's thread whenever there may be news."""
        __tracebackhide__ = True
        if self.is_done:
            return
        try:
            self._result = self._poll()
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            self._close(error)
        else:
            if self._result is not None:
                self._close(None)

    def result(self) -> T:
        """Return or raise what the poll did."""
        __tracebackhide__ = True
        if self._error is not None:
            raise self._error
        result: T = self._result
        return result

    def _close(self, error: BaseException | None) -> None:
        self._error = error
        self.is_done = True
        self._tell()
