"""What a scenario is, as a value, and what its script can do on either side.

A script is written once, against `HTTPLine` or `WebSocketLine`; `wire` and `engine` have these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

__all__ = (
    "HTTPLine",
    "Kind",
    "Request",
    "Saw",
    "Scenario",
    "Sighting",
    "WebSocketLine",
    "talk",
    "whole",
)

Kind: TypeAlias = Literal["http", "websocket", "lifespan"]
Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the client asks for.

    Attributes:
        headers: beside `host`, and what the body needs.
        version: of HTTP, in the request line.
        body: `None`: none; bytes: with `Content-Length`; a tuple: chunked, in these pieces.
        has_host: whether it has a `Host`.
        subprotocols: what a WebSocket's handshake offers.
    """

    method: bytes = b"GET"
    target: bytes = b"/"
    headers: Headers = ()
    version: bytes = b"1.1"
    body: bytes | tuple[bytes, ...] | None = None
    has_host: bool = True
    subprotocols: tuple[str, ...] = ()

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """The body in pieces."""
        if self.body is None:
            return ()
        return (self.body,) if isinstance(self.body, bytes) else self.body


@dataclass(slots=True, kw_only=True)
class Saw:
    """What the client has seen.

    Attributes:
        status: of the response, or of the handshake's; `None`: none came.
        end: `whole`, `cut`, `nothing`, `hang`, `left`; `close CODE 'REASON'` or `lost` of a
            WebSocket; `rule ID` or `raised NAME` of our engine.
        hints: the 1xx statuses that came before.
        messages: of a WebSocket, in order.
        notes: what a script says by itself.
    """

    status: int | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    body: bytes = b""
    end: str = "nothing"
    hints: list[int] = field(default_factory=list[int])
    messages: list[str | bytes] = field(default_factory=list[str | bytes])
    notes: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Sighting:
    """What both have seen of one run; `app` is empty where the app was not called."""

    client: Saw
    app: dict[str, Any]  # see `recording.Record`


class Line(Protocol):
    """What both kinds of lines have."""

    saw: Saw

    def until(self, mark: str) -> None:
        """Wait until the app has noted this, or has `ended`."""
        ...

    def say(self, word: str) -> None:
        """Tell the app something, beside the line."""
        ...

    def leave(self) -> None:
        """Be gone, without a word."""
        ...


class HTTPLine(Line, Protocol):
    """One request and its response, on a wire or in our engine."""

    def fetch(self) -> None:
        """Send the whole request, read the whole response."""
        ...

    def ask(self) -> None:
        """Send the whole request at once."""
        ...

    def begin(self) -> None:
        """Send the head of the request."""
        ...

    def piece(self, data: bytes) -> None:
        """Send a piece of the request body."""
        ...

    def end(self) -> None:
        """Send the end of the request body."""
        ...

    def head(self) -> None:
        """Wait for the head of the response."""
        ...

    def has_head_shortly(self) -> bool:
        """Return whether the head of the response comes before anything else happens."""
        ...

    def again(self) -> None:
        """Begin anew, with what was seen forgotten."""
        ...

    def some(self, size: int) -> None:
        """Wait until this much of the response body is there."""
        ...

    def rest(self) -> None:
        """Read to the end of the response."""
        ...


class WebSocketLine(Line, Protocol):
    """One WebSocket, on a wire or in our engine."""

    def connect(self) -> bool:
        """Make the handshake; return whether it was accepted."""
        ...

    def send(self, data: str | bytes) -> None:
        """Send a message."""
        ...

    def message(self) -> None:
        """Wait for a message."""
        ...

    def rest(self) -> None:
        """Read all messages, until the close."""
        ...

    def close(self, code: int | None, reason: str = "") -> None:
        """Close from this side; `None`: without a code."""
        ...


def whole(line: HTTPLine) -> None:
    """Ask for all at once."""
    line.fetch()


def talk(line: WebSocketLine) -> None:
    """Connect, and read to the close."""
    if line.connect():
        line.rest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One thing that is tried on our engine and on every server.

    Attributes:
        asks: what it is about, as a question's words.
        app: the name of its app; see `registry`.
        script: what the client does.
        watches: keys of the scope that are compared, `type KEY` for the types of a value.
        spoils: whether a server that shows a failure has to be started anew after it.
    """

    name: str
    topic: str
    asks: str
    app: str = "echo"
    kind: Kind = "http"
    request: Request = Request()
    script: Callable[[Any], None] = whole  # of either kind of line
    watches: tuple[str, ...] = ()
    spoils: bool = False

    def __str__(self) -> str:
        return self.name
