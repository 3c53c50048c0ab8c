"""The states of an HTTP exchange and every step between them, as data.

Two tables: which step is legal, and which rule an illegal one breaks. The diagram in the
documentation is drawn from the first. Rules: ASGI specification, HTTP & WebSocket 2.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asgi_testkit.protocol.fast_enum import FastEnum

__all__ = ("BROKEN", "TRANSITIONS", "HTTPAct", "HTTPState")


class HTTPState(FastEnum):
    """Where a request and its response stand."""

    WAITING = "WAITING"  # no response yet
    STARTED = "STARTED"  # status and headers are there, nothing of the body
    STREAMING = "STREAMING"  # more of the body is to come
    TRAILERS = "TRAILERS"  # the body is whole, the declared trailers are to come
    COMPLETE = "COMPLETE"  # the response is whole, the app still runs
    DISCONNECTED = "DISCONNECTED"  # the client left before the response was whole
    ENDED = "ENDED"  # the app has returned
    FAILED = "FAILED"  # the app has raised, or returned too early


class HTTPAct(FastEnum):
    """What the app or the client side can do; the values stand in messages."""

    START = "'http.response.start'"
    BODY = "'http.response.body' with more_body=True"
    LAST_BODY = "'http.response.body'"
    BODY_BEFORE_TRAILERS = "'http.response.body' before the declared trailers"
    TRAILERS = "'http.response.trailers' with more_trailers=True"
    LAST_TRAILERS = "'http.response.trailers'"
    DEBUG = "'http.response.debug'"
    EARLY_HINT = "'http.response.early_hint'"
    PUSH = "'http.response.push'"
    PATHSEND = "'http.response.pathsend'"
    RETURN = "return"
    RAISE = "raise"
    LEAVE = "(the client disconnects)"


_S = HTTPState
_A = HTTPAct
_SENT = (_A.START, _A.BODY, _A.LAST_BODY, _A.BODY_BEFORE_TRAILERS, _A.TRAILERS, _A.LAST_TRAILERS)
_BODIES = (_A.BODY, _A.LAST_BODY, _A.BODY_BEFORE_TRAILERS)

TRANSITIONS: Final[Mapping[tuple[HTTPState, HTTPAct], HTTPState]] = {
    (_S.WAITING, _A.DEBUG): _S.WAITING,
    (_S.WAITING, _A.EARLY_HINT): _S.WAITING,
    (_S.WAITING, _A.START): _S.STARTED,
    **{(state, _A.PUSH): state for state in (_S.WAITING, _S.STARTED, _S.STREAMING)},
    (_S.STARTED, _A.PATHSEND): _S.STREAMING,  # until the file is sent
    (_S.STARTED, _A.BODY): _S.STREAMING,
    (_S.STARTED, _A.LAST_BODY): _S.COMPLETE,
    (_S.STARTED, _A.BODY_BEFORE_TRAILERS): _S.TRAILERS,
    (_S.STARTED, _A.DEBUG): _S.STARTED,  # ASGI does not know it; Starlette's client takes it here
    (_S.STREAMING, _A.BODY): _S.STREAMING,
    (_S.STREAMING, _A.LAST_BODY): _S.COMPLETE,
    (_S.STREAMING, _A.BODY_BEFORE_TRAILERS): _S.TRAILERS,
    (_S.TRAILERS, _A.TRAILERS): _S.TRAILERS,
    (_S.TRAILERS, _A.LAST_TRAILERS): _S.COMPLETE,
    (_S.COMPLETE, _A.RETURN): _S.ENDED,
    (_S.DISCONNECTED, _A.RETURN): _S.ENDED,
    (_S.WAITING, _A.LEAVE): _S.DISCONNECTED,
    (_S.STARTED, _A.LEAVE): _S.DISCONNECTED,
    (_S.STREAMING, _A.LEAVE): _S.DISCONNECTED,
    (_S.TRAILERS, _A.LEAVE): _S.DISCONNECTED,
    (_S.COMPLETE, _A.LEAVE): _S.COMPLETE,
    (_S.ENDED, _A.LEAVE): _S.ENDED,
    (_S.FAILED, _A.LEAVE): _S.FAILED,
    **{(state, _A.RAISE): _S.FAILED for state in (*list(_S)[:5], _S.DISCONNECTED)},
}
"""Every legal step. A state and an act that are not here break a rule of `BROKEN`."""

BROKEN: Final[Mapping[tuple[HTTPState, HTTPAct], str]] = {
    **{(_S.WAITING, act): "H01" for act in _BODIES},
    (_S.WAITING, _A.PATHSEND): "H01",
    **{(state, _A.PATHSEND): "H55" for state in (_S.STREAMING, _S.TRAILERS, _S.COMPLETE)},
    **{(state, _A.PUSH): "H03" for state in (_S.TRAILERS, _S.COMPLETE)},
    (_S.WAITING, _A.TRAILERS): "H51",
    (_S.WAITING, _A.LAST_TRAILERS): "H51",
    (_S.WAITING, _A.RETURN): "H04",
    (_S.STARTED, _A.RETURN): "H05",
    (_S.STREAMING, _A.RETURN): "H06",  # H07 where as much was sent as was declared
    (_S.TRAILERS, _A.RETURN): "H52",
    **{(state, _A.START): "H02" for state in (_S.STARTED, _S.STREAMING, _S.TRAILERS)},
    **{(state, _A.EARLY_HINT): "H54" for state in (_S.STARTED, _S.STREAMING, _S.TRAILERS)},
    (_S.COMPLETE, _A.EARLY_HINT): "H03",
    **{(state, _A.DEBUG): "H53" for state in (_S.STREAMING, _S.TRAILERS, _S.COMPLETE)},
    **{
        (state, act): "H51"
        for state in (_S.STARTED, _S.STREAMING, _S.COMPLETE)
        for act in (_A.TRAILERS, _A.LAST_TRAILERS)
    },
    **{(_S.TRAILERS, act): "H03" for act in _BODIES},
    **{(_S.COMPLETE, act): "H03" for act in (_A.START, *_BODIES)},
    **{
        (state, act): "H09"
        for state in (_S.ENDED, _S.FAILED)
        for act in (*_SENT, _A.DEBUG, _A.EARLY_HINT, _A.PUSH, _A.PATHSEND)
    },
}
"""The rule that an illegal step breaks."""
