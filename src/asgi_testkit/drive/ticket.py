"""Tickets: one wait of one blocking caller for something in another thread or a stepped loop."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from asgi_testkit.drive.application import LoopCall
from asgi_testkit.drive.runtime import Runtime
from asgi_testkit.drive.silence import Limit, Patience

if TYPE_CHECKING:
    from asgi_testkit.drive.driver import Driver

__all__ = ("Ticket",)

T = TypeVar("T")


class Ticket(Patience, Generic[T]):
    """A wait that polls in the loop's thread until there is a result, then tells the caller.

    Attributes:
        is_done: whether `result()` may be called.
    """

    __slots__ = (
        "_allowed",
        "_error",
        "_first",
        "_is_noted",
        "_poll",
        "_result",
        "_runtime",
        "_tell",
        "_watched",
        "is_done",
    )

    def __init__(
        self,
        call: LoopCall,
        poll: Callable[[], T | None],
        first: Callable[[], object] | None,
        tell: Callable[[], object],
        limit: Limit,
        place: Driver | None = None,
        thread_id: int = 0,
    ) -> None:
        Patience.__init__(self, call, limit, None, place, thread_id)
        self._allowed = None if self._steady is not None else limit()
        self.is_done = False
        self._is_noted = False
        self._runtime: Runtime | None = None
        self._watched: list[Callable[[], None]] | None = None
        self._poll = poll
        self._first = first
        self._tell = tell
        self._result: Any = None  # a T once it is done
        self._error: BaseException | None = None

    def open(self, runtime: Runtime, context: Context) -> None:
        """Begin to watch the call, starting it if it was not; called in the loop's thread."""
        call = self.call
        try:
            if self._first is not None:
                self._first()
            if self.is_done:  # the caller has given up before the loop came to this
                return
            self._runtime = runtime
            self._watched = watched = call.watchers
            watched.append(self.note)
            if call.task is None:
                call.start(runtime, context)
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            self._close(error)
        else:
            self.check()

    def note(self) -> None:
        """Poll soon; called in the loop's thread whenever there may be news.

        Soon and not now: an app that sends many small pieces in one step is read at once.
        """
        if self._is_noted or self.is_done or self._runtime is None:
            return
        self._is_noted = True
        self._runtime.soon(self.check)

    def check(self) -> None:
        """Poll now."""
        __tracebackhide__ = True
        self._is_noted = False
        if self.is_done:
            return
        try:
            self._result = result = self._poll()
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            self._close(error)
            return
        if result is not None:
            self._close(None)
        elif self._steady is None:
            self._check_limit()

    def _check_limit(self) -> None:
        """Let the caller reckon anew where another limit has come into force."""
        assert self._limit is not None
        try:
            allowed = self._limit()
        except BaseException as error:  # noqa: BLE001 - the caller raises it
            self._close(error)
            return
        if allowed != self._allowed:
            self._allowed = allowed
            self._tell()

    def abandon(self) -> None:
        """Stop watching: the caller waits no longer; from any thread."""
        if self.is_done:
            return
        self.is_done = True
        if (watched := self._watched) is not None and self.note in watched:
            watched.remove(self.note)

    def result(self) -> T:
        """Return or raise what the poll did."""
        __tracebackhide__ = True
        if self._error is not None:
            raise self._error
        result: T = self._result
        return result

    def _close(self, error: BaseException | None) -> None:
        self._error = error
        self.abandon()
        self._tell()
