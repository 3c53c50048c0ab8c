"""How long the body of a response may and has to be, and its way to the client side."""

from __future__ import annotations

import pytest

from asgi_testkit.protocol.response_body import ResponseBody


def declared(*lengths: bytes, status: int = 200, is_dropped: bool = False) -> ResponseBody:
    """Return the body of a response with these `content-length` headers."""
    body = ResponseBody(is_dropped=is_dropped)
    body.declare(status, [(b"content-length", length) for length in lengths])
    return body


def rule_of(body: ResponseBody, size_bytes: int, *, is_last: bool = False) -> str | None:
    fault = body.fault(size_bytes, is_last=is_last)
    return None if fault is None else fault[0]


# -- what the headers say -------------------------------------------------------------------


@pytest.mark.parametrize("length", [b"0", b"5", b"005", b"123456789012"])
def test_one_decimal_content_length_has_no_fault(length: bytes) -> None:
    headers = [(b"x-a", b"1"), (b"content-length", length)]

    assert ResponseBody(is_dropped=False).declare(200, headers) == (headers, [])


@pytest.mark.parametrize("length", [b"", b"five", b"-1", b"+5", b"5.0", b"0x5", b"5 6", b"\xb2"])
def test_a_content_length_that_is_no_number_breaks_h36(length: bytes) -> None:
    _headers, faults = ResponseBody(is_dropped=False).declare(200, [(b"content-length", length)])

    what = f"The app sent a 'content-length' that is no number: {length!r}."
    assert faults == [("H36", what)]


@pytest.mark.parametrize(
    ("status", "lengths", "rules"),
    [
        (200, [b"5", b"6"], ["H37"]),
        (200, [b"5", b"5"], ["H38"]),
        (200, [b"5", b"5", b"6"], ["H37"]),
        (200, [b"five", b"6"], ["H36", "H37"]),
        (204, [b"0"], ["H40"]),
        (204, [b"five"], ["H36", "H40"]),
        (304, [b"5"], []),
        (205, [b"0"], []),
    ],
)
def test_several_lengths_and_a_length_with_204_break_a_rule(
    status: int, lengths: list[bytes], rules: list[str]
) -> None:
    headers = [(b"content-length", length) for length in lengths]

    _headers, faults = ResponseBody(is_dropped=False).declare(status, headers)

    assert [rule for rule, _what in faults] == rules


def test_an_upper_case_content_length_counts() -> None:
    body = ResponseBody(is_dropped=False)

    body.declare(200, [(b"Content-Length", b"5")])

    assert rule_of(body, 6) == "H34"


def test_transfer_encoding_is_dropped_and_other_headers_of_its_length_stay() -> None:
    stay = [(b"x-a", b"1"), (b"x-34567890-1234", b"1"), (b"x-34567890-123456", b"1")]
    body = ResponseBody(is_dropped=False)

    headers, faults = body.declare(200, [*stay, (b"Transfer-Encoding", b"chunked")])

    assert (headers, faults) == (stay, [])


# -- how long it is -------------------------------------------------------------------------


def test_a_body_of_the_declared_length_has_no_fault() -> None:
    body = declared(b"5")
    found = [rule_of(body, 3)]
    body.add(b"hel")
    found += [rule_of(body, 0), rule_of(body, 2), rule_of(body, 2, is_last=True)]
    before = body.is_whole_on_the_wire
    body.add(b"lo")

    assert found == [None] * 4
    assert (before, body.is_whole_on_the_wire) == (False, True)
    assert rule_of(body, 0, is_last=True) is None


@pytest.mark.parametrize(
    ("size_bytes", "is_last", "fault"),
    [
        (6, False, ("H34", "The app declared a body of 5 bytes and sent 6.")),
        (6, True, ("H34", "The app declared a body of 5 bytes and sent 6.")),
        (4, True, ("H35", "The app declared a body of 5 bytes and ended it after 4.")),
        (0, True, ("H35", "The app declared a body of 5 bytes and ended it after 0.")),
    ],
)
def test_a_body_of_another_length_breaks_a_rule(
    size_bytes: int, is_last: bool, fault: tuple[str, str]
) -> None:
    rule, what = fault
    length = "The length is the one of its 'content-length'."

    assert declared(b"5").fault(size_bytes, is_last=is_last) == (rule, f"{what} {length}")


def test_what_had_been_sent_before_counts() -> None:
    body = declared(b"5")
    body.add(b"hell")

    assert [rule_of(body, 1), rule_of(body, 2)] == [None, "H34"]


@pytest.mark.parametrize("lengths", [(), (b"five",), (b"5", b"6")], ids=repr)
def test_a_body_whose_length_is_not_known_may_have_any(lengths: tuple[bytes, ...]) -> None:
    body = declared(*lengths)

    assert [rule_of(body, 100), rule_of(body, 0, is_last=True)] == [None, None]
    assert not body.is_whole_on_the_wire


@pytest.mark.parametrize(("status", "rule"), [(204, "H39"), (304, "H39"), (205, "H41")])
def test_a_status_without_a_body_breaks_a_rule_with_one(status: int, rule: str) -> None:
    body = declared(status=status)

    fault = body.fault(2, is_last=True)

    assert fault == (rule, f"The app sent a body of 2 bytes with status {status}.")
    assert body.fault(0, is_last=True) is None


def test_the_length_of_what_a_304_would_have_had_is_no_length_of_its_body() -> None:
    assert rule_of(declared(b"5", status=304), 0, is_last=True) is None


@pytest.mark.parametrize("status", [200, 204, 205, 304])
def test_the_body_of_a_head_response_has_no_rule(status: int) -> None:
    body = declared(b"5", status=status, is_dropped=True)

    assert [rule_of(body, 100), rule_of(body, 0, is_last=True)] == [None, None]


def test_a_start_that_was_refused_leaves_nothing_to_the_next() -> None:
    body = declared(b"5")

    body.declare(500, [(b"content-type", b"text/plain")])

    assert [rule_of(body, 100), rule_of(body, 0, is_last=True)] == [None, None]


# -- its way --------------------------------------------------------------------------------


def test_pieces_are_handed_over_once_and_counted_as_in_hand() -> None:
    body = declared()
    for piece in (b"a", b"", b"bc"):
        body.add(piece)
    before = (bool(body), body.unread_bytes, body.in_hand_bytes)

    pieces = [body.hand_over(), body.hand_over()]

    assert before == (True, 3, 0)
    assert pieces == [[b"a", b"bc"], []]
    assert (bool(body), body.unread_bytes) == (False, 0)


def test_a_body_that_is_dropped_is_never_there() -> None:
    dropped, left = declared(is_dropped=True), declared()
    left.add(b"a")

    dropped.add(b"a")
    left.drop()

    assert [bool(dropped), bool(left)] == [False, False]
    assert [dropped.unread_bytes, left.unread_bytes] == [0, 0]


def test_equal_lengths_count_though_they_are_repeated() -> None:
    body = declared(b"5", b"5")
    assert [rule_of(body, 6), rule_of(body, 4, is_last=True)] == ["H34", "H35"]
