"""The values inside a message: what a status, a header and a body have to be.

Functions that find the first thing wrong, as a rule's id and a sentence; they neither raise nor
warn. Sources: ASGI HTTP 2.5, "Response Start" and "Response Body"; RFC 9110 sections 5 and 15.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeGuard, cast

from asgi_testkit.protocol.secrets import HIDDEN, is_secret_header
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.types import HeaderPairs

__all__ = (
    "FIELD_WARNINGS",
    "Fault",
    "body_fault",
    "foreign_rule",
    "header_pairs",
    "is_bytes_like",
    "is_plain_status",
    "is_token",
    "is_token_bytes",
    "more_fault",
    "read_links",
    "read_status",
    "start_faults",
    "status_fault",
)

Fault: TypeAlias = tuple[str, str]
"""A rule's id and a sentence saying what the app did."""

FIELD_WARNINGS: Final = frozenset({"H26", "H27", "H32"})
"""The rules of headers that are warned about."""

_IS_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_HAS_LINE_END = re.compile(rb"[\r\n\0]").search
_is_plain_value = re.compile(rb"(?![ \t])[^\r\n\0]*(?<![ \t])").fullmatch

_LOWEST_STATUS = 100
_FIRST_FINAL_STATUS = 200
_HIGHEST_STATUS = 999
_HIGHEST_PORTABLE_STATUS = 599
_PAIR = 2
_LISTS: Final = frozenset({list, tuple})
_TUPLES: Final = frozenset({tuple})
_PADDING: Final = b" \t"


def is_bytes_like(value: object) -> TypeGuard[bytes | bytearray]:
    """Return whether `value` is bytes, a bytearray or a memoryview."""
    return isinstance(value, bytes | bytearray | memoryview)


def status_fault(message: Mapping[str, object]) -> Fault | None:
    """Return what is wrong with `message["status"]`; an `IntEnum` is an int."""
    if "status" not in message:
        return "H19", "The app sent 'http.response.start' without a status."
    status = message["status"]
    if not isinstance(status, int) or isinstance(status, bool):
        return "H20", f"The app sent a status that is no int: {cut(status)}."
    if not _LOWEST_STATUS <= status <= _HIGHEST_STATUS:
        return "H21", f"The app sent a status outside 100-999: {int(status)}."
    if status > _HIGHEST_PORTABLE_STATUS:
        return "H22", f"The app sent the status {int(status)}."
    if status < _FIRST_FINAL_STATUS:
        return "H23", f"The app sent the informational status {int(status)} as its response."
    return None


def is_plain_status(status: object) -> TypeGuard[int]:
    """Return whether no rule has anything against a status, as against most."""
    return type(status) is int and _FIRST_FINAL_STATUS <= status <= _HIGHEST_PORTABLE_STATUS


def start_faults(message: Mapping[str, object]) -> Iterable[Fault]:
    """Yield what is wrong with a start beside its headers' values."""
    if (fault := status_fault(message)) is not None:
        yield fault
    if "headers" not in message:
        yield "H33", "The app sent 'http.response.start' without 'headers'."


def foreign_rule(kind: str) -> str:
    """Return the rule that a message of an unknown type breaks."""
    return "H16" if kind.startswith(("websocket.", "lifespan.")) else "H15"


def read_status(status: object) -> int:
    """Return the status as an int; a lenient client makes 500 of what is no number."""
    try:
        return int(str(status)) if not isinstance(status, int) else int(status)
    except ValueError:
        return 500


def body_fault(body: object) -> Fault | None:
    """Return what is wrong with a body."""
    if isinstance(body, bytes):
        return None
    if is_bytes_like(body):
        return "H12", f"The app sent a {type(body).__name__} as its body: {cut(body)}."
    return "H11", f"The app sent a body that is no bytes: {cut(body)}."


def more_fault(more: object, name: str) -> Fault | None:
    """Return what is wrong with `more_body` or `more_trailers`."""
    if more is True or more is False:
        return None
    return "H13", f"The app sent a {name!r} that is no bool: {cut(more)}."


def header_pairs(headers: object) -> tuple[HeaderPairs, list[Fault]]:
    """Return `headers` as a list of pairs of bytes, and what is wrong with them.

    Whatever can be read is in the list, str made bytes as latin-1, so that a lenient client
    can go on. Of each rule the first fault is told.
    """
    if (plain := _plain_pairs(headers)) is not None:
        return plain, []
    pairs: HeaderPairs = []
    if headers is None or isinstance(headers, str | bytes):
        return pairs, [("H31", f"The app sent headers that are no pairs: {_shape(headers)}.")]
    try:
        items = iter(cast("Iterable[Any]", headers))
    except TypeError:
        return pairs, [("H31", f"The app sent headers that cannot be iterated: {cut(headers)}.")]
    faults: dict[str, Fault] = {}
    for item in items:
        _read_odd(item, pairs, faults)
    return pairs, list(faults.values())


def _plain_pairs(headers: Any) -> HeaderPairs | None:
    """Return headers that no rule has anything against, as against most: asked in one go."""
    if type(headers) not in _LISTS:
        return None
    item: Any
    for item in headers:
        if type(item) not in _TUPLES or len(item) != _PAIR:
            return None
        name, value = item
        if type(name) is not bytes or type(value) is not bytes:
            return None
        if not _is_lower_token(name) or _is_plain_value(value) is None:
            return None
    return [*headers]


def _read_odd(item: object, pairs: HeaderPairs, faults: dict[str, Fault]) -> None:
    """Add what can be read of a header, and what is wrong with it."""
    if (pair := _as_pair(item)) is None:
        faults.setdefault("H31", ("H31", f"The app sent a header that is no pair: {_shape(item)}."))
        return
    name, value = pair
    for fault in _header_faults(name, value):
        faults.setdefault(fault[0], fault)
    # Outer white space is no part of a value: whoever reads a response takes it away.
    pairs.append((_as_bytes(name), _as_bytes(value).strip(_PADDING)))


def _shape(value: object) -> str:
    """Return of what kind and length something is whose values may be secrets."""
    kind = type(value).__name__
    return f"{kind} of {len(value)}" if isinstance(value, Sized) else repr(value)


def _as_pair(item: object) -> tuple[object, object] | None:
    if isinstance(item, str | bytes | Mapping) or not isinstance(item, Iterable):
        return None
    parts = tuple(cast("Iterable[object]", item))
    return (parts[0], parts[1]) if len(parts) == _PAIR else None


def _header_faults(name: object, value: object) -> Iterable[Fault]:
    if not is_bytes_like(name):
        yield "H24", f"The app sent a header name that is no bytes: {cut(name)}."
        return
    if not is_bytes_like(value):
        shown = _shown(bytes(name), value)
        yield "H25", f"The app sent a value of header {cut(name)} that is no bytes: {shown}."
        return
    if not (isinstance(name, bytes) and isinstance(value, bytes)):
        yield "H26", f"The app sent header {cut(name)} as something else than bytes."
    name, value = bytes(name), bytes(value)
    if not is_token_bytes(name):
        yield _name_fault(name)
    elif not _is_lower_token(name):
        yield "H27", f"The app sent a header name that is not lower-case: {cut(name)}."
    if _HAS_LINE_END(value):
        yield "H28", f"The app sent CR, LF or NUL in header {cut(name)}: {_shown(name, value)}."
    elif value.strip(_PADDING) != value:
        shown = _shown(name, value)
        yield "H32", f"The app sent white space around the value of {cut(name)}: {shown}."


def _shown(name: bytes, value: object) -> str:
    return HIDDEN if is_secret_header(name) else cut(value)


def _name_fault(name: bytes) -> Fault:
    if name.startswith(b":"):
        return "H30", f"The app sent the pseudo header {cut(name)}."
    return "H29", f"The app sent a header name that is no token: {cut(name)}."


def is_token(text: str) -> bool:
    """Return whether a text is a token of RFC 9110 section 5.6.2."""
    return text.isascii() and is_token_bytes(text.encode())


def is_token_bytes(name: bytes) -> bool:
    """Return whether bytes are a token of RFC 9110 section 5.6.2."""
    return _IS_TOKEN(name) is not None


@lru_cache(maxsize=1024)
def _is_lower_token(name: bytes) -> bool:
    return is_token_bytes(name) and name.lower() == name


def _as_bytes(value: object) -> bytes:
    if is_bytes_like(value):
        return bytes(value)
    return str(value).encode("latin-1", "replace")


def read_links(links: object) -> list[bytes] | None:
    """Return the links of early hints; `None`: they are no list of bytes."""
    if not isinstance(links, list | tuple):
        return None
    read = [bytes(link) for link in cast("Sequence[object]", links) if is_bytes_like(link)]
    return read if len(read) == len(cast("Sequence[object]", links)) else None
