"""What crossed the boundary between app and client side, as data.

A record is bounded: bodies are cut, and of a long exchange the first and the last entries stay.
Times come from the clock that a driver hands in. Printing is done elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from asgi_testkit.types import Scope

__all__ = ("CUT_BYTES", "Clock", "Entry", "Raised", "Record")

Clock: TypeAlias = Callable[[], float]

CUT_BYTES = 256
"""How much of a body an entry keeps."""

_KEPT_ENTRIES = 100


class Entry(NamedTuple):
    """One message, or one act of the app or the client side.

    Attributes:
        at: seconds on the driver's clock.
        actor: `"app"` or `"client"`: who sent it.
        act: the message's type, or what was done (`"returned"`, `"raised"`).
        size_bytes: of the whole body in the message; -1 where there is none.
        more: `more_body` of the message.
        detail: status and headers of a start, the cut body, the exception, or `None`.
    """

    at: float
    actor: str
    act: str
    size_bytes: int = -1
    more: bool = False
    detail: object = None


class Raised(NamedTuple):
    """What an entry keeps of an exception: not itself, which would hold the frames of the app.

    Attributes:
        text: its `repr`.
        rule: the id of the rule that the app broke by raising it; empty: none.
    """

    text: str
    rule: str = ""

    def __repr__(self) -> str:
        return f"{self.text}  (rule {self.rule})" if self.rule else self.text


class Record:
    """The entries of one exchange, in their order, with the scope it belongs to."""

    __slots__ = ("_count", "_first", "_last", "began_at", "clock", "last_at", "scope")

    def __init__(self, scope: Scope, clock: Clock) -> None:
        self.scope = scope
        self.clock = clock
        self.began_at = self.last_at = clock()
        self._count = 0
        # Plain tuples of an entry's fields: entries are made when somebody reads them.
        self._first: list[tuple[float, str, str, int, bool, object]] = []
        self._last: deque[tuple[float, str, str, int, bool, object]] | None = None

    @property
    def dropped(self) -> int:
        """How many entries of the middle were not kept."""
        return self._count - len(self._first) - len(self._last or ())

    def add(
        self,
        actor: str,
        act: str,
        size_bytes: int = -1,
        *,
        more: bool = False,
        detail: object = None,
    ) -> None:
        """Append an entry, dropping the middle of a long exchange."""
        self.last_at = at = self.clock()
        self._count += 1
        if self._last is not None:
            self._last.append((at, actor, act, size_bytes, more, detail))
            return
        self._first.append((at, actor, act, size_bytes, more, detail))
        if self._count == _KEPT_ENTRIES:
            self._last = deque(maxlen=_KEPT_ENTRIES)

    def add_body(self, actor: str, act: str, body: bytes, *, more: bool) -> None:
        """Append an entry for a message with a body, keeping its first `CUT_BYTES`."""
        self.add(actor, act, size_bytes=len(body), more=more, detail=body[:CUT_BYTES])

    def __iter__(self) -> Iterator[Entry]:
        for parts in (*self._first, *(self._last or ())):
            yield Entry(*parts)

    def __len__(self) -> int:
        return self._count

    def acts(self) -> list[str]:
        """Return the acts in order, as `"actor: act"`: what most assertions compare."""
        return [f"{entry.actor}: {entry.act}" for entry in self]
