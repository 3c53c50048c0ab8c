"""The values inside a message: what a status, a header and a body have to be.

Functions that find the first thing wrong, as a rule's id and a sentence; they neither raise nor
warn. Sources: ASGI HTTP 2.5, "Response Start" and "Response Body"; RFC 9110 sections 5 and 15.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias, TypeGuard, cast

from asgi_testkit.protocol.exchange import cut
from asgi_testkit.types import HeaderPairs

__all__ = (
    "Fault",
    "body_fault",
    "foreign_rule",
    "header_pairs",
    "is_bytes_like",
    "is_token",
    "read_links",
    "read_status",
    "status_fault",
)

Fault: TypeAlias = tuple[str, str]
"""A rule's id and a sentence saying what the app did."""

_IS_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_HAS_LINE_END = re.compile(rb"[\r\n\0]").search

_EXTENSION_TYPES: Final = frozenset(
    {
        "http.response.pathsend",
        "http.response.push",
        "http.response.zerocopysend",
    }
)

_LOWEST_STATUS = 100
_FIRST_FINAL_STATUS = 200
_HIGHEST_STATUS = 999
_PAIR = 2


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
    if status < _FIRST_FINAL_STATUS:
        return "H23", f"The app sent the informational status {int(status)} as its response."
    return None


def foreign_rule(kind: str) -> str:
    """Return the rule that a message of an unknown type breaks."""
    if kind in _EXTENSION_TYPES:
        return "H53"
    return "H16" if kind.startswith(("websocket.", "lifespan.")) else "H15"


def read_status(status: object) -> int:
    """Return the status as an int; a lenient client makes 500 of what is no number."""
    try:
        return int(str(status)) if not isinstance(status, int) else int(status)
    except ValueError:
        return 500


def body_fault(body: object) -> Fault | None:
    """Return what is wrong with a body; bytearray and memoryview pass."""
    if is_bytes_like(body):
        return None
    return "H11", f"The app sent a body that is no bytes: {cut(body)}."


def header_pairs(headers: object) -> tuple[HeaderPairs, Fault | None]:
    """Return `headers` as a list of pairs of bytes, and the first thing wrong with them.

    Whatever can be read is in the list, str made bytes as latin-1, so that a lenient client
    can go on.
    """
    pairs: HeaderPairs = []
    if headers is None or isinstance(headers, str | bytes):
        return pairs, ("H31", f"The app sent headers that are no pairs: {cut(headers)}.")
    try:
        items = iter(cast("Iterable[object]", headers))
    except TypeError:
        return pairs, ("H31", f"The app sent headers that cannot be iterated: {cut(headers)}.")
    first_fault: Fault | None = None
    for item in items:
        if (pair := _as_pair(item)) is None:
            first_fault = first_fault or (
                "H31",
                f"The app sent a header that is no pair: {cut(item)}.",
            )
            continue
        name, value = pair
        if (fault := _header_fault(name, value)) is not None:
            first_fault = first_fault or fault
        pairs.append((_as_bytes(name), _as_bytes(value)))
    return pairs, first_fault


def _as_pair(item: object) -> tuple[object, object] | None:
    if isinstance(item, str | bytes | Mapping) or not isinstance(item, Iterable):
        return None
    parts = tuple(cast("Iterable[object]", item))  # of a tuple it is the tuple itself
    return (parts[0], parts[1]) if len(parts) == _PAIR else None


def _header_fault(name: object, value: object) -> Fault | None:
    if not is_bytes_like(name):
        return "H24", f"The app sent a header name that is no bytes: {cut(name)}."
    if not is_bytes_like(value):
        return "H25", f"The app sent a value of header {cut(name)} that is no bytes: {cut(value)}."
    if not _is_token(bytes(name)):
        return _name_fault(bytes(name))
    if _HAS_LINE_END(value):
        return "H28", f"The app sent CR, LF or NUL in header {cut(name)}: {cut(value)}."
    return None


def _name_fault(name: bytes) -> Fault:
    if name.startswith(b":"):
        return "H30", f"The app sent the pseudo header {cut(name)}."
    return "H29", f"The app sent a header name that is no token: {cut(name)}."


def is_token(text: str) -> bool:
    """Return whether a text is a token of RFC 9110 section 5.6.2."""
    return text.isascii() and _is_token(text.encode())


@lru_cache(maxsize=1024)
def _is_token(name: bytes) -> bool:
    return _IS_TOKEN(name) is not None


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
