"""The transcript as people read it."""

from __future__ import annotations

import pytest

from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.record import Record
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.protocol.scope import HTTPRequest, ScopeDefaults, build_http_scope
from asgi_testkit.protocol.websocket import WebSocketExchange
from asgi_testkit.report.text import Transcript

COOKIE = (b"set-cookie", b"session=secret")


def finished_exchange() -> HTTPExchange:
    request = HTTPRequest("GET", "http", "testserver", None, b"/a%20b?q=1", [])
    scope = build_http_scope(request, ScopeDefaults(), state={})
    exchange = HTTPExchange(Record(scope, lambda: 0.0), RulePolicy())
    exchange.app_receive()
    exchange.app_send({"type": "http.response.start", "status": 200, "headers": [COOKIE]})
    exchange.app_send({"type": "http.response.body", "body": b"x" * 60})
    exchange.app_returned()
    return exchange


def test_transcript_has_a_line_for_each_message_and_hides_secrets() -> None:
    text = Transcript([finished_exchange().record]).to_text(with_times=False)

    assert text.splitlines() == [
        "GET /a b?q=1  HTTP/1.1",
        "  ->  http.request  0 bytes, the last",
        "  <-  http.response.start  200  set-cookie: (hidden)",
        f"  <-  http.response.body  60 bytes, the last  '{'x' * 48}'...",
        "  <-  returned",
    ]


def test_transcript_is_of_what_was_asked_for_although_the_app_has_emptied_its_scope() -> None:
    exchange = finished_exchange()
    exchange.scope.clear()

    assert str(Transcript([exchange.record])).startswith("GET /a b?q=1  HTTP/1.1")


def test_one_exchange_of_a_transcript_is_a_transcript() -> None:
    records = [finished_exchange().record, finished_exchange().record]

    assert str(Transcript(records)[-1]) == str(Transcript(records[1:]))


def finished_websocket(query: bytes = b"", subprotocol: str = "chat") -> WebSocketExchange:
    scope = {
        "type": "websocket",
        "http_version": "1.1",
        "path": "/room",
        "query_string": query,
        "subprotocols": [subprotocol],
    }
    headers = [COOKIE, (b"x-room", b"1")]
    exchange = WebSocketExchange(Record(scope, lambda: 0.0), RulePolicy())
    exchange.app_receive()
    exchange.app_send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": headers})
    exchange.client_send({"type": "websocket.receive", "text": "hello"}, 5)
    exchange.app_receive()
    exchange.app_send({"type": "websocket.send", "bytes": b"x" * 60})
    exchange.app_send({"type": "websocket.close", "code": 4001, "reason": "bye"})
    exchange.app_returned()
    return exchange


def test_transcript_of_a_websocket_has_a_line_for_each_message() -> None:
    text = Transcript([finished_websocket(b"page=2").record]).to_text(with_times=False)

    assert text.splitlines() == [
        "WebSocket /room?page=2  HTTP/1.1",
        "  ->  websocket.connect",
        "  <-  websocket.accept  chat  set-cookie: (hidden), x-room: 1",
        "  ->  websocket.receive  5 bytes  'hello'",
        f"  <-  websocket.send  60 bytes  '{'x' * 48}'...",
        "  <-  websocket.close  4001  'bye'",
        "  <-  returned",
    ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (b"access_token=s3cret", "access_token=(hidden)"),
        (b"a=1&api_key=s3cret&b=2", "a=1&api_key=(hidden)&b=2"),
        (b"Password=s3cret&X-Amz-Signature=s3cret", "Password=(hidden)&X-Amz-Signature=(hidden)"),
        (b"client_secret=s3=cret", "client_secret=(hidden)"),
    ],
)
def test_transcript_hides_secrets_in_a_query(query: bytes, shown: str) -> None:
    text = str(Transcript([finished_websocket(query).record]))

    assert text.startswith(f"WebSocket /room?{shown}  HTTP/1.1\n")
    assert "s3" not in text


def test_transcript_hides_a_subprotocol_that_is_long_enough_to_be_a_token() -> None:
    offer = "base64url.bearer.authorization.k8s.io.c2VjcmV0"
    text = str(Transcript([finished_websocket(subprotocol=offer).record]))

    assert "<-  websocket.accept  (hidden)  set-cookie" in text
    assert "c2VjcmV0" not in text
