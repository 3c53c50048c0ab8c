"""Exchanges to drive by hand: no loop, and a clock that counts how often it is read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.http_states import HTTPAct, HTTPState
from asgi_testkit.protocol.lifespan import LifespanExchange
from asgi_testkit.protocol.record import Record
from asgi_testkit.protocol.rules import RulePolicy, Strictness

EARLY_HINT: dict[str, Any] = {"type": "http.response.early_hint", "links": [b"</a.css>"]}
PUSH: dict[str, Any] = {"type": "http.response.push", "path": "/a.css", "headers": []}
PATHSEND: dict[str, Any] = {"type": "http.response.pathsend", "path": str(Path("/a").absolute())}
OFFERED = (
    "http.response.debug",
    "http.response.early_hint",
    "http.response.pathsend",
    "http.response.push",
    "http.response.trailers",
)
DEBUG: dict[str, Any] = {"type": "http.response.debug", "info": {"template": "cart.html"}}


def http_exchange(
    *,
    method: str = "GET",
    strict: Strictness = "warn",
    ignored: tuple[str, ...] = (),
    extensions: tuple[str, ...] = ("http.response.debug", "http.response.trailers"),
    **options: Any,
) -> HTTPExchange:
    options.setdefault("read_file", lambda part: iter((b"of a file",)))
    scope = {"type": "http", "method": method, "extensions": {name: {} for name in extensions}}
    return HTTPExchange(new_record(scope), RulePolicy(strict, frozenset(ignored)), **options)


def lifespan_exchange(
    *, strict: Strictness = "warn", ignored: tuple[str, ...] = (), has_startup: bool = True
) -> LifespanExchange:
    """Return an exchange whose app has received `lifespan.startup`, as apps do first."""
    record = new_record({"type": "lifespan"})
    exchange = LifespanExchange(record, RulePolicy(strict, frozenset(ignored)))
    if has_startup:
        exchange.app_receive()
    return exchange


def new_record(scope: dict[str, Any]) -> Record:
    ticks = count()
    return Record(scope, lambda: float(next(ticks)))


def start(status: Any = 200, headers: Any = (), **more: Any) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers, **more}


def body(piece: Any = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": piece, "more_body": more}


def trailers(*pairs: tuple[bytes, bytes], more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.trailers", "headers": list(pairs), "more_trailers": more}


def send_all(exchange: HTTPExchange | LifespanExchange, *messages: Any) -> None:
    for message in messages:
        exchange.app_send(message)


def break_by(exchange: HTTPExchange | LifespanExchange, message: Any) -> ASGIRuleError:
    """Send a message that breaks a rule, and return the error."""
    with pytest.raises(ASGIRuleError, match="Rule ") as caught:
        exchange.app_send(message)
    return caught.value


_REACH: dict[HTTPState, tuple[Callable[[HTTPExchange], object], ...]] = {
    HTTPState.WAITING: (),
    HTTPState.STARTED: (lambda e: e.app_send(start()),),
    HTTPState.STREAMING: (lambda e: send_all(e, start(), body(b"a", more=True)),),
    HTTPState.TRAILERS: (lambda e: send_all(e, start(trailers=True), body()),),
    HTTPState.COMPLETE: (lambda e: send_all(e, start(), body()),),
    HTTPState.DISCONNECTED: (lambda e: e.client_disconnect(),),
    HTTPState.ENDED: (lambda e: send_all(e, start(), body()), lambda e: e.app_returned()),
    HTTPState.FAILED: (lambda e: e.app_raised(ValueError("broken")),),
}


def exchange_in(state: HTTPState, **options: Any) -> HTTPExchange:
    """Return an exchange that has come into `state` by acts of its two sides."""
    exchange = http_exchange(**options)
    for act in _REACH[state]:
        act(exchange)
    assert exchange.state is state
    return exchange


ACTS: dict[HTTPAct, Callable[[HTTPExchange], object]] = {
    HTTPAct.START: lambda e: e.app_send(start()),
    HTTPAct.BODY: lambda e: e.app_send(body(more=True)),
    HTTPAct.LAST_BODY: lambda e: e.app_send(body()),
    HTTPAct.BODY_BEFORE_TRAILERS: lambda e: e.app_send(body()),
    HTTPAct.TRAILERS: lambda e: e.app_send(trailers(more=True)),
    HTTPAct.LAST_TRAILERS: lambda e: e.app_send(trailers()),
    HTTPAct.DEBUG: lambda e: e.app_send(DEBUG),
    HTTPAct.EARLY_HINT: lambda e: e.app_send(EARLY_HINT),
    HTTPAct.PUSH: lambda e: e.app_send(PUSH),
    HTTPAct.PATHSEND: lambda e: e.app_send(PATHSEND),
    HTTPAct.RETURN: lambda e: e.app_returned(),
    HTTPAct.RAISE: lambda e: e.app_raised(ValueError("broken")),
    HTTPAct.LEAVE: lambda e: e.client_disconnect(),
}
