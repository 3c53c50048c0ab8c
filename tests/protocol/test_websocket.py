"""The WebSocket exchange, driven by hand: handshakes, and messages both ways."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.websocket import WEBSOCKET_HIGH_WATER_BYTES
from asgi_testkit.protocol.websocket_events import Accept, Close, Denial
from asgi_testkit.protocol.websocket_states import WebSocketState
from tests.protocol.websocket_exchanges import (
    accept,
    app_receives_all,
    client_receives_all,
    close,
    data,
    denial_body,
    denial_start,
    exchange_in,
    from_client,
    give,
    send_all,
    text,
    websocket_exchange,
)

S = WebSocketState

CONNECT = {"type": "websocket.connect"}

# -- the handshake ------------------------------------------------------------------------


def test_the_app_receives_connect_first_and_then_has_to_wait() -> None:
    exchange = websocket_exchange(has_connect=False)

    assert [exchange.app_receive(), exchange.app_receive()] == [CONNECT, None]


def test_the_client_waits_until_the_app_has_accepted() -> None:
    exchange = websocket_exchange(subprotocols=("chat", "superchat"))
    before = exchange.client_wait_answer()

    exchange.app_send(accept(subprotocol="superchat", headers=[(b"X-A", b"1"), (b"x-a", b"2")]))

    accepted = Accept("superchat", [(b"X-A", b"1"), (b"x-a", b"2")])
    assert (before, exchange.client_wait_answer()) == (None, accepted)
    assert exchange.accepted == accepted


def test_an_answer_stays_what_it_was_whatever_comes_later() -> None:
    exchange = exchange_in(S.CLOSED)

    exchange.app_returned()

    assert exchange.client_wait_answer() == Accept(None, [])


def test_a_close_before_the_accept_rejects_the_connection() -> None:
    exchange = websocket_exchange()

    exchange.app_send(close(code=4003, reason="no ticket"))

    assert exchange.client_wait_answer() == Close(4003, "no ticket", "app")
    assert exchange.state is S.REJECTED


def test_a_close_before_connect_was_received_is_legal() -> None:
    exchange = websocket_exchange(strict=True, has_connect=False)

    exchange.app_send(close())
    exchange.app_returned()

    exchange.client_check()
    assert exchange.record.acts() == ["app: websocket.close", "app: returned"]


@pytest.mark.parametrize("code", [0, 70000, None, "many"])
def test_code_and_reason_of_a_rejection_are_not_looked_at(code: Any) -> None:
    exchange = websocket_exchange(strict=True)

    exchange.app_send(close(code=code, reason="x" * 500))

    assert (exchange.violation, exchange.warned, exchange.state) == (None, [], S.REJECTED)


def test_a_denial_response_is_the_answer_once_it_is_whole() -> None:
    exchange = websocket_exchange()
    answers = []
    for message in (
        denial_start(429, [(b"retry-after", b"1"), (b"retry-after", b"2")]),
        denial_body(b"too ", more=True),
        denial_body(b"many"),
    ):
        exchange.app_send(message)
        answers.append(exchange.client_wait_answer())

    start = ResponseStart(429, [(b"retry-after", b"1"), (b"retry-after", b"2")])
    assert answers == [None, None, Denial(start, b"too many")]


@pytest.mark.parametrize(
    "messages",
    [
        [accept(), text("hello"), close()],
        [accept(subprotocol=None), text("hello"), close()],
        [accept(subprotocol="chat"), text("hello"), close()],
        [accept(extra=1), {**text("hello"), "extra": 1}, close(extra=1)],
        [accept(), {**text("hello"), "bytes": None}, close()],
        [accept(), text("hello"), close(reason=None)],
        [accept(), text("hello"), close(code=3000, reason="bye")],
        [accept(), text("hello"), close(code=HTTPStatus.OK + 3000)],
    ],
    ids=[
        "bare", "subprotocol None", "subprotocol", "extra keys", "bytes None", "reason None",
        "a registered code", "an own code",
    ],
)  # fmt: skip
def test_what_is_legal_is_taken_without_a_word(messages: list[dict[str, Any]]) -> None:
    exchange = websocket_exchange(strict=True, subprotocols=("chat",))

    send_all(exchange, *messages)
    exchange.app_returned()

    exchange.client_check()
    assert client_receives_all(exchange)[0] == "hello"
    assert (exchange.warned, exchange.state) == ([], S.ENDED)


@pytest.mark.parametrize(
    "messages",
    [
        [denial_start(200), denial_body(b"no")],
        [denial_start(HTTPStatus.OK), denial_body(b"no")],
        [denial_start(200, iter([(b"x-a", b"1")])), denial_body(b"no")],
        [denial_start(200, extra=1), {**denial_body(b"no"), "extra": 1}],
    ],
    ids=["200", "IntEnum", "iterator", "extra keys"],
)
def test_a_legal_denial_is_taken_without_a_word(messages: list[dict[str, Any]]) -> None:
    exchange = websocket_exchange(strict=True)

    send_all(exchange, *messages)
    exchange.app_returned()

    answer = exchange.client_wait_answer()
    assert isinstance(answer, Denial)
    assert (answer.start.status, answer.body, exchange.warned) == (200, b"no", [])


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        ([{"type": "websocket.http.response.start", "status": 200}, denial_body(b"no")], "W30"),
        ([denial_start(200), denial_body(b"n", more=True), denial_body(b"o")], "W30"),
        (
            [
                denial_start(200),
                denial_body(b"no", more=True),
                {"type": "websocket.http.response.body"},
            ],
            "W30",
        ),
        ([denial_start(200), denial_body(bytearray(b"no"))], "H12"),
        ([denial_start(200, [(b"X-A", b"1")]), denial_body(b"no")], "H27"),
    ],
    ids=["no headers", "pieces", "no body key", "bytearray", "upper case"],
)
def test_a_denial_that_some_servers_refuse_is_taken_with_one_warning(
    messages: list[dict[str, Any]], rule: str
) -> None:
    exchange = websocket_exchange()

    send_all(exchange, *messages)

    answer = exchange.client_wait_answer()
    assert isinstance(answer, Denial)
    assert (answer.start.status, answer.body) == (200, b"no")
    assert [told.rule for told in exchange.warned] == [rule]


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        ([accept(headers=iter([(b"x-a", b"1")]))], "W18"),
        ([accept(headers={b"x-a": b""}.items())], "W18"),
        ([accept(), close(code=1001)], "W20"),
        ([accept(), close(code=1012, reason="bye")], "W20"),
    ],
    ids=["iterator", "items", "1001", "1012"],
)
def test_what_some_servers_refuse_is_taken_with_one_warning(
    messages: list[dict[str, Any]], rule: str
) -> None:
    exchange = websocket_exchange()

    send_all(exchange, *messages)

    assert exchange.accepted is not None
    assert (exchange.violation, [told.rule for told in exchange.warned]) == (None, [rule])


def test_an_accept_before_connect_was_received_is_taken_with_one_warning() -> None:
    exchange = websocket_exchange(has_connect=False)

    exchange.app_send(accept())

    assert exchange.state is S.OPEN
    assert [told.rule for told in exchange.warned] == ["W34"]


# -- messages -----------------------------------------------------------------------------


def test_messages_of_the_client_reach_the_app_in_their_order() -> None:
    exchange = exchange_in(S.OPEN)
    give(exchange, "one", b"\x00two", "")

    received = app_receives_all(exchange)

    assert received == [from_client("one"), from_client(b"\x00two"), from_client("")]


def test_messages_of_the_app_reach_the_client_in_their_order_with_empty_ones() -> None:
    exchange = exchange_in(S.OPEN)

    send_all(exchange, text("one"), data(b"\x00two"), text(""), data(b""))

    assert client_receives_all(exchange) == ["one", b"\x00two", "", b""]


def test_a_message_can_be_put_back_and_comes_first_again() -> None:
    exchange = exchange_in(S.OPEN)
    send_all(exchange, text("one"), text("two"))

    taken = exchange.client_take()
    assert taken is not None
    exchange.client_put_back(taken)

    assert client_receives_all(exchange) == ["one", "two"]


def test_the_client_knows_whether_a_message_is_unread() -> None:
    exchange = exchange_in(S.OPEN)
    known = [exchange.client_has_messages()]
    exchange.app_send(text(""))
    known.append(exchange.client_has_messages())
    exchange.client_take()
    known.append(exchange.client_has_messages())

    assert known == [False, True, False]
    assert exchange.client_take() is None


def test_the_record_holds_what_has_crossed() -> None:
    exchange = websocket_exchange()
    exchange.app_send(accept())
    give(exchange, "é")
    exchange.app_receive()
    send_all(exchange, data(b"x" * 5000), close(code=4000, reason="bye"))
    exchange.app_receive()
    exchange.app_returned()

    assert [(entry[1], entry[2], entry[3], entry[5]) for entry in exchange.record] == [
        ("client", "websocket.connect", -1, None),
        ("app", "websocket.accept", -1, Accept(None, [])),
        ("client", "websocket.receive", 2, "é"),
        ("app", "websocket.send", 5000, b"x" * 4096),
        ("app", "websocket.close", -1, Close(4000, "bye", "app")),
        ("client", "websocket.disconnect", -1, 4000),
        ("app", "returned", -1, None),
    ]


def test_the_record_of_a_denial_holds_its_parts() -> None:
    exchange = exchange_in(S.DENIED)

    exchange.app_returned()

    assert exchange.record.acts() == [
        "client: websocket.connect",
        "app: websocket.http.response.start",
        "app: websocket.http.response.body",
        "app: returned",
    ]


# -- the high-water mark ------------------------------------------------------------------


def test_send_waits_above_the_high_water_mark_until_the_client_has_read() -> None:
    exchange = exchange_in(S.OPEN)
    exchange.app_send(data(b"x" * (WEBSOCKET_HIGH_WATER_BYTES // 2)))
    waits = [exchange.app_must_wait()]
    exchange.app_send(text("é" * (WEBSOCKET_HIGH_WATER_BYTES // 4)))
    exchange.app_send(text("x"))
    waits += [exchange.app_must_wait(), exchange.app_waits]

    exchange.client_take()
    waits += [exchange.app_must_wait(), exchange.app_waits]

    assert waits == [False, True, True, False, False]


def test_many_empty_messages_are_too_much_as_well() -> None:
    exchange = exchange_in(S.OPEN)
    empty = text("")

    waits = False
    for _ in range(200_000):  # each takes memory; on a wire it would be a frame
        exchange.app_send(empty)
        if waits := exchange.app_must_wait():
            break

    assert waits


def test_a_message_that_was_put_back_is_unread_again() -> None:
    exchange = exchange_in(S.OPEN)
    exchange.app_send(data(b"x" * (WEBSOCKET_HIGH_WATER_BYTES + 1)))

    taken = exchange.client_take()
    assert taken is not None
    exchange.client_put_back(taken)

    assert exchange.app_must_wait()


def test_send_never_waits_once_the_client_has_gone() -> None:
    exchange = exchange_in(S.OPEN)
    exchange.app_send(data(b"x" * (WEBSOCKET_HIGH_WATER_BYTES + 1)))

    exchange.client_disconnect()

    assert not exchange.app_must_wait()


def test_the_client_may_send_on_once_the_app_has_taken_enough() -> None:
    exchange = exchange_in(S.OPEN)
    half = "x" * (WEBSOCKET_HIGH_WATER_BYTES // 2)
    over = [exchange.client_send(from_client(half), len(half)) for _ in range(2)]
    may_send = [exchange.client_may_send()]

    app_receives_all(exchange)
    may_send.append(exchange.client_may_send())

    assert (over, may_send) == ([False, True], [None, True])


@pytest.mark.parametrize("state", [S.CLOSED, S.DISCONNECTED, S.ENDED, S.FAILED])
def test_the_client_need_not_wait_for_an_app_that_takes_no_more(state: WebSocketState) -> None:
    exchange = exchange_in(state)

    exchange.client_send(from_client(""), WEBSOCKET_HIGH_WATER_BYTES + 1)

    assert exchange.client_may_send() is True


def test_a_second_sender_that_may_send_leaves_the_first_waiting_to_be_told() -> None:
    exchange = exchange_in(S.OPEN)
    exchange.client_send(from_client(""), WEBSOCKET_HIGH_WATER_BYTES)
    may_send = [exchange.client_may_send()]
    app_receives_all(exchange)

    may_send.append(exchange.client_may_send())

    assert (may_send, exchange.client_waits) == ([None, True], True)
