"""What crossed the boundary between app and client side, as data.

A record is bounded: bodies are cut, and of a long or large exchange the first and the last
entries stay. It holds nothing of the app: no scope, no exception, no frame. Times come from the
clock that a driver hands in. Printing is done elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any, Final, NamedTuple, TypeAlias

from asgi_testkit.protocol.scope import HTTPRequest, scope_head
from asgi_testkit.types import Scope

__all__ = ("CUT_BYTES", "CallSite", "Clock", "CodeLine", "Entry", "Raised", "Record")

Clock: TypeAlias = Callable[[], float]

CallSite: TypeAlias = tuple[CodeType, int]
"""A function, and the offset of an instruction in it, of which the line can be told later."""

CodeLine: TypeAlias = tuple[CodeType, int]
"""A function, and a line of its file."""

CUT_BYTES: Final = 4096
"""How much of a body an entry keeps."""

_FIELDS: Final = 6  # of an entry
_KEPT_ENTRIES: Final = 100
_KEPT_BYTES: Final = 64 * 1024  # of large bodies at each end
_LARGE_BYTES: Final = 512  # what is smaller is bounded by the number of entries
_RAISED_CHARS: Final = 2000
_HEAD: Final = (
    "type",
    "method",
    "scheme",
    "http_version",
    "path",
    "raw_path",
    "query_string",
    "headers",
    "server",
)


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
        text: its `repr`, cut.
        rule: the id of the rule that the app broke by raising it; empty: none.
        place: the app's line that it came from; `None`: not known.
        is_again: the app was handling it as its response became whole, and has raised it again:
            no work after the response has failed.
    """

    text: str
    rule: str = ""
    place: CodeLine | None = None
    is_again: bool = False

    @classmethod
    def of(
        cls,
        exception: BaseException,
        *,
        rule: str = "",
        place: CodeLine | None = None,
        is_again: bool = False,
    ) -> Raised:
        """Return what is kept of an exception; of one that has no `repr` the class."""
        try:
            text = repr(exception)[:_RAISED_CHARS]
        except Exception:  # noqa: BLE001 - the app's own code
            text = f"<{type(exception).__name__}>"
        return cls(text, rule, place, is_again)

    def __repr__(self) -> str:
        return f"{self.text}  (rule {self.rule})" if self.rule else self.text


_Parts: TypeAlias = tuple[float, str, str, int, bool, object]


class Record:
    """The entries of one exchange, in their order, with what was asked for.

    The newest records of all clients are kept, so that they are small: what can be made later of
    what is there anyway is not made before somebody reads it.

    Attributes:
        clock: seconds.
        began_at: when it was made.
        last_at: when the last entry was added.
        called_from: the test's call; `None`: not known.
        owner: a number of the client and its siblings in this process.
        endpoint: where the function begins that the framework has chosen; `None`: not known.
    """

    __slots__ = (
        "_asked",
        "_bytes_left",
        "_count",
        "_first",
        "_http_version",
        "_kind",
        "_last",
        "_last_bytes",
        "_scope",
        "_server",
        "began_at",
        "called_from",
        "clock",
        "endpoint",
        "last_at",
        "owner",
    )

    def __init__(
        self,
        scope: Scope,
        clock: Clock,
        request: HTTPRequest | None = None,
        called_from: CallSite | None = None,
        owner: int = 0,
    ) -> None:
        self._asked: HTTPRequest | dict[str, Any]
        if request is None or request.scope:  # whose values may be anything
            self._asked = _head_of(scope)
        else:
            self._asked = request
        self._http_version: object = scope.get("http_version")
        self._server: object = scope.get("server")
        self._kind: str = scope["type"]
        self._scope = scope
        self.clock = clock
        self.called_from = called_from
        self.owner = owner
        self.endpoint: CallSite | None = None
        self.began_at = self.last_at = clock()
        self._count = 0
        self._bytes_left = _KEPT_BYTES
        # The fields of all entries, one after the other: a tuple for each would take more room.
        self._first: list[Any] = []
        self._last: deque[_Parts] | None = None
        self._last_bytes = 0  # of large bodies in it

    @property
    def head(self) -> Mapping[str, Any]:
        """What was asked for: values of the scope as they were before the app could change it."""
        if not isinstance(self._asked, HTTPRequest):
            return self._asked
        head = scope_head(self._asked, self._kind)
        head["http_version"] = self._http_version
        head["server"] = self._server
        return head

    def take_scope(self) -> Scope:
        """Return the scope, once: records outlive clients, and must not keep their apps alive."""
        scope, self._scope = self._scope, {}
        return scope

    @property
    def dropped(self) -> int:
        """How many entries of the middle were not kept."""
        return self._count - len(self._first) // _FIELDS - len(self._last or ())

    @property
    def gap(self) -> int | None:
        """Before which of the kept entries others were not kept; `None`: all were."""
        return len(self._first) // _FIELDS if self.dropped else None

    def add(
        self,
        actor: str,
        act: str,
        size_bytes: int = -1,
        *,
        more: bool = False,
        detail: object = None,
    ) -> None:
        """Append an entry, dropping the middle of a long or large exchange."""
        self.last_at = at = self.clock()
        self._count = count = self._count + 1
        if self._last is None:
            self._first += (at, actor, act, size_bytes, more, detail)
            if size_bytes > _LARGE_BYTES or count == _KEPT_ENTRIES:
                self._note_large(size_bytes)
        else:
            if size_bytes > _LARGE_BYTES or self._last_bytes:
                self._make_room(size_bytes, self._last)
            self._last.append((at, actor, act, size_bytes, more, detail))

    def _note_large(self, size_bytes: int) -> None:
        self._bytes_left -= _large_bytes(size_bytes)
        if self._count == _KEPT_ENTRIES or self._bytes_left <= 0:
            self._last = deque(maxlen=_KEPT_ENTRIES)

    def _make_room(self, size_bytes: int, last: deque[_Parts]) -> None:
        """Drop the oldest of the last entries, until a new one's large body is within bounds."""
        self._last_bytes += _large_bytes(size_bytes)
        while self._last_bytes > _KEPT_BYTES or len(last) == _KEPT_ENTRIES:
            self._last_bytes -= _large_bytes(last.popleft()[3])

    def add_body(self, actor: str, act: str, body: bytes, *, more: bool) -> None:
        """Append an entry for a message with a body, keeping its first `CUT_BYTES`."""
        size = len(body)
        if size > _LARGE_BYTES or self._last is not None or self._count + 1 == _KEPT_ENTRIES:
            self.add(actor, act, size, more=more, detail=body[:CUT_BYTES])
            return
        self.last_at = at = self.clock()  # as `add`, without a call of it
        self._count += 1
        self._first += (at, actor, act, size, more, body)

    def __iter__(self) -> Iterator[Entry]:
        first = iter(self._first.copy())
        for parts in zip(*[first] * _FIELDS, strict=True):
            yield Entry(*parts)
        for parts in tuple(self._last or ()):
            yield Entry(*parts)

    def __len__(self) -> int:
        return self._count

    def acts(self) -> list[str]:
        """Return the acts in order, as `"actor: act"`: what most assertions compare."""
        return [f"{entry.actor}: {entry.act}" for entry in self]


def _head_of(scope: Scope) -> dict[str, Any]:
    return {key: scope[key] for key in _HEAD if key in scope}


def _large_bytes(size_bytes: int) -> int:
    """Return how much of a body counts as kept: small ones are bounded by their number."""
    return min(size_bytes, CUT_BYTES) if size_bytes > _LARGE_BYTES else 0
