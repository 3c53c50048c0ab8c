"""The request body, driven by hand."""

from __future__ import annotations

from asyncio import CancelledError

import pytest

from asgi_testkit.protocol.http import HIGH_WATER_BYTES, HTTPExchange
from asgi_testkit.protocol.request_body import PIECE_BYTES, RequestBody
from tests.protocol.exchanges import body, http_exchange, send_all, start


def all_of(body: RequestBody) -> list[tuple[int, bool]]:
    """Take all that there is: size of each piece, and whether more follow."""
    taken: list[tuple[int, bool]] = []
    while (piece := body.take()) is not None:
        taken.append((len(piece[0]), piece[1]))
    return taken


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (0, [(0, False)]),
        (1, [(1, False)]),
        (PIECE_BYTES, [(PIECE_BYTES, False)]),
        (PIECE_BYTES + 1, [(PIECE_BYTES, True), (1, False)]),
        (2 * PIECE_BYTES, [(PIECE_BYTES, True), (PIECE_BYTES, False)]),
        (2 * PIECE_BYTES + 5, [(PIECE_BYTES, True), (PIECE_BYTES, True), (5, False)]),
    ],
)
def test_whole_body_is_cut_into_pieces_of_64_kib(size: int, pieces: list[tuple[int, bool]]) -> None:
    assert all_of(RequestBody(bytes(size))) == pieces


def test_whole_body_is_taken_in_order_and_complete() -> None:
    content = bytes(range(256)) * 1000
    body = RequestBody(content)
    pieces: list[bytes] = []

    while (piece := body.take()) is not None:
        pieces.append(piece[0])

    assert b"".join(pieces) == content


def test_whole_body_is_never_asked_for() -> None:
    body = RequestBody(b"abc")

    all_of(body)

    assert (body.is_whole, body.is_wanted) == (True, False)


def test_whole_body_counts_as_taken_while_its_last_piece_waits() -> None:
    body = RequestBody(bytes(2 * PIECE_BYTES))
    before = body.is_taken
    body.take()

    assert (before, body.is_taken) == (False, True)


def test_pulled_body_is_wanted_when_the_app_finds_nothing() -> None:
    body = RequestBody(None)
    before = body.is_wanted

    assert (before, body.take(), body.is_wanted, body.is_taken) == (False, None, True, False)


def test_pulled_body_is_not_wanted_once_a_piece_is_there() -> None:
    body = RequestBody(None)
    body.take()
    body.add(b"a", more=True)

    assert (body.is_wanted, body.take(), body.is_whole) == (False, (b"a", True), False)


def test_pulled_body_is_not_wanted_after_its_last_piece() -> None:
    body = RequestBody(None)
    body.take()
    body.add(b"", more=False)

    assert (body.take(), body.take(), body.is_wanted) == ((b"", False), None, False)
    assert (body.is_whole, body.is_taken) == (True, True)


def test_pushed_body_is_never_asked_for() -> None:
    body = RequestBody(None, is_pushed=True)

    assert (body.take(), body.is_wanted, body.is_taken) == (None, False, True)


def test_body_is_awaited_from_when_the_app_finds_nothing_until_there_is_a_piece() -> None:
    body = RequestBody(None, is_pushed=True)
    awaited = [body.is_awaited]
    body.take()
    awaited.append(body.is_awaited)
    body.add(b"a", more=True)
    awaited.append(body.is_awaited)

    assert awaited == [False, True, False]


def test_pushed_body_is_not_taken_while_a_piece_waits() -> None:
    body = RequestBody(None, is_pushed=True)
    body.add(b"a", more=True)
    before = body.is_taken
    body.take()

    assert (before, body.is_taken) == (False, True)


def test_unread_bytes_are_what_was_pushed_and_not_taken() -> None:
    body = RequestBody(None, is_pushed=True)
    for piece in (b"abc", b"de"):
        body.count(len(piece))
        body.add(piece, more=True)
    before = body.unread_bytes
    body.take()

    assert (before, body.unread_bytes) == (5, 2)


def test_bytes_count_as_unread_before_the_loop_has_them() -> None:
    body = RequestBody(None, is_pushed=True)
    body.count(70_000)

    assert (body.unread_bytes, body.take()) == (70_000, None)


# -- whether more may be pushed ---------------------------------------------------------------


def pushing(size: int) -> HTTPExchange:
    """Return an exchange to which a piece of so many bytes was pushed."""
    exchange = http_exchange(body=None, is_pushed=True)
    exchange.request_body.count(size)
    exchange.client_send_body(bytes(size), more=True)
    return exchange


def test_more_may_be_pushed_up_to_the_high_water_mark() -> None:
    may = [pushing(HIGH_WATER_BYTES + above).client_may_send() for above in (-1, 0, 1)]

    assert may == [True, True, None]


def test_more_may_be_pushed_once_the_app_has_taken_it() -> None:
    exchange = pushing(HIGH_WATER_BYTES + 1)
    exchange.app_receive()

    assert exchange.client_may_send() is True


def test_more_may_be_pushed_in_vain_once_the_response_is_whole() -> None:
    exchange = pushing(HIGH_WATER_BYTES + 1)
    send_all(exchange, start(), body())

    assert exchange.client_may_send() is True


def test_more_may_be_pushed_in_vain_once_the_client_has_left() -> None:
    exchange = pushing(HIGH_WATER_BYTES + 1)
    exchange.client_disconnect()

    assert exchange.client_may_send() is True


def test_pushing_raises_nothing_of_an_app_that_was_cancelled_since_the_client_had_left() -> None:
    exchange = pushing(HIGH_WATER_BYTES + 1)
    exchange.client_disconnect()
    exchange.app_raised(CancelledError())

    assert exchange.client_may_send() is True


def test_pushing_raises_what_the_app_has_raised() -> None:
    exchange = pushing(HIGH_WATER_BYTES + 1)
    exchange.app_raised(ValueError("mine"))

    with pytest.raises(ValueError, match="mine"):
        exchange.client_may_send()


def test_app_that_finds_nothing_pushed_asks_nobody() -> None:
    exchange = http_exchange(body=None, is_pushed=True)

    assert (exchange.app_receive(), exchange.client_receive()) == (None, None)


def test_pushed_pieces_are_received_as_they_were_sent() -> None:
    exchange = http_exchange(body=None, is_pushed=True)
    exchange.client_send_body(b"ab", more=True)
    exchange.client_send_body(b"", more=False)
    messages = [exchange.app_receive() for _ in range(3)]

    assert messages == [
        {"type": "http.request", "body": b"ab", "more_body": True},
        {"type": "http.request", "body": b"", "more_body": False},
        None,
    ]
