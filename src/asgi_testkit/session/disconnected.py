"""`WebSocketDisconnect` as it is raised: with a text, and as Starlette's where it is loaded.

Nothing here imports Starlette.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any, TypeVar, cast

from asgi_testkit.errors import WebSocketDisconnect
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.protocol.websocket_events import Close
from asgi_testkit.protocol.websocket_values import LINE_LOST, NORMAL

__all__ = ("as_caught_by_starlette", "disconnected", "rejected")

C = TypeVar("C", bound=type[WebSocketDisconnect])


def as_caught_by_starlette(ours: C) -> C:
    """Return a subclass of `ours` and of Starlette's `WebSocketDisconnect`, if that is loaded."""
    module = sys.modules.get("starlette.websockets")
    starlettes: Any = getattr(module, "WebSocketDisconnect", None)
    if starlettes is None or issubclass(ours, starlettes):
        return ours
    return cast("C", _subclass_of_both(cast("type", ours), starlettes))


@lru_cache
def _subclass_of_both(ours: type, starlettes: type) -> type:
    parts = {"__module__": ours.__module__, "__doc__": ours.__doc__}
    return type(ours.__name__, (ours, starlettes), parts)


def rejected(close: Close) -> WebSocketDisconnect:
    """Return the error for a handshake that the app has answered with a close."""
    text = (
        f"The app closed the WebSocket before it accepted it, with code {close.code}"
        f"{_given(close)}.\nA server answers the handshake with HTTP 403; code and reason do not"
        " reach the browser (rule W06)."
    )
    if close.code == NORMAL and not close.reason:
        text += "\nSo do frameworks where no WebSocket route matches the path."
    return _error(close, text)


def disconnected(close: Close) -> WebSocketDisconnect:
    """Return the error for a WebSocket that is closed."""
    if close.closer == "client":
        text = (
            f"This side has closed the WebSocket, with code {close.code}{_given(close)}.\n"
            "Nothing can be sent or received any more."
        )
    elif close.cause is not None:
        text = (
            f"The app raised {cut(close.cause)}: a browser sees code {close.code}, or 1006 where"
            " the server drops the line."
        )
    elif close.code == LINE_LOST:
        text = "The app returned without closing the WebSocket: a browser sees code 1006."
    else:
        text = f"The app has closed the WebSocket, with code {close.code}{_given(close)}."
    return _error(close, text)


def _error(close: Close, text: str) -> WebSocketDisconnect:
    error = as_caught_by_starlette(WebSocketDisconnect)(close.code, close.reason, text=text)
    error.__cause__ = close.cause
    return error


def _given(close: Close) -> str:
    return f" and reason {close.reason!r}" if close.reason else " and no reason"
