"""The HTTP exchange, driven by hand: orderly responses, request bodies, leaving."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http import HIGH_WATER_BYTES
from asgi_testkit.protocol.http_events import Cue, ResponseStart
from asgi_testkit.protocol.http_states import HTTPState
from asgi_testkit.protocol.request_body import PIECE_BYTES
from tests.protocol.exchanges import (
    DEBUG,
    body,
    exchange_in,
    http_exchange,
    send_all,
    start,
    trailers,
)

# -- an orderly response ------------------------------------------------------------------


def test_a_response_is_seen_as_start_then_pieces_then_complete() -> None:
    exchange = http_exchange()
    seen = [exchange.client_receive()]
    exchange.app_send(start(201, [(b"x-one", b"1")]))
    seen += [exchange.client_receive(), exchange.client_receive()]
    send_all(exchange, body(b"a", more=True), body(b"b", more=True))
    seen.append(exchange.client_receive())
    exchange.app_send(body(b"c"))
    seen += [exchange.client_receive(), exchange.client_receive()]

    start_event = ResponseStart(201, [(b"x-one", b"1")])
    assert seen == [None, start_event, None, [b"a", b"b"], [b"c"], Cue.COMPLETE]


def test_the_record_holds_what_has_crossed() -> None:
    exchange = http_exchange(body=b"hello")

    exchange.app_receive()
    send_all(exchange, start(), body(b"a", more=True), body(b"b"))
    exchange.app_receive()
    exchange.app_returned()

    assert [entry[1:5] for entry in exchange.record] == [
        ("client", "http.request", 5, False),
        ("app", "http.response.start", -1, False),
        ("app", "http.response.body", 1, True),
        ("app", "http.response.body", 1, False),
        ("client", "http.disconnect", -1, False),
        ("app", "returned", -1, False),
    ]


def test_the_whole_body_is_taken_once_and_joined() -> None:
    exchange = http_exchange()
    send_all(exchange, start(), body(b"a", more=True), body(b"b"))

    taken = [exchange.client_take_body(), exchange.client_take_body()]

    assert taken == [b"ab", b""]


def test_a_client_that_waits_for_the_end_gets_its_cue_when_the_app_returns() -> None:
    exchange = http_exchange()
    cues = [exchange.client_wait_app(), exchange.client_wait_complete()]
    send_all(exchange, start(), body())
    cues += [exchange.client_wait_app(), exchange.client_wait_complete()]
    exchange.app_returned()
    cues.append(exchange.client_wait_app())

    assert cues == [None, None, None, Cue.COMPLETE, Cue.APP_OVER]


@pytest.mark.parametrize(
    "messages",
    [
        [start(headers=[]), body(b"hello")],
        [start(headers=((b"x-one", b"1"),)), body(b"hello")],
        [start(headers=iter([(b"x-one", b"1")])), body(b"hello")],
        [start(headers={b"x-one": b"1"}.items()), body(b"hello")],
        [start(headers=[[b"x-one", b"1"]]), body(b"hello")],
        [start(HTTPStatus.OK), body(b"hello")],
        [start(299), body(b"hello")],
        [start(extra=1), {**body(b"hello"), "extra": 2}],
        [start(), body(b"hello", more=True), {"type": "http.response.body"}],
        [start(), {"type": "http.response.body", "body": b"hello"}],
        [start(), body(b"", more=True), body(b"hello", more=True), body(b"", more=True), body()],
        [start(headers=[(b"x-empty", b"")]), body(b"hello")],
        [start(headers=[(b"x-tab", b"a\tb"), (b"x-latin", b"caf\xe9")]), body(b"hello")],
        [start(headers=[(b"set-cookie", b"a=1"), (b"set-cookie", b"a=1")]), body(b"hello")],
        [start(headers=[(b"x-many", b"1")] * 300), body(b"hello")],
        [start(headers=[(b"x-long", b"x" * 200_000)]), body(b"hello")],
        [start(headers=[(b"content-length", b"5")]), body(b"hello")],
        [start(headers=[(b"content-length", b"5")]), body(b"hel", more=True), body(b"lo")],
    ],
    ids=[
        "list", "tuple", "iterator", "items", "lists", "IntEnum", "299", "extra keys",
        "no body key at the end", "no more_body key", "empty chunks",
        "empty value", "tab and latin-1", "repeated cookie", "300 headers", "200 kB value",
        "content-length", "content-length of two",
    ],
)  # fmt: skip
def test_what_is_legal_is_taken_without_a_word(messages: list[dict[str, Any]]) -> None:
    exchange = http_exchange(strict=True)

    send_all(exchange, *messages)
    exchange.app_returned()

    exchange.client_check()
    assert (exchange.client_take_body(), exchange.warned) == (b"hello", [])


def test_the_start_has_the_headers_as_the_app_sent_them() -> None:
    exchange = http_exchange(ignored=("H26", "H27"))

    exchange.app_send(start(404, iter([[b"X-B", bytearray(b"1")], (b"x-a", b""), (b"X-B", b"1")])))

    headers = [(b"X-B", b"1"), (b"x-a", b""), (b"X-B", b"1")]
    assert exchange.response == ResponseStart(404, headers)


def test_an_app_that_never_receives_is_legal() -> None:
    exchange = http_exchange(strict=True, body=b"unread")

    send_all(exchange, start(), body())
    exchange.app_returned()

    exchange.client_check()
    assert exchange.state is HTTPState.ENDED


def test_background_work_after_the_response_is_legal() -> None:
    exchange = exchange_in(HTTPState.COMPLETE, strict=True)

    after = [exchange.app_receive(), exchange.app_receive()]
    exchange.app_returned()

    exchange.client_check()
    assert after == [{"type": "http.disconnect"}] * 2


# -- the request's body -------------------------------------------------------------------


def test_a_request_without_a_body_is_one_empty_message() -> None:
    exchange = http_exchange()

    messages = [exchange.app_receive(), exchange.app_receive()]

    assert messages == [{"type": "http.request", "body": b"", "more_body": False}, None]


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (1, [1]),
        (PIECE_BYTES, [PIECE_BYTES]),
        (PIECE_BYTES + 1, [PIECE_BYTES, 1]),
        (3 * PIECE_BYTES, [PIECE_BYTES] * 3),
    ],
)
def test_a_body_arrives_in_pieces_of_64_kib(size: int, sizes: list[int]) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    exchange = http_exchange(body=content)

    messages = [exchange.app_receive() or {} for _ in sizes]

    assert [len(message["body"]) for message in messages] == sizes
    assert [message["more_body"] for message in messages] == [True] * (len(sizes) - 1) + [False]
    assert b"".join(message["body"] for message in messages) == content
    assert exchange.app_receive() is None


def test_a_streamed_body_is_asked_for_piece_by_piece() -> None:
    exchange = http_exchange(body=None)
    seen: list[object] = [exchange.client_receive()]
    seen += [exchange.app_receive(), exchange.client_receive()]
    exchange.client_send_body(b"a", more=True)
    seen += [exchange.client_receive(), exchange.app_receive(), exchange.app_receive()]
    exchange.client_send_body(b"", more=False)
    seen += [exchange.app_receive(), exchange.app_receive(), exchange.client_receive()]

    first = {"type": "http.request", "body": b"a", "more_body": True}
    last = {"type": "http.request", "body": b"", "more_body": False}
    assert seen == [None, None, Cue.BODY_WANTED, None, first, None, last, None, None]


@pytest.mark.parametrize("wait", ["client_wait_app", "client_wait_complete"])
def test_a_client_that_waits_for_the_end_is_asked_for_the_body_too(wait: str) -> None:
    exchange = http_exchange(body=None)
    exchange.app_receive()

    assert getattr(exchange, wait)() is Cue.BODY_WANTED


def test_the_client_is_writing_until_the_last_piece_is_taken_up() -> None:
    exchange = http_exchange(body=b"x" * (PIECE_BYTES + 1))
    writing = [exchange.client_is_writing()]

    exchange.app_receive()
    writing.append(exchange.client_is_writing())

    assert writing == [True, False]
    assert http_exchange(body=None).client_is_writing()


# -- HEAD, trailers, debug, the high-water mark ------------------------------------------


def test_the_body_of_a_head_response_is_dropped_and_its_headers_stay() -> None:
    exchange = http_exchange(method="HEAD", strict=True)
    headers = [(b"content-length", b"5")]

    send_all(exchange, start(200, headers), body(b"hel", more=True), body(b"lo"))
    exchange.app_returned()

    exchange.client_check()
    assert (exchange.response, exchange.client_take_body()) == (ResponseStart(200, headers), b"")


def test_declared_trailers_come_after_the_body() -> None:
    exchange = http_exchange(strict=True)

    send_all(exchange, start(trailers=True), body(b"a", more=True), body(b"b"))
    states = [exchange.state]
    send_all(exchange, trailers((b"x-sum", b"1"), more=True), trailers((b"x-end", b"2")))
    states.append(exchange.state)

    assert exchange.trailers == [(b"x-sum", b"1"), (b"x-end", b"2")]
    assert states == [HTTPState.TRAILERS, HTTPState.COMPLETE]


def test_a_response_that_declares_no_trailers_has_none() -> None:
    assert exchange_in(HTTPState.COMPLETE).trailers is None


def test_declared_trailers_that_never_come_break_h52_after_the_whole_body() -> None:
    exchange = exchange_in(HTTPState.TRAILERS)

    exchange.app_returned()

    assert (exchange.client_take_body(), exchange.trailers) == (b"", [])
    with pytest.raises(ASGIRuleError, match="Rule H52 "):
        exchange.client_check()


def test_declared_trailers_that_never_come_leave_a_lenient_response_whole() -> None:
    exchange = exchange_in(HTTPState.TRAILERS, strict=False)

    exchange.app_returned()

    exchange.client_check()
    assert [told.rule for told in exchange.warned] == ["H52"]


def test_debug_before_the_start_is_kept() -> None:
    exchange = http_exchange(strict=True)

    send_all(exchange, DEBUG, start(), body())

    assert exchange.debug == {"template": "cart.html"}


def test_send_waits_above_the_high_water_mark_while_a_stream_is_read() -> None:
    exchange = http_exchange(is_bounded=True)
    exchange.app_send(start())

    exchange.app_send(body(b"x" * HIGH_WATER_BYTES, more=True))
    waits = [exchange.app_must_wait()]
    exchange.app_send(body(b"x", more=True))
    waits.append(exchange.app_must_wait())

    assert waits == [False, True]


def test_a_piece_counts_as_read_when_the_client_comes_back() -> None:
    exchange = http_exchange(is_bounded=True)
    send_all(exchange, start(), body(b"x" * (HIGH_WATER_BYTES + 1), more=True))
    exchange.client_receive()

    waits = []
    for _ in range(2):
        exchange.client_receive()
        waits.append(exchange.app_must_wait())

    assert waits == [True, False]


def test_send_never_waits_where_nobody_streams_or_the_client_has_left() -> None:
    unbounded, left = http_exchange(), http_exchange(is_bounded=True)
    for exchange in (unbounded, left):
        send_all(exchange, start(), body(b"x" * 10 * HIGH_WATER_BYTES, more=True))

    left.client_disconnect()

    assert [unbounded.app_must_wait(), left.app_must_wait()] == [False, False]


# -- the client leaves --------------------------------------------------------------------


def test_an_app_whose_client_has_left_sees_disconnect_at_each_call() -> None:
    exchange = http_exchange(body=b"unread")

    exchange.client_disconnect()

    assert [exchange.app_receive(), exchange.app_receive()] == [{"type": "http.disconnect"}] * 2


def test_an_app_that_waits_for_the_body_sees_that_the_client_has_left() -> None:
    exchange = http_exchange(body=None)
    waiting = exchange.app_receive()

    exchange.client_disconnect()

    assert [waiting, exchange.app_receive()] == [None, {"type": "http.disconnect"}]


@pytest.mark.parametrize("message", [start(), body(b"late"), trailers(), DEBUG, None, {}], ids=repr)
def test_after_the_client_has_left_anything_is_sent_in_silence(message: Any) -> None:
    exchange = exchange_in(HTTPState.STREAMING, strict=True)
    exchange.client_disconnect()

    exchange.app_send(message)

    exchange.client_check()
    assert (exchange.state, exchange.client_take_body()) == (HTTPState.DISCONNECTED, b"")


def test_returning_without_a_response_is_legal_once_the_client_has_left() -> None:
    exchange = exchange_in(HTTPState.DISCONNECTED, strict=True)

    exchange.app_returned()

    exchange.client_check()
    assert exchange.state is HTTPState.ENDED


def test_leaving_twice_is_leaving_once() -> None:
    exchange = http_exchange()

    exchange.client_disconnect()
    exchange.client_disconnect()

    assert exchange.record.acts() == ["client: disconnected"]


def test_leaving_after_the_response_was_whole_changes_no_state() -> None:
    exchange = exchange_in(HTTPState.COMPLETE)

    exchange.client_disconnect()
    exchange.app_returned()

    assert exchange.state is HTTPState.ENDED
