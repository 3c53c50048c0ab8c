"""What Starlette's client says where it asserts the order of messages, as data.

Used under the drop-in only: a suite that was written for that client may look for these words.
Source: starlette.testclient of Starlette 1.10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http_states import HTTPState

__all__ = ("AssertedRuleError", "starlettes_words")


class AssertedRuleError(ASGIRuleError, AssertionError):
    """A broken rule where Starlette's client raises an `AssertionError`."""


_BEGUN: Final = (HTTPState.STARTED, HTTPState.STREAMING)
_NEVER_STARTED: Final = "TestClient did not receive any response."

_FAULTS: Final[Mapping[tuple[str, HTTPState], str]] = {
    **{
        ("http.response.start", state): 'multiple "http.response.start" messages'
        for state in (*_BEGUN, HTTPState.TRAILERS, HTTPState.COMPLETE)
    },
    (
        "http.response.body",
        HTTPState.WAITING,
    ): '"http.response.body" without "http.response.start"',
    ("http.response.body", HTTPState.TRAILERS): '"http.response.body" after body completed',
    ("http.response.body", HTTPState.COMPLETE): '"http.response.body" after response completed',
    **{
        ("http.response.trailers", state): '"http.response.trailers" before body completed'
        for state in _BEGUN
    },
    (
        "http.response.trailers",
        HTTPState.COMPLETE,
    ): '"http.response.trailers" after response completed',
}


def starlettes_words(kind: str | None, state: HTTPState, *, has_trailers: bool) -> str:
    """Return the words for a message out of turn, or nothing where that client asserts nothing.

    Args:
        kind: the message's type; `None`: the app has returned.
        state: where the exchange stands.
        has_trailers: whether the response has declared trailers.
    """
    if kind is None:
        return _NEVER_STARTED if state is HTTPState.WAITING else ""
    if kind == "http.response.trailers" and not has_trailers:
        return 'Received "http.response.trailers" without declaring trailers.'
    fault = _FAULTS.get((kind, state))
    return f"Received {fault}." if fault else ""
