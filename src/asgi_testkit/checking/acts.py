"""Acts: what can be done to an app in one request, each a function of a client and a step.

None waits for longer than the client's limits, and none sleeps. What goes wrong is raised or
warned of, by the client; what it means is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Protocol, TypeAlias

from asgi_testkit.errors import StallError, WebSocketDisconnect
from asgi_testkit.httpx2.clients import TestClient

__all__ = (
    "Act",
    "LeftError",
    "Step",
    "ask",
    "drop_socket",
    "fetch",
    "leave_after_start",
    "leave_amid_body",
    "leave_amid_upload",
    "leave_at_once",
    "leave_before_upload",
    "open_socket",
    "talk_to_socket",
    "upload",
)

_MOST_PIECES: Final = 64
_MOST_BYTES: Final = 2**20
_MOST_SECONDS: Final = 0.5  # of a response that drips and drips
_PIECES_OF_AN_UPLOAD: Final = 3

# Responses that may be silent for as long as they like.
_LIVE: Final = ("text/event-stream", "multipart/x-mixed-replace", "application/x-ndjson")


@dataclass(frozen=True, slots=True)
class Step:
    """One request of the battery.

    Attributes:
        act: what is done.
        method: `"WebSocket"` for a handshake.
        path: what is asked for; where `target` is given, only its name.
        how: what is odd about it; empty: nothing is.
        headers: beside the client's.
        body: of an upload.
        target: the raw target, where it cannot be said by a URL.
        scope: keys of the scope.
        is_probe: nobody has said that the app speaks this protocol.
    """

    act: Act
    method: str
    path: str
    how: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    target: bytes | None = None
    scope: Mapping[str, Any] = field(default_factory=dict[str, Any])  # as ASGI types it
    is_probe: bool = False

    @property
    def request(self) -> str:
        """What it is, for reports."""
        return f"{self.method} {self.path}{', ' if self.how else ''}{self.how}"

    @property
    def options(self) -> dict[str, Any]:
        """What a client's method takes beside method and URL."""
        extensions: dict[str, Any] = {}
        if self.target is not None:
            extensions["target"] = self.target
        if self.scope:
            extensions["scope"] = dict(self.scope)
        return {"headers": list(self.headers), "extensions": extensions}

    @property
    def url(self) -> str:
        """What the client joins with its base."""
        return self.path if self.target is None else "/"


Act: TypeAlias = Callable[[TestClient, Step], object]


class _Streamed(Protocol):
    """What is needed of a client library's response."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by any spelling of their names."""
        ...

    def iter_raw(self) -> Iterator[bytes]:
        """Yield the pieces of the body as the app sent them."""
        ...


class LeftError(Exception):
    """The client leaves amid an upload: raised where the next piece would be made."""


def ask(client: TestClient, step: Step) -> bool:
    """Send a request without a body, and read the response; return whether it came to its end."""
    with client.stream(step.method, step.url, **step.options) as response:
        return _read(response, [])


def fetch(client: TestClient, path: str) -> bytes:
    """Return what is found there; of what is no JSON, or too long, nothing."""
    pieces: list[bytes] = []
    with client.stream("GET", path) as response:
        if "json" in response.headers.get("content-type", ""):
            is_whole = _read(response, pieces, most_pieces=_MOST_BYTES)
            return b"".join(pieces) if is_whole else b""
    return b""


def upload(client: TestClient, step: Step) -> None:
    """Send a body in pieces, each when the app has asked for it, and read the response."""
    pieces = _pieces(step.body)
    with client.stream(step.method, step.url, content=pieces, **step.options) as response:
        _read(response, [])


def leave_at_once(client: TestClient, step: Step) -> None:
    """Leave before the response is asked for."""
    with client.exchange(step.method, step.url, **step.options) as exchange:
        exchange.end()
        exchange.disconnect()


def leave_after_start(client: TestClient, step: Step) -> None:
    """Leave when the response has started, without reading of its body."""
    with client.stream(step.method, step.url, **step.options):
        pass


def leave_amid_body(client: TestClient, step: Step) -> None:
    """Leave after the first piece of the body."""
    with client.stream(step.method, step.url, **step.options) as response:
        try:
            next(response.iter_raw(), None)
        except StallError:
            if not _is_live(response):
                raise


def leave_before_upload(client: TestClient, step: Step) -> None:
    """Leave when the app asks for the first piece of the body."""
    _send_and_leave(client, step, b"")


def leave_amid_upload(client: TestClient, step: Step) -> None:
    """Leave when the app asks for the second piece of the body."""
    _send_and_leave(client, step, step.body[:1])


def open_socket(client: TestClient, step: Step) -> None:
    """Connect and close."""
    with client.websocket_connect(step.url, subprotocols=_subprotocols(step), **step.options):
        pass


def drop_socket(client: TestClient, step: Step) -> None:
    """Connect and lose the line."""
    with client.websocket_connect(step.url, **step.options) as session:
        session.disconnect()


def talk_to_socket(client: TestClient, step: Step) -> None:
    """Connect, send a text and a binary message, and close."""
    with client.websocket_connect(step.url, **step.options) as session:
        with suppress(WebSocketDisconnect):  # the app may close on what it does not know
            session.send_text("text")
            session.send_bytes(b"\x00\xff")
        session.close()


def _send_and_leave(client: TestClient, step: Step, first: bytes) -> None:
    content = _pieces_and_leave(first)
    with client.stream(step.method, step.url, content=content, **step.options) as response:
        _read(response, [])


def _read(response: _Streamed, pieces: list[bytes], *, most_pieces: int = _MOST_PIECES) -> bool:
    """Read a response, unless it may be endless; return whether it came to its end."""
    if _is_live(response):
        return False
    ends_at, size_bytes = monotonic() + _MOST_SECONDS, 0
    for piece in response.iter_raw():
        pieces.append(piece)
        size_bytes += len(piece)
        if len(pieces) >= most_pieces or size_bytes >= _MOST_BYTES or monotonic() > ends_at:
            return False
    return True


def _is_live(response: _Streamed) -> bool:
    return response.headers.get("content-type", "").startswith(_LIVE)


def _pieces(body: bytes) -> Iterator[bytes]:
    size = -(-len(body) // _PIECES_OF_AN_UPLOAD) or 1
    for at in range(0, len(body), size):
        yield body[at : at + size]


def _pieces_and_leave(first: bytes) -> Iterator[bytes]:
    if first:
        yield first
    raise LeftError


def _subprotocols(step: Step) -> list[str]:
    return ["v2.asgi-testkit", "v1.asgi-testkit"] if step.how.endswith("subprotocols") else []
