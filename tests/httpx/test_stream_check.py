# Generated from tests/httpx2/test_stream_check.py by scripts/write_httpx.py.
"""The check of event streams, without a loop: cut anywhere, it says the same."""

from __future__ import annotations

import pytest

from asgi_testkit.httpx import additions
from asgi_testkit.httpx.events import StreamCheck
from tests.httpx.event_streams import BROKEN


def check(*pieces: bytes, is_strict: bool = True) -> str:
    """Give a stream to a new check, and return its text."""
    stream_check = StreamCheck(is_strict=is_strict)
    texts: list[str] = []
    for piece in pieces:
        texts.append(stream_check.decode(piece))
        stream_check.look_at(texts[-1])
    texts.append(stream_check.decode(b"", is_last=True))
    stream_check.look_at_end()
    return "".join(texts)


def cuts(stream: bytes) -> list[tuple[bytes, bytes]]:
    """Return the stream cut in two at every place."""
    return [(stream[:at], stream[at:]) for at in range(len(stream) + 1)]


GOOD = {
    "nothing": b"",
    "LF": b"data: 1\nid: 2\n\ndata: 3\n\n",
    "CR": b"data: 1\rid: 2\r\rdata: 3\r\r",
    "CRLF": b"data: 1\r\nid: 2\r\n\r\ndata: 3\r\n\r\n",
    "mixed line ends": b"data: 1\r\nid: 2\r\n\ndata: 3\n\r\n",
    "no value": b"data\nid:\nevent\n\n",
    "no space": b"data:1\nretry:10\n\n",
    "comments": b": hello\n\ndata: 1\n:\n: amid\ndata: 2\n\n: bye",
    "only empty lines": b"\n\r\n\r\n\n",
    "colons": b"data: a: b: c\n\n",
    "letters of 2, 3 and 4 bytes": "data: äß€😀\n\n".encode(),
    "line ends of Unicode": "data: \u2028\u0085\x0b\x0c\x1c\n\n".encode(),
    "byte order mark": b"\xef\xbb\xbfdata: 1\n\n",
}


@pytest.mark.parametrize("stream", GOOD.values(), ids=GOOD)
def test_good_stream_passes_wherever_it_is_cut(stream: bytes) -> None:
    text = stream.decode("utf-8-sig")

    assert {check(*pieces) for pieces in cuts(stream)} == {text}


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"], ids=["LF", "CR", "CRLF"])
@pytest.mark.parametrize("name", ["data", "event", "id"])
def test_stream_that_ends_amid_an_event_is_refused_wherever_it_is_cut(
    name: str, line_end: str
) -> None:
    stream = f"{name}: 1{line_end}: comment{line_end}".encode()

    for pieces in cuts(stream):
        with pytest.raises(additions.SSEError, match="ends after line 2 amid an event"):
            check(*pieces)


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"], ids=["LF", "CR", "CRLF"])
def test_lines_are_counted_alike_wherever_the_stream_is_cut(line_end: str) -> None:
    stream = line_end.join(["data: 1", "", ":", "broken", "", ""]).encode()

    for pieces in cuts(stream):
        with pytest.raises(additions.SSEError, match=r"Line 4 .*: 'broken'\."):
            check(*pieces)


@pytest.mark.parametrize(
    "line", [b" data: 1", b"data : 1", b"Data: 1", b"{}", b"\xef\xbb\xbfdata: 1", b"ids: 1"]
)
def test_line_that_begins_with_no_field_is_refused(line: bytes) -> None:
    with pytest.raises(additions.SSEError, match="Line 3 of the event stream begins with no field"):
        check(b"data: 1\n\n" + line + b"\n\n")


@pytest.mark.parametrize("value", ["", " ", "-1", "+1", "1.5", "1 ", "  1", "1_000", "\u0661"])
def test_retry_that_is_not_ascii_digits_is_refused(value: str) -> None:
    with pytest.raises(additions.SSEError, match="Line 1 of the event stream holds no number"):
        check(f"retry: {value}\n\n".encode())


def test_long_line_is_cut_in_the_message() -> None:
    with pytest.raises(
        additions.SSEError, match=r"begins with no field: 'x{10,80}\.\.\."
    ) as caught:
        check(b"x" * 1000 + b"\n\n")

    assert len(str(caught.value)) < 400


def test_bytes_that_are_not_utf_8_are_shown_with_the_line_before() -> None:
    with pytest.raises(additions.SSEError, match=r"After line 2 .* not UTF-8: b'data: \\xff"):
        check(b"data: 1\n\n", b"data: \xff\n\n")


def test_letter_that_is_cut_off_at_the_end_is_not_utf_8() -> None:
    with pytest.raises(additions.SSEError, match="After line 2 the event stream is not UTF-8"):
        check(b"data: 1\n\n", b": \xe2\x82")


@pytest.mark.parametrize(("stream", "text"), BROKEN.values(), ids=BROKEN)
def test_lenient_check_passes_everything_over(stream: bytes, text: str) -> None:
    assert check(stream, is_strict=False) == stream.decode(errors="replace")
