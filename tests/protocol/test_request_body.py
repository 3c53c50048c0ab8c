"""The request body, driven by hand."""

from __future__ import annotations

import pytest

from asgi_testkit.protocol.request_body import PIECE_BYTES, RequestBody


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
