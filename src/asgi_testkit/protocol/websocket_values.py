"""The values inside WebSocket messages: what a payload, a close and an accept have to be.

Functions that find the first thing wrong, as a rule's id and a sentence; they neither raise nor
warn. Sources: ASGI WebSocket 2.5, "Accept", "Send" and "Close"; RFC 6455 sections 4.2, 5 and 7.4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, TypeAlias

from asgi_testkit.protocol.fields import (
    FIELD_WARNINGS,
    Fault,
    body_fault,
    header_pairs,
    is_bytes_like,
    status_fault,
)
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.types import HeaderPairs

__all__ = (
    "FAILED",
    "LINE_LOST",
    "MESSAGE_BYTES",
    "MOST_REASON_BYTES",
    "NORMAL",
    "NO_CODE",
    "Payload",
    "accept_headers",
    "close_faults",
    "connect_fault",
    "denial_body_faults",
    "denial_start",
    "is_sendable_code",
    "read_payload",
    "size_bytes",
    "subprotocol_fault",
)

Payload: TypeAlias = str | bytes
"""What one message carries: text or bytes."""

NORMAL: Final = 1000
NO_CODE: Final = 1005
"""Stands for a close frame without a code."""

LINE_LOST: Final = 1006
"""Stands for a line that ended without a close frame."""

FAILED: Final = 1011
"""What Hypercorn and Daphne close with where the app has raised; uvicorn drops the line (1006)."""

MESSAGE_BYTES: Final = 64
"""What a message weighs beside its payload, so that empty ones count too."""

MOST_REASON_BYTES: Final = 123
"""A close frame holds 125 bytes, two of which are the code."""

_NAMES_CHARS: Final = 80
_PLAIN: Final = (list, tuple)
_FIRST_FREE_CODE: Final = 3000
_SENDABLE: Final = (range(1000, 1004), range(1007, 1015), range(3000, 5000))


def size_bytes(payload: Payload) -> int:
    """Return how much a payload weighs on the wire; a surrogate as one unknown character."""
    if isinstance(payload, bytes) or payload.isascii():
        return len(payload)
    return len(payload.encode("utf-8", "replace"))


def read_payload(message: Mapping[str, object]) -> tuple[Payload, Iterable[Fault]]:
    """Return what `websocket.send` carries, and what is wrong with it.

    Where both are given bytes count, as uvicorn has it; what is of no use becomes text.
    """
    text, data = message.get("text"), message.get("bytes")
    if type(text) is str and data is None:
        return text, _text_faults(text)
    if type(data) is bytes and text is None:
        return data, ()
    return _odd_payload(text, data)


def _odd_payload(text: object, data: object) -> tuple[Payload, list[Fault]]:
    if text is None and data is None:
        return "", [("W10", "The app sent a 'websocket.send' with neither 'bytes' nor 'text'.")]
    faults: list[Fault] = []
    if text is not None and data is not None:
        faults.append(("W09", "The app sent a 'websocket.send' with both 'bytes' and 'text'."))
    if data is not None:
        return _odd_bytes(data, faults)
    if isinstance(text, str):  # of a subclass
        return str(text), [*faults, *_text_faults(text)]
    return str(text), [*faults, ("W11", f"The app sent a 'text' that is no str: {cut(text)}.")]


def _odd_bytes(data: object, faults: list[Fault]) -> tuple[bytes, list[Fault]]:
    if not is_bytes_like(data):
        what = f"The app sent 'bytes' that are no bytes: {cut(data)}."
        return str(data).encode("utf-8", "replace"), [*faults, ("W11", what)]
    if not isinstance(data, bytes):
        what = f"The app sent a {type(data).__name__} as 'bytes'."
        return bytes(data), [*faults, ("W12", what)]
    return bytes(data), faults


def _text_faults(text: str) -> Iterable[Fault]:
    if text.isascii():
        return ()
    try:
        text.encode()
    except UnicodeEncodeError:
        return (("W13", f"The app sent text that is not Unicode: {cut(text)}."),)
    return ()


def connect_fault(*, is_received: bool) -> Fault | None:
    """Return what is wrong with accepting before or after `websocket.connect` was received."""
    if is_received:
        return None
    return "W34", "The app sent 'websocket.accept' before it had received 'websocket.connect'."


def accept_headers(message: Mapping[str, object]) -> tuple[HeaderPairs, list[Fault]]:
    """Return the headers of `websocket.accept`, and what is wrong with them."""
    headers = message.get("headers", ())
    if not headers and type(headers) in _PLAIN:
        return [], []
    pairs, faults = header_pairs(headers)
    faults = _renamed(faults, "W16")
    if any(name.lower() == b"sec-websocket-protocol" for name, _ in pairs):
        what = "The app sent 'sec-websocket-protocol' among the headers of 'websocket.accept'."
        faults.append(("W17", f"{what} Use its 'subprotocol'."))
    elif pairs and all(fault[0] in FIELD_WARNINGS for fault in faults):
        names = b", ".join(name for name, _ in pairs).decode("latin-1")
        shown = names if len(names) <= _NAMES_CHARS else f"{names[: _NAMES_CHARS - 3]}..."
        faults.append(("W18", f"The app sent headers with 'websocket.accept': {shown}."))
    return pairs, faults


def _renamed(faults: Iterable[Fault], rule: str) -> list[Fault]:
    """Return the faults of headers, those that fail a call under the rule of their message."""
    return [fault if fault[0] in FIELD_WARNINGS else (rule, fault[1]) for fault in faults]


def denial_start(message: Mapping[str, object]) -> tuple[HeaderPairs, list[Fault]]:
    """Return the headers of `websocket.http.response.start`, and what is wrong with it."""
    headers, faults = header_pairs(message.get("headers", ()))
    faults = _renamed(faults, "W29")
    if (fault := status_fault(message)) is not None:
        what = fault[1].replace("'http.", "'websocket.http.")
        faults.append((fault[0] if fault[0] == "H22" else "W29", what))
    if "headers" not in message:
        faults.append(("W30", "The app sent 'websocket.http.response.start' without 'headers'."))
    return headers, faults


def denial_body_faults(message: Mapping[str, object], *, is_first: bool) -> Iterable[Fault]:
    """Yield what is wrong with a `websocket.http.response.body`."""
    if "body" not in message:
        yield "W30", "The app sent 'websocket.http.response.body' without 'body'."
    elif (fault := body_fault(message["body"])) is not None:
        yield fault[0] if fault[0] == "H12" else "W29", fault[1]
    if is_first and message.get("more_body"):
        yield "W30", "The app sent its denial response in several body messages."


def subprotocol_fault(subprotocol: object, offered: Collection[str]) -> Fault | None:
    """Return what is wrong with the `subprotocol` of `websocket.accept`; `None` is none."""
    if subprotocol is None or (isinstance(subprotocol, str) and subprotocol in offered):
        return None
    offers = f"the client offered {list(offered)!r}" if offered else "the client offered none"
    return "W15", f"The app accepted the subprotocol {cut(subprotocol)}; {offers}."


def is_sendable_code(code: int) -> bool:
    """Return whether a close frame may hold `code`; 1004-1006 and 1015 stand for no frame."""
    return any(code in allowed for allowed in _SENDABLE)


def close_faults(code: object, reason: object) -> Iterable[Fault]:
    """Yield what is wrong with code and reason of `websocket.close`; no reason is none."""
    if not isinstance(code, int) or isinstance(code, bool):
        yield "W21", f"The app sent a close code that is no int: {cut(code)}."
    elif not is_sendable_code(code):
        yield "W19", f"The app sent the close code {int(code)}."
    elif code != NORMAL and code < _FIRST_FREE_CODE:
        yield "W20", f"The app sent the close code {int(code)}."
    if reason is None:
        return
    if not isinstance(reason, str):
        yield "W22", f"The app sent a close reason that is no str: {cut(reason)}."
    elif (length := len(reason.encode("utf-8", "replace"))) > MOST_REASON_BYTES:
        yield "W22", f"The app sent a close reason of {length} bytes: {cut(reason)}."
    elif _text_faults(reason):
        yield "W22", f"The app sent a close reason that is not Unicode: {cut(reason)}."
