"""The transcript as people read it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from asgi_testkit import ASGIRuleError, TestClient
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.record import Raised, Record
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.protocol.scope import HTTPRequest, ScopeDefaults, build_http_scope
from asgi_testkit.protocol.websocket import WebSocketExchange
from asgi_testkit.report.html import page_of
from asgi_testkit.report.text import Transcript
from asgi_testkit.types import Receive, Scope, Send

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
        "GET /a%20b?q=1  HTTP/1.1",
        "  ->  http.request          0 bytes",
        "  <-  http.response.start            200  set-cookie: (hidden)",
        f"  <-  http.response.body   60 bytes  '{'x' * 60}'",
        "  <-  returned",
        "  curl 'http://testserver/a%20b?q=1'",
    ]


def test_transcript_is_of_what_was_asked_for_although_the_app_has_emptied_its_scope() -> None:
    exchange = finished_exchange()
    exchange.scope.clear()

    assert str(Transcript([exchange.record])).startswith("GET /a%20b?q=1  HTTP/1.1")


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
        "  <-  websocket.accept             chat  set-cookie: (hidden), x-room: 1",
        "  ->  websocket.receive   5 bytes  'hello'",
        f"  <-  websocket.send     60 bytes  '{'x' * 60}'",
        "  <-  websocket.close              4001  'bye'",
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

    assert "(hidden)  set-cookie" in text
    assert "c2VjcmV0" not in text


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        (ValueError("first\nsecond"), "ValueError('first ..."),
        (ValueError("C:\\new"), r"ValueError('C:\\new')"),
        (ValueError("a\\\nb"), r"ValueError('a\\ ..."),
    ],
)
def test_an_exception_is_shown_to_the_end_of_its_first_line(raised: Exception, shown: str) -> None:
    record = finished_exchange().record
    record.add("app", "raised", detail=Raised.of(raised))

    line = str(Transcript([record])).splitlines()[-2]

    assert line.split("raised", 1)[1].split("  (", 1)[0].strip() == shown


def test_a_broken_rule_is_shown_in_one_short_line() -> None:
    async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.body", "body": b"x"})

    client = TestClient(hasty, driver="inline")
    with pytest.raises(ASGIRuleError):
        client.get("/")

    text = client.transcript.to_text(with_times=False)
    assert "before 'http.response.start'. ...  (rule H01)" in text
    assert "Message:" not in text


def test_what_every_handshake_holds_is_not_shown_and_what_the_test_gave_is() -> None:
    async def accepts(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "chat"})
        await receive()

    client = TestClient(accepts, driver="inline")
    with client.websocket_connect("/", subprotocols=["chat"], headers={"x-room": "1"}):
        pass

    lines = client.transcript.to_text(with_times=False).splitlines()
    assert lines[1:3] == ["  sec-websocket-protocol: chat", "  x-room: 1"]
    assert lines[3].startswith("  ->  websocket.connect")


@pytest.mark.parametrize("library", ["testclient", "python-httpx2/2.0.1", "python-requests/2.32"])
def test_the_user_agent_is_shown_only_where_it_is_the_tests_own(library: str) -> None:
    client = TestClient(works_on, driver="inline")
    client.get("/", headers={"user-agent": library})
    client.get("/", headers={"user-agent": "mine"})

    assert "user-agent" not in str(client.transcript[0])
    assert str(client.transcript[1]).count("user-agent: mine") == 2  # and the curl line


async def works_on(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, work on, and fail on one path."""
    await receive()
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": b'{"id": 7}'})
    await receive()
    if scope["path"] == "/fails":
        raise RuntimeError(f"not at {object()}")


def test_a_whole_exchange_reads_as_in_the_documentation() -> None:
    client = TestClient(works_on, driver="inline")
    with pytest.raises(RuntimeError, match="not at"):
        client.put("/fails?page=2", json={"a": "b\n"}, headers={"x-note": "n", "x-token": "t0ken"})

    assert client.transcript.to_text(with_times=False).splitlines() == [
        "PUT /fails?page=2  HTTP/1.1",
        "  x-note: n",
        "  x-token: (hidden)",
        "  content-type: application/json",
        '  ->  http.request         11 bytes  {"a":"b\\n"}',
        "  <-  http.response.start            201",
        '  <-  http.response.body    9 bytes  {"id": 7}',
        "  ->  http.disconnect  (background)",
        (
            "  <-  raised                         RuntimeError('not at <object object at 0x*>')"
            "  (rule H46)  at tests/report/test_text.py  (background)"
        ),
        (
            "  curl -X PUT 'http://testserver/fails?page=2' -H 'x-note: n' -H 'x-token: (hidden)'"
            """ -H 'content-type: application/json' --data-raw '{"a":"b\\n"}'"""
        ),
    ]


def test_transcript_tells_the_line_of_the_test_and_times() -> None:
    client = TestClient(works_on, driver="inline")
    client.get("/")

    lines = client.transcript.to_text().splitlines()

    assert re.fullmatch(r"  tests/report/test_text\.py:\d+ in test_\w+", lines[1])
    assert re.fullmatch(r" +\d+\.\d\d ms  ->  http\.request +0 bytes", lines[2])


def test_colours_are_the_only_difference_of_a_coloured_transcript() -> None:
    transcript = Transcript([finished_exchange().record, finished_websocket().record])

    coloured = transcript.to_text(colour=True)

    assert coloured != transcript.to_text()
    assert re.sub(r"\x1b\[\d+m", "", coloured) == transcript.to_text()


def test_what_would_move_the_cursor_of_a_terminal_is_escaped() -> None:
    record = finished_websocket().record
    record.add_body("app", "http.response.body", b'{"a": "\x1b[2J"}', more=False)

    assert "\x1b" not in str(Transcript([record]))


def test_names_of_headers_are_escaped_too() -> None:
    scope = {"type": "http", "path": "/", "headers": [(b"x-\x1b[2J", b"1")]}

    assert "\x1b" not in str(Transcript([Record(scope, lambda: 0.0)]))


def test_a_file_can_be_written_of_text_that_is_no_unicode(tmp_path: Path) -> None:
    record = finished_exchange().record
    record.add("app", "lifespan.startup.failed", detail="\ud800")
    transcript = Transcript([record, finished_websocket(subprotocol="\ud800").record])

    assert transcript.to_json(tmp_path / "trace.json").read_text(encoding="utf-8")
    assert transcript.to_html(tmp_path / "trace.html").read_text(encoding="utf-8")


def test_transcripts_of_several_clients_are_one_in_the_order_of_time() -> None:
    first, second = (TestClient(works_on, driver="inline") for _ in range(2))
    first.get("/1")
    second.get("/2")
    first.get("/3")

    both = second.transcript + first.transcript

    titles = [str(one).partition("\n")[0] for one in both]
    assert titles == [f"GET /{number}  HTTP/1.1" for number in (1, 2, 3)]
    assert "GET /2  HTTP/1.1  client 2\n" in str(both)
    assert [len(both), len(both[1:]), len(both + both)] == [3, 2, 3]


def test_the_file_that_to_json_writes_is_the_trace(tmp_path: Path) -> None:
    transcript = Transcript([finished_exchange().record])

    path = transcript.to_json(tmp_path / "trace.json", title="one")

    assert json.loads(path.read_text(encoding="utf-8")) == transcript.to_trace(title="one")


def test_the_page_that_to_html_writes_shows_the_trace(tmp_path: Path) -> None:
    transcript = Transcript([finished_exchange().record])

    path = transcript.to_html(tmp_path / "timeline.html", title="one")

    assert path.read_text(encoding="utf-8") == page_of(transcript.to_trace(title="one"))
