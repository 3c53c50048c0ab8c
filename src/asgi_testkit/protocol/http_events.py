"""What the client side sees of an HTTP exchange.

Values only. What brings them about is in `http`.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from asgi_testkit.types import HeaderPairs

__all__ = (
    "BARE_SERVER_ERROR_START",
    "SERVER_ERROR",
    "SERVER_ERROR_START",
    "ClientEvent",
    "Cue",
    "ResponseCutError",
    "ResponseStart",
)


class ResponseStart(NamedTuple):
    """Status and headers of the response, names and values as the app sent them."""

    status: int
    headers: HeaderPairs


class Cue(Enum):
    """What the client side is told besides the response's start and pieces."""

    BODY_WANTED = "the app waits for a piece of the request body"
    COMPLETE = "the response is whole"
    APP_OVER = "the app call has ended"


ClientEvent: TypeAlias = ResponseStart | list[bytes] | Cue
"""A list holds the pieces of the body that have come since the last, as the app sent them."""


class ResponseCutError(Exception):
    """The wire view of an app that failed amid its response: the connection was closed.

    Internal: adapters turn it into the error of their client library.
    """


SERVER_ERROR: Final = b"Internal Server Error"
BARE_SERVER_ERROR_START: Final = ResponseStart(500, [])
"""Other test clients' answer for an app that has failed; it has no body."""

SERVER_ERROR_START: Final = ResponseStart(500, [(b"content-type", b"text/plain; charset=utf-8")])
