"""WebSocket exchanges to drive by hand: no loop, and a clock that counts how often it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.rules import RulePolicy, Strictness
from asgi_testkit.protocol.websocket import WebSocketExchange
from asgi_testkit.protocol.websocket_states import WebSocketAct, WebSocketState
from asgi_testkit.protocol.websocket_values import size_bytes
from tests.protocol.exchanges import new_record

DENIAL = "websocket.http.response"


def websocket_exchange(
    *,
    strict: Strictness = "warn",
    ignored: tuple[str, ...] = (),
    subprotocols: tuple[str, ...] = (),
    extensions: tuple[str, ...] = (DENIAL,),
    has_connect: bool = True,
    **options: Any,
) -> WebSocketExchange:
    """Return an exchange whose app has received `websocket.connect`, as apps do first."""
    scope = {
        "type": "websocket",
        "subprotocols": list(subprotocols),
        "extensions": {name: {} for name in extensions},
    }
    policy = RulePolicy(strict, frozenset(ignored))
    exchange = WebSocketExchange(new_record(scope), policy, **options)
    if has_connect:
        exchange.app_receive()
    return exchange


def accept(**more: Any) -> dict[str, Any]:
    return {"type": "websocket.accept", **more}


def text(content: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "text": content}


def data(content: Any) -> dict[str, Any]:
    return {"type": "websocket.send", "bytes": content}


def close(**more: Any) -> dict[str, Any]:
    return {"type": "websocket.close", **more}


def denial_start(status: Any = 401, headers: Any = (), **more: Any) -> dict[str, Any]:
    return {"type": f"{DENIAL}.start", "status": status, "headers": headers, **more}


def denial_body(piece: Any = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": f"{DENIAL}.body", "body": piece, "more_body": more}


def from_client(content: str | bytes) -> dict[str, Any]:
    kind = "text" if isinstance(content, str) else "bytes"
    return {"type": "websocket.receive", kind: content}


def disconnected(code: int, reason: str = "") -> dict[str, Any]:
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


def send_all(exchange: WebSocketExchange, *messages: Any) -> None:
    for message in messages:
        exchange.app_send(message)


def break_by(exchange: WebSocketExchange, message: Any) -> ASGIRuleError:
    """Send a message that breaks a rule, and return the error."""
    with pytest.raises(ASGIRuleError, match="Rule ") as caught:
        exchange.app_send(message)
    return caught.value


def give(exchange: WebSocketExchange, *contents: str | bytes) -> None:
    """Send messages from the client's side."""
    for content in contents:
        exchange.client_send(from_client(content), size_bytes(content))


def app_receives_all(exchange: WebSocketExchange) -> list[Any]:
    """Return what the app receives until it has to wait."""
    return list(iter(exchange.app_receive, None))


def client_receives_all(exchange: WebSocketExchange) -> list[Any]:
    """Return what the client side receives until it has to wait, or the close."""
    received: list[Any] = []
    while (event := exchange.client_receive()) is not None:
        received.append(event)
        if not isinstance(event, str | bytes):
            break
    return received


_S = WebSocketState
_ACCEPTED = accept()

_REACH: dict[WebSocketState, tuple[Callable[[WebSocketExchange], object], ...]] = {
    _S.CONNECTING: (),
    _S.OPEN: (lambda e: e.app_send(_ACCEPTED),),
    _S.CLOSED: (lambda e: send_all(e, _ACCEPTED, close()),),
    _S.REJECTED: (lambda e: e.app_send(close()),),
    _S.DENYING: (lambda e: e.app_send(denial_start()),),
    _S.DENIED: (lambda e: send_all(e, denial_start(), denial_body()),),
    _S.DISCONNECTED: (lambda e: e.app_send(_ACCEPTED), lambda e: e.client_disconnect()),
    _S.ENDED: (lambda e: send_all(e, _ACCEPTED, close()), lambda e: e.app_returned()),
    _S.FAILED: (lambda e: e.app_raised(ValueError("broken")),),
}


def exchange_in(state: WebSocketState, **options: Any) -> WebSocketExchange:
    """Return an exchange that has come into `state` by acts of its two sides."""
    exchange = websocket_exchange(**options)
    for act in _REACH[state]:
        act(exchange)
    assert exchange.state is state
    return exchange


ACTS: dict[WebSocketAct, Callable[[WebSocketExchange], object]] = {
    WebSocketAct.ACCEPT: lambda e: e.app_send(accept()),
    WebSocketAct.SEND: lambda e: e.app_send(text("hello")),
    WebSocketAct.CLOSE: lambda e: e.app_send(close()),
    WebSocketAct.DENIAL_START: lambda e: e.app_send(denial_start()),
    WebSocketAct.DENIAL_BODY: lambda e: e.app_send(denial_body(more=True)),
    WebSocketAct.LAST_DENIAL_BODY: lambda e: e.app_send(denial_body()),
    WebSocketAct.RETURN: lambda e: e.app_returned(),
    WebSocketAct.RAISE: lambda e: e.app_raised(ValueError("broken")),
    WebSocketAct.LEAVE: lambda e: e.client_disconnect(),
}
