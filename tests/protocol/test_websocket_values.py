"""What a payload, a close and an accept have to be, value by value."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any

import pytest

from asgi_testkit.protocol.rules import RULES
from asgi_testkit.protocol.websocket_values import (
    MOST_REASON_BYTES,
    accept_headers,
    close_faults,
    connect_fault,
    denial_body_faults,
    denial_start,
    is_sendable_code,
    read_payload,
    size_bytes,
    subprotocol_fault,
)


class Code(IntEnum):
    NORMAL = 1000
    OWN = 4001


class Text(str):
    __slots__ = ()


class Octets(bytes):
    __slots__ = ()


# -- payloads -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "size"),
    [("", 0), (b"", 0), ("abc", 3), (b"a\xff", 2), ("é", 2), ("🧀", 4), ("\ud800", 1)],
    ids=repr,
)
def test_a_payload_weighs_what_it_does_on_the_wire(payload: str | bytes, size: int) -> None:
    assert size_bytes(payload) == size


@pytest.mark.parametrize(
    ("parts", "payload"),
    [
        ({"text": "hello"}, "hello"),
        ({"text": ""}, ""),
        ({"text": "Käse 🧀"}, "Käse 🧀"),
        ({"text": "hello", "bytes": None}, "hello"),
        ({"bytes": b"hello"}, b"hello"),
        ({"bytes": b""}, b""),
        ({"bytes": b"hello", "text": None}, b"hello"),
        ({"text": Text("hello")}, "hello"),
        ({"bytes": Octets(b"hello")}, b"hello"),
        ({"text": "hello", "extra": 1}, "hello"),
        ({"text": "x" * 2_000_000}, "x" * 2_000_000),
    ],
    ids=[
        "text", "empty text", "not ASCII", "text and None", "bytes", "empty bytes",
        "bytes and None", "a subclass of str", "a subclass of bytes", "an extra key", "2 MB",
    ],
)  # fmt: skip
def test_a_legal_payload_is_read_without_a_fault(
    parts: dict[str, Any], payload: str | bytes
) -> None:
    read, faults = read_payload(parts)

    assert (read, type(read), list(faults)) == (payload, type(payload), [])


@pytest.mark.parametrize(
    ("parts", "payload", "rules", "text"),
    [
        ({}, "", ["W10"], "with neither 'bytes' nor 'text'"),
        ({"text": None}, "", ["W10"], "with neither"),
        ({"bytes": None, "text": None}, "", ["W10"], "with neither"),
        ({"bytes": b"a", "text": "b"}, b"a", ["W09"], "with both 'bytes' and 'text'"),
        ({"bytes": b"", "text": ""}, b"", ["W09"], "with both"),
        ({"bytes": "a"}, b"a", ["W11"], "'bytes' that are no bytes: 'a'"),
        ({"bytes": [1]}, b"[1]", ["W11"], "'bytes' that are no bytes: [1]"),
        ({"text": b"a"}, "b'a'", ["W11"], "a 'text' that is no str: b'a'"),
        ({"text": 1}, "1", ["W11"], "a 'text' that is no str: 1"),
        ({"bytes": "a", "text": "b"}, b"a", ["W09", "W11"], "with both"),
        ({"bytes": bytearray(b"a")}, b"a", ["W12"], "a bytearray as 'bytes'"),
        ({"bytes": memoryview(b"a")}, b"a", ["W12"], "a memoryview as 'bytes'"),
        ({"text": "a\ud800"}, "a\ud800", ["W13"], r"text that is not Unicode: 'a\ud800'"),
        ({"text": Text("\ud800")}, "\ud800", ["W13"], "text that is not Unicode"),
    ],
    ids=lambda value: re.sub(r" at 0x\w+", "", repr(value)),
)
def test_a_payload_that_breaks_a_rule_is_told_and_still_becomes_text_or_bytes(
    parts: dict[str, Any], payload: str | bytes, rules: list[str], text: str
) -> None:
    read, found = read_payload(parts)
    faults = list(found)

    assert (read, type(read)) == (payload, type(payload))
    assert [rule for rule, _what in faults] == rules
    assert text in faults[0][1]


# -- accept -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        [(b"x-a", b"1"), (b"x-a", b"1")],
        ((b"x-a", b""),),
        iter([[b"x-a", b"a\tb"]]),
        {b"x-a": b"caf\xe9"}.items(),
        [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")],
        [(b"x-many", b"1")] * 300,
        [(b"x-long", b"x" * 200_000)],
    ],
    ids=["repeated", "tuple", "iterator", "items", "cookies", "300", "200 kB"],
)
def test_headers_of_an_accept_are_pairs_and_break_w18_alone(headers: Any) -> None:
    pairs, faults = accept_headers({"headers": headers})

    assert all(type(part) is bytes for pair in pairs for part in pair)
    assert [rule for rule, _what in faults] == ["W18"]


def test_the_sentence_of_w18_names_the_headers() -> None:
    _pairs, faults = accept_headers({"headers": [(b"x-a", b"1"), (b"x-b", b"2")]})

    assert faults == [("W18", "The app sent headers with 'websocket.accept': x-a, x-b.")]


def test_the_sentence_of_w18_is_cut_where_there_are_many_headers() -> None:
    _pairs, [(_rule, what)] = accept_headers({"headers": [(b"x-many", b"1")] * 300})

    assert what.endswith("x-many, x-man....")
    assert len(what) == len("The app sent headers with 'websocket.accept': .") + 80


@pytest.mark.parametrize("message", [{}, {"headers": []}, {"headers": ()}], ids=repr)
def test_headers_of_an_accept_may_be_left_out(message: dict[str, Any]) -> None:
    assert accept_headers(message) == ([], [])


@pytest.mark.parametrize(
    ("headers", "rules", "text"),
    [
        (None, ["W16"], "headers that are no pairs: None"),
        (7, ["W16"], "headers that cannot be iterated: 7"),
        ({b"a": b"b"}, ["W16"], "a header that is no pair: bytes of 1"),
        ([("x-a", b"1")], ["W16"], "a header name that is no bytes: 'x-a'"),
        ([(b"x-a", "1")], ["W16"], "that is no bytes: '1'"),
        ([(b"x-a", b"1\r\nx-b: 2")], ["W16"], "CR, LF or NUL in header b'x-a'"),
        ([(b"x a", b"1")], ["W16"], "a header name that is no token: b'x a'"),
        ([(b":status", b"101")], ["W16"], "the pseudo header b':status'"),
        ([(b"X-A", b"1")], ["H27", "W18"], "a header name that is not lower-case: b'X-A'"),
        (
            [(bytearray(b"x-a"), b"1")],
            ["H26", "W18"],
            "header bytearray(b'x-a') as something else than bytes",
        ),
        ([(b"x-a", b" 1")], ["H32", "W18"], "white space around the value of b'x-a': b' 1'"),
        ([(b"sec-websocket-protocol", b"a")], ["W17"], "Use its 'subprotocol'."),
        ([(b"x-a", b"1"), (b"sec-websocket-protocol", b"a")], ["W17"], "'sec-websocket-protocol'"),
        ([(b"Sec-WebSocket-Protocol", b"a")], ["H27", "W17"], "that is not lower-case"),
        ([("x-a", b"1"), (b"x-b", "1")], ["W16", "W16"], "a header name that is no bytes: 'x-a'"),
    ],
    ids=repr,
)
def test_headers_of_an_accept_that_break_a_rule_are_told(
    headers: Any, rules: list[str], text: str
) -> None:
    _pairs, faults = accept_headers({"headers": headers})

    assert [rule for rule, _what in faults] == rules
    assert text in faults[0][1]


def test_accepting_before_connect_was_received_breaks_w34() -> None:
    what = "The app sent 'websocket.accept' before it had received 'websocket.connect'."

    faults = [connect_fault(is_received=is_received) for is_received in (True, False)]

    assert faults == [None, ("W34", what)]


# -- a denial -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "rules"),
    [
        ({"status": 401, "headers": [(b"x-a", b"1")]}, []),
        ({"headers": []}, ["W29"]),
        ({"status": "401", "headers": []}, ["W29"]),
        ({"status": 600, "headers": []}, ["H22"]),
        ({"status": 401}, ["W30"]),
        ({"status": 401, "headers": None}, ["W29"]),
        ({"status": 401, "headers": [("x-a", "1")]}, ["W29"]),
        ({"status": 401, "headers": [(b"X-A", b"1 ")]}, ["H27", "H32"]),
        ({}, ["W29", "W30"]),
    ],
    ids=repr,
)
def test_the_start_of_a_denial_has_a_status_and_headers(
    message: dict[str, Any], rules: list[str]
) -> None:
    _headers, faults = denial_start(message)

    assert [rule for rule, _what in faults] == rules


@pytest.mark.parametrize(
    ("message", "is_first", "rules"),
    [
        ({"body": b"no"}, True, []),
        ({"body": b"no", "more_body": False}, True, []),
        ({"body": b"no", "more_body": True}, True, ["W30"]),
        ({"body": b"no", "more_body": True}, False, []),
        ({}, True, ["W30"]),
        ({"more_body": True}, True, ["W30", "W30"]),
        ({"body": bytearray(b"no")}, True, ["H12"]),
        ({"body": "no"}, True, ["W29"]),
        ({"body": None}, False, ["W29"]),
    ],
    ids=repr,
)
def test_the_body_of_a_denial_is_one_message_of_bytes(
    message: dict[str, Any], is_first: bool, rules: list[str]
) -> None:
    faults = denial_body_faults(message, is_first=is_first)

    assert [rule for rule, _what in faults] == rules


@pytest.mark.parametrize("subprotocol", [None, "chat", "superchat", Text("chat")])
def test_a_subprotocol_may_be_none_or_one_that_was_offered(subprotocol: str | None) -> None:
    assert subprotocol_fault(subprotocol, ("chat", "superchat")) is None


@pytest.mark.parametrize(
    ("subprotocol", "offered", "text"),
    [
        ("other", ("chat",), "the subprotocol 'other'; the client offered ['chat']."),
        ("Chat", ("chat",), "the subprotocol 'Chat'; the client offered ['chat']."),
        ("chat", (), "the subprotocol 'chat'; the client offered none."),
        ("", ("chat",), "the subprotocol ''; the client offered ['chat']."),
        ("", (), "the subprotocol ''; the client offered none."),
        (b"chat", ("chat",), "the subprotocol b'chat'; the client offered ['chat']."),
        (["chat"], ("chat",), "the subprotocol ['chat']; the client offered ['chat']."),
    ],
    ids=repr,
)
def test_any_other_subprotocol_breaks_w15(
    subprotocol: object, offered: tuple[str, ...], text: str
) -> None:
    assert subprotocol_fault(subprotocol, offered) == ("W15", f"The app accepted {text}")


# -- close --------------------------------------------------------------------------------

SENDABLE = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999,
            4000, 4999, Code.NORMAL, Code.OWN]  # fmt: skip
NOT_SENDABLE = [-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 70000]


@pytest.mark.parametrize("code", SENDABLE)
def test_a_sendable_close_code_has_no_fault_or_is_refused_by_some_servers(code: int) -> None:
    is_refused = code != 1000 and code < 3000
    fault = ("W20", f"The app sent the close code {code}.")

    assert is_sendable_code(code)
    assert list(close_faults(code, None)) == ([fault] if is_refused else [])


@pytest.mark.parametrize("code", NOT_SENDABLE)
def test_a_code_that_no_close_frame_may_hold_breaks_w19(code: int) -> None:
    assert not is_sendable_code(code)
    assert list(close_faults(code, None)) == [("W19", f"The app sent the close code {code}.")]


@pytest.mark.parametrize("code", [None, "1000", 1000.0, True, b"1000"], ids=repr)
def test_a_code_that_is_no_int_breaks_w21(code: object) -> None:
    what = f"The app sent a close code that is no int: {code!r}."

    assert list(close_faults(code, None)) == [("W21", what)]


@pytest.mark.parametrize(
    "reason", [None, "", "bye", "x" * MOST_REASON_BYTES, "é" * 61, Text("bye")], ids=repr
)
def test_a_reason_may_be_none_or_a_str_of_123_bytes(reason: str | None) -> None:
    assert list(close_faults(1000, reason)) == []


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (b"bye", "a close reason that is no str: b'bye'"),
        (7, "a close reason that is no str: 7"),
        ("x" * 124, "a close reason of 124 bytes: 'xxx"),
        ("é" * 62, "a close reason of 124 bytes: 'ééé"),
    ],
    ids=repr,
)
def test_any_other_reason_breaks_w22(reason: object, text: str) -> None:
    [(rule, what)] = close_faults(1000, reason)

    assert rule == "W22"
    assert text in what
    assert len(what) < 140


def test_a_reason_that_cannot_be_encoded_breaks_w22() -> None:
    assert [rule for rule, _what in close_faults(1000, "a\ud800")] == ["W22"]


def test_code_and_reason_are_told_apart() -> None:
    assert [rule for rule, _what in close_faults(None, b"bye")] == ["W21", "W22"]


def test_every_rule_that_a_value_can_break_exists() -> None:
    assert {"W09", "W10", "W11", "W12", "W13", "W15", "W16", "W17", "W19", "W21", "W22"} <= set(
        RULES
    )
