"""The transcript as people read it."""

from __future__ import annotations

from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.record import Record
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.protocol.scope import HTTPRequest, ScopeDefaults, build_http_scope
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


def test_transcript_is_printed_although_the_app_has_emptied_its_scope() -> None:
    record = finished_exchange().record
    record.scope.clear()

    assert str(Transcript([record])).startswith("? ?  HTTP/?")


def test_one_exchange_of_a_transcript_is_a_transcript() -> None:
    records = [finished_exchange().record, finished_exchange().record]

    assert str(Transcript(records)[-1]) == str(Transcript(records[1:]))
