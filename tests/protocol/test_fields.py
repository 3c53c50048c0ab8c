"""What a status, a header and a body have to be, and the sentence for what they are not."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from asgi_testkit.protocol.fields import (
    FIELD_WARNINGS,
    body_fault,
    header_pairs,
    more_fault,
    start_faults,
    status_fault,
)
from asgi_testkit.protocol.rules import RULES


@pytest.mark.parametrize("status", [200, 204, 299, 304, 418, 599, HTTPStatus.NOT_FOUND], ids=int)
def test_a_final_status_passes(status: int) -> None:
    assert status_fault({"status": status}) is None


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ({}, ("H19", "The app sent 'http.response.start' without a status.")),
        ({"status": None}, ("H20", "The app sent a status that is no int: None.")),
        ({"status": "200"}, ("H20", "The app sent a status that is no int: '200'.")),
        ({"status": 200.0}, ("H20", "The app sent a status that is no int: 200.0.")),
        ({"status": True}, ("H20", "The app sent a status that is no int: True.")),
        ({"status": 0}, ("H21", "The app sent a status outside 100-999: 0.")),
        ({"status": -1}, ("H21", "The app sent a status outside 100-999: -1.")),
        ({"status": 99}, ("H21", "The app sent a status outside 100-999: 99.")),
        ({"status": 1000}, ("H21", "The app sent a status outside 100-999: 1000.")),
        ({"status": 600}, ("H22", "The app sent the status 600.")),
        ({"status": 999}, ("H22", "The app sent the status 999.")),
        (
            {"status": 100},
            ("H23", "The app sent the informational status 100 as its response."),
        ),
        (
            {"status": HTTPStatus.EARLY_HINTS},
            ("H23", "The app sent the informational status 103 as its response."),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else repr(value),
)
def test_a_status_that_cannot_be_is_named(message: dict[str, Any], fault: object) -> None:
    assert status_fault(message) == fault


class Octets(bytes):
    __slots__ = ()


@pytest.mark.parametrize("body", [b"", b"a", Octets(b"a")], ids=["empty", "bytes", "subclass"])
def test_a_body_of_bytes_passes(body: object) -> None:
    assert body_fault(body) is None


@pytest.mark.parametrize("body", [bytearray(b"a"), memoryview(b"a")], ids=type)
def test_a_body_that_is_only_like_bytes_breaks_h12(body: object) -> None:
    what = f"The app sent a {type(body).__name__} as its body: {body!r}."

    assert body_fault(body) == ("H12", what)


@pytest.mark.parametrize("more", [True, False])
def test_more_body_may_be_either_bool(more: object) -> None:
    assert more_fault(more, "more_body") is None


@pytest.mark.parametrize("more", [None, 0, 1, "", "yes", []], ids=repr)
def test_a_more_body_that_is_no_bool_breaks_h13(more: object) -> None:
    what = f"The app sent a 'more_body' that is no bool: {more!r}."

    assert more_fault(more, "more_body") == ("H13", what)


def test_a_start_with_status_and_headers_has_no_fault() -> None:
    assert list(start_faults({"status": 200, "headers": []})) == []


def test_a_start_without_status_and_headers_breaks_a_rule_for_each() -> None:
    assert [rule for rule, _what in start_faults({})] == ["H19", "H33"]


@pytest.mark.parametrize("body", ["text", [b"a"], None, 7], ids=repr)
def test_a_body_that_is_no_bytes_is_named(body: object) -> None:
    assert body_fault(body) == ("H11", f"The app sent a body that is no bytes: {body!r}.")


PAIRS = [(b"x-one", b"1"), (b"x-two", b"2")]


def _generated() -> Iterator[tuple[bytes, bytes]]:
    yield from PAIRS


@pytest.mark.parametrize(
    "headers",
    [
        PAIRS,
        tuple(PAIRS),
        iter(PAIRS),
        _generated(),
        dict(PAIRS).items(),
        [list(pair) for pair in PAIRS],
        [iter(pair) for pair in PAIRS],
        [(Octets(name), Octets(value)) for name, value in PAIRS],
    ],
    ids=["list", "tuple", "iterator", "generator", "items", "lists", "iterators", "subclass"],
)
def test_any_iterable_of_pairs_is_read(headers: object) -> None:
    assert header_pairs(headers) == (PAIRS, [])


@pytest.mark.parametrize(
    "value",
    [b"", b"a\tb", "café".encode("latin-1"), "café".encode(), b"x" * 200_000],
    ids=["empty", "tab", "latin-1", "utf-8", "200 kB"],
)
def test_a_value_of_any_other_bytes_passes(value: bytes) -> None:
    assert header_pairs([(b"x-value", value)]) == ([(b"x-value", value)], [])


def test_300_headers_and_repeated_ones_pass_in_order() -> None:
    headers = [(b"set-cookie", b"n=%d" % number) for number in range(300)]

    assert header_pairs(headers) == (headers, [])


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        (None, ("H31", "The app sent headers that are no pairs: None.")),
        (b"a: b", ("H31", "The app sent headers that are no pairs: bytes of 4.")),
        ("a: b", ("H31", "The app sent headers that are no pairs: str of 4.")),
        (7, ("H31", "The app sent headers that cannot be iterated: 7.")),
        ({b"a": b"b"}, ("H31", "The app sent a header that is no pair: bytes of 1.")),
        (
            [(b"a", b"b", b"c")],
            ("H31", "The app sent a header that is no pair: tuple of 3."),
        ),
        ([b"ab"], ("H31", "The app sent a header that is no pair: bytes of 2.")),
        ([("a", b"b")], ("H24", "The app sent a header name that is no bytes: 'a'.")),
        ([(None, b"b")], ("H24", "The app sent a header name that is no bytes: None.")),
        (
            [(b"a", "b")],
            ("H25", "The app sent a value of header b'a' that is no bytes: 'b'."),
        ),
        ([(b"a", 7)], ("H25", "The app sent a value of header b'a' that is no bytes: 7.")),
        ([(b"a", b"b\r\nc")], ("H28", "The app sent CR, LF or NUL in header b'a': b'b\\r\\nc'.")),
        ([(b"a", b"b\n")], ("H28", "The app sent CR, LF or NUL in header b'a': b'b\\n'.")),
        ([(b"a", b"b\r")], ("H28", "The app sent CR, LF or NUL in header b'a': b'b\\r'.")),
        ([(b"a", b"b\0")], ("H28", "The app sent CR, LF or NUL in header b'a': b'b\\x00'.")),
        ([(b"", b"b")], ("H29", "The app sent a header name that is no token: b''.")),
        ([(b"a b", b"c")], ("H29", "The app sent a header name that is no token: b'a b'.")),
        ([(b"a:b", b"c")], ("H29", "The app sent a header name that is no token: b'a:b'.")),
        ([(b"a\r\nb", b"c")], ("H29", "The app sent a header name that is no token: b'a\\r\\nb'.")),
        ([(b"\xe9", b"c")], ("H29", "The app sent a header name that is no token: b'\\xe9'.")),
        ([(b":status", b"200")], ("H30", "The app sent the pseudo header b':status'.")),
        (
            [(bytearray(b"a"), b"b")],
            ("H26", "The app sent header bytearray(b'a') as something else than bytes."),
        ),
        ([(b"A-b", b"c")], ("H27", "The app sent a header name that is not lower-case: b'A-b'.")),
        (
            [(b"a", b" b")],
            ("H32", "The app sent white space around the value of b'a': b' b'."),
        ),
        (
            [(b"a", b"b\t")],
            ("H32", "The app sent white space around the value of b'a': b'b\\t'."),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else repr(value),
)
def test_headers_that_cannot_be_are_named(headers: object, fault: object) -> None:
    assert header_pairs(headers)[1] == [fault]


def test_every_fault_is_named_and_all_headers_are_read() -> None:
    pairs, faults = header_pairs([("x-str", b"1"), (b"x-int", 2), (b"X-Right", b"3 ")])

    assert pairs == [(b"x-str", b"1"), (b"x-int", b"2"), (b"X-Right", b"3")]
    assert [rule for rule, _what in faults] == ["H24", "H25", "H27", "H32"]


def test_of_one_rule_the_first_fault_is_named() -> None:
    _pairs, faults = header_pairs([(b"X-One", b"1"), (b"X-Two", b"2")])

    assert faults == [("H27", "The app sent a header name that is not lower-case: b'X-One'.")]


def test_a_name_that_is_no_token_and_upper_case_breaks_one_rule() -> None:
    _pairs, faults = header_pairs([(b"X One", b"1")])

    assert [rule for rule, _what in faults] == ["H29"]


def test_bytes_like_headers_break_h26_and_are_read_as_bytes() -> None:
    pairs, faults = header_pairs([(bytearray(b"x-one"), memoryview(b"1"))])

    assert [(type(name), type(value)) for name, value in pairs] == [(bytes, bytes)]
    assert (pairs, [rule for rule, _what in faults]) == ([(b"x-one", b"1")], ["H26"])


def test_the_rules_of_headers_that_are_warned_about_are_of_level_w() -> None:
    assert {RULES[rule].level for rule in FIELD_WARNINGS} == {"W"}


def test_a_str_that_is_not_latin_1_is_read_with_question_marks() -> None:
    pairs, _faults = header_pairs([(b"x-value", "snow ☃")])

    assert pairs == [(b"x-value", b"snow ?")]


@pytest.mark.parametrize(
    "headers",
    [
        "x" * 1000,
        [b"x" * 1000],
        [("x" * 1000, b"1")],
        [(b"x" * 1000, "1")],
        [(b"x" * 1000, b"\n")],
        [(b" " * 1000, b"1")],
        [(b":" + b"x" * 1000, b"1")],
        [(b"a", "x" * 1000)],
        [(bytearray(b"x" * 1000), b"1")],
        [(b"X" * 1000, b"1")],
        [(b"x" * 1000, b" " * 1000)],
    ],
    ids=["headers", "item", "name", "named", "line end", "token", "pseudo", "value", "bytearray",
         "upper case", "white space"],
)  # fmt: skip
def test_a_sentence_stays_short_whatever_the_app_sent(headers: object) -> None:
    _pairs, [(_rule, what)] = header_pairs(headers)

    assert len(what) < 240
