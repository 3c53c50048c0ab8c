"""What a status, a header and a body have to be, and the sentence for what they are not."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest

from asgi_testkit.protocol.fields import body_fault, header_pairs, status_fault


@pytest.mark.parametrize(
    "status", [200, 204, 299, 304, 418, 599, 600, 999, HTTPStatus.NOT_FOUND], ids=int
)
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


BODIES = [b"", b"a", bytearray(b"a"), memoryview(b"a")]


@pytest.mark.parametrize("body", BODIES, ids=["empty", "bytes", "bytearray", "memoryview"])
def test_a_body_of_bytes_passes(body: object) -> None:
    assert body_fault(body) is None


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
        [(bytearray(name), memoryview(value)) for name, value in PAIRS],
    ],
    ids=["list", "tuple", "iterator", "generator", "items", "lists", "iterators", "bytes-like"],
)
def test_any_iterable_of_pairs_is_read(headers: object) -> None:
    assert header_pairs(headers) == (PAIRS, None)


@pytest.mark.parametrize(
    "value",
    [b"", b"a\tb", "café".encode("latin-1"), "café".encode(), b"x" * 200_000],
    ids=["empty", "tab", "latin-1", "utf-8", "200 kB"],
)
def test_a_value_of_any_other_bytes_passes(value: bytes) -> None:
    assert header_pairs([(b"x-value", value)]) == ([(b"x-value", value)], None)


def test_300_headers_and_repeated_ones_pass_in_order() -> None:
    headers = [(b"set-cookie", b"n=%d" % number) for number in range(300)]

    assert header_pairs(headers) == (headers, None)


@pytest.mark.parametrize(
    ("headers", "fault"),
    [
        (None, ("H31", "The app sent headers that are no pairs: None.")),
        (b"a: b", ("H31", "The app sent headers that are no pairs: b'a: b'.")),
        ("a: b", ("H31", "The app sent headers that are no pairs: 'a: b'.")),
        (7, ("H31", "The app sent headers that cannot be iterated: 7.")),
        ({b"a": b"b"}, ("H31", "The app sent a header that is no pair: b'a'.")),
        (
            [(b"a", b"b", b"c")],
            ("H31", "The app sent a header that is no pair: (b'a', b'b', b'c')."),
        ),
        ([b"ab"], ("H31", "The app sent a header that is no pair: b'ab'.")),
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
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else repr(value),
)
def test_headers_that_cannot_be_are_named(headers: object, fault: object) -> None:
    assert header_pairs(headers)[1] == fault


def test_the_first_of_two_faults_is_named_and_both_headers_are_read() -> None:
    pairs, fault = header_pairs([("x-str", b"1"), (b"x-int", 2), (b"x-right", b"3")])

    assert pairs == [(b"x-str", b"1"), (b"x-int", b"2"), (b"x-right", b"3")]
    assert fault == ("H24", "The app sent a header name that is no bytes: 'x-str'.")


def test_a_str_that_is_not_latin_1_is_read_with_question_marks() -> None:
    pairs, _fault = header_pairs([(b"x-value", "snow ☃")])

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
    ],
    ids=["headers", "item", "name", "named", "line end", "token", "pseudo", "value"],
)
def test_a_sentence_stays_short_whatever_the_app_sent(headers: object) -> None:
    _pairs, fault = header_pairs(headers)

    assert fault is not None
    assert len(fault[1]) < 240
