"""The states of a WebSocket exchange and every step between them, as data.

Two tables: which step is legal, and which rule an illegal one breaks. The diagram in the
documentation is drawn from the first. Rules: ASGI specification, HTTP & WebSocket 2.5, and its
extension "Websocket Denial Response".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asgi_testkit.protocol.fast_enum import FastEnum

__all__ = ("BROKEN", "TRANSITIONS", "WebSocketAct", "WebSocketState")


class WebSocketState(FastEnum):
    """Where a WebSocket stands."""

    CONNECTING = "CONNECTING"  # the client has asked, the app has not answered
    OPEN = "OPEN"  # accepted
    CLOSED = "CLOSED"  # the app has closed it, and still runs
    REJECTED = "REJECTED"  # the app has closed it before accepting, and still runs
    DENYING = "DENYING"  # the app has begun a denial response
    DENIED = "DENIED"  # the denial response is whole, the app still runs
    DISCONNECTED = "DISCONNECTED"  # the client has closed it, or its line was lost
    ENDED = "ENDED"  # the app has returned
    FAILED = "FAILED"  # the app has raised, or returned too early


class WebSocketAct(FastEnum):
    """What the app or the client side can do; the values stand in messages."""

    ACCEPT = "'websocket.accept'"
    SEND = "'websocket.send'"
    CLOSE = "'websocket.close'"
    DENIAL_START = "'websocket.http.response.start'"
    DENIAL_BODY = "'websocket.http.response.body' with more_body=True"
    LAST_DENIAL_BODY = "'websocket.http.response.body'"
    RETURN = "return"
    RAISE = "raise"
    LEAVE = "(the client disconnects)"


_S = WebSocketState
_A = WebSocketAct
_BODIES = (_A.DENIAL_BODY, _A.LAST_DENIAL_BODY)
_DENIALS = (_A.DENIAL_START, *_BODIES)
_SENT = (_A.ACCEPT, _A.SEND, _A.CLOSE, *_DENIALS)
_ANSWERED = (_S.CLOSED, _S.REJECTED, _S.DENIED)

TRANSITIONS: Final[Mapping[tuple[WebSocketState, WebSocketAct], WebSocketState]] = {
    (_S.CONNECTING, _A.ACCEPT): _S.OPEN,
    (_S.CONNECTING, _A.CLOSE): _S.REJECTED,
    (_S.CONNECTING, _A.DENIAL_START): _S.DENYING,
    (_S.OPEN, _A.SEND): _S.OPEN,
    (_S.OPEN, _A.CLOSE): _S.CLOSED,
    (_S.DENYING, _A.DENIAL_BODY): _S.DENYING,
    (_S.DENYING, _A.LAST_DENIAL_BODY): _S.DENIED,
    **{(state, _A.RETURN): _S.ENDED for state in (*_ANSWERED, _S.DISCONNECTED)},
    **{(state, _A.LEAVE): _S.DISCONNECTED for state in (_S.CONNECTING, _S.OPEN, _S.DENYING)},
    **{(state, _A.LEAVE): state for state in (*_ANSWERED, _S.ENDED, _S.FAILED)},
    **{(state, _A.RAISE): _S.FAILED for state in list(_S)[:-2]},
}
"""Every legal step. A state and an act that are not here break a rule of `BROKEN`."""

BROKEN: Final[Mapping[tuple[WebSocketState, WebSocketAct], str]] = {
    (_S.CONNECTING, _A.SEND): "W01",
    **{(_S.CONNECTING, act): "W28" for act in _BODIES},
    (_S.CONNECTING, _A.RETURN): "W07",
    (_S.OPEN, _A.ACCEPT): "W02",
    **{(_S.OPEN, act): "W28" for act in _DENIALS},
    (_S.OPEN, _A.RETURN): "W08",
    (_S.CLOSED, _A.ACCEPT): "W02",
    (_S.REJECTED, _A.ACCEPT): "W05",
    **{(state, _A.SEND): "W03" for state in (_S.CLOSED, _S.REJECTED)},
    **{(state, _A.CLOSE): "W04" for state in (_S.CLOSED, _S.REJECTED)},
    **{(state, act): "W28" for state in (_S.CLOSED, _S.REJECTED) for act in _DENIALS},
    **{(_S.DENYING, act): "W28" for act in (_A.ACCEPT, _A.SEND, _A.CLOSE, _A.DENIAL_START)},
    (_S.DENYING, _A.RETURN): "W28",
    **{(_S.DENIED, act): "W28" for act in _SENT},
    **{(state, act): "H09" for state in (_S.ENDED, _S.FAILED) for act in _SENT},
}
"""The rule that an illegal step breaks."""
