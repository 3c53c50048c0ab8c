"""What a WebSocket's client side is told of: an accept, a denial, a close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.types import HeaderPairs

__all__ = ("Accept", "Answer", "Close", "Denial", "client_close")


@dataclass(frozen=True, slots=True)
class Accept:
    """The app has accepted; headers as it sent them."""

    subprotocol: str | None
    headers: HeaderPairs


@dataclass(frozen=True, slots=True)
class Denial:
    """The app has denied the WebSocket with an HTTP response.

    Attributes:
        start: status and headers.
        body: the whole body.
        cause: what the app has raised, where a server answers 500 for it.
    """

    start: ResponseStart
    body: bytes
    cause: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Close:
    """How a WebSocket was closed.

    Attributes:
        code: 1005: closed without a code; 1006: the line was lost; 1011: the app has raised.
        reason: empty where none was given.
        closer: `"app"` or `"client"`.
        cause: what the app has raised, where a server closes for it.
    """

    code: int
    reason: str
    closer: str
    cause: BaseException | None = None


_LEFT: Final = Close(1000, "", "client")


def client_close(code: int, reason: str = "") -> Close:
    """Return how the client's side closes; of most sessions it is the same."""
    return _LEFT if code == _LEFT.code and not reason else Close(code, reason, "client")


Answer: TypeAlias = Accept | Denial | Close
"""What the handshake comes to; a close before the accept is a rejection."""
