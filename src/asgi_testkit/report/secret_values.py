"""The values of secrets in records: what has a telling name in any header, query or body."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.record import Entry
from asgi_testkit.protocol.secret_texts import secret_spans
from asgi_testkit.protocol.secrets import HIDDEN, is_secret_header, is_secret_name
from asgi_testkit.protocol.websocket_events import Accept
from asgi_testkit.report.pieces import Reading

__all__ = ("contents_of", "is_token", "spellings", "values_of")

_SHORTEST: Final = 4
_LONG: Final = 8
_LONGEST_SUBPROTOCOL: Final = 32
_NO_VALUES: Final = frozenset({"basic", "bearer", "digest", "false", "none", "null", "true"})
_OCTAL: Final = re.compile(r"\\([0-3][0-7]{2})")  # as cookies write what is no token
_SCHEME: Final = re.compile(r"(?:[A-Za-z][\w-]*)[ \t]+(\S.*)")
_PARAMETER: Final = re.compile(r'\w+="([^"]{8,})"')
_STRING: Final = re.compile(r"""(["'])((?:[^"'\\]|\\.)*)\1(?!\s*:)""")


def contents_of(reading: Reading) -> Iterator[str]:
    """Yield the query and the bodies of an exchange, a character a byte."""
    query: object = reading.head.get("query_string", b"")
    if query and isinstance(query, bytes):
        yield f"?{query.decode('latin-1')}"
    for strand in reading.strands:
        yield b"".join([piece.content or b"" for piece in strand]).decode("latin-1")


def values_of(
    readings: Iterable[Reading], contents: Iterable[str], told: Sequence[str]
) -> set[str]:
    """Return the values of all secrets that can be known by a name.

    Args:
        readings: in whose headers they are looked for.
        contents: where else; without those in which there is none for certain.
        told: what the user has said of names: `told_names()`.
    """
    names = tuple(told)
    found: set[str] = set()
    for reading in readings:
        found.update(_of_all_headers(reading, names))
    for content in contents:
        found.update(_of_text(content, names))
    return {value for value in found if _is_value(value)}


def _is_value(value: str) -> bool:
    return len(value) >= _SHORTEST and value.lower() not in _NO_VALUES and value != HIDDEN


def _of_all_headers(reading: Reading, told: Sequence[str]) -> Iterator[str]:
    telling = [_headers_of(one) for one in reading.entries if one.detail is not None]
    for pairs in (reading.head.get("headers", ()), *telling):
        if pairs:
            yield from _of_headers(tuple([(name, value) for name, value in pairs]), told)


def _headers_of(entry: Entry) -> Sequence[tuple[bytes, bytes]]:
    if isinstance(entry.detail, bytes):  # most
        return ()
    match entry.detail:
        case ResponseStart(_, headers):
            return headers
        case Accept(subprotocol, headers):
            chosen = (b"sec-websocket-protocol", (subprotocol or "").encode("utf-8", "replace"))
            return [*headers, chosen]
        case _:
            return ()


@lru_cache(maxsize=512)
def _of_headers(pairs: Iterable[tuple[bytes, bytes]], told: Sequence[str]) -> Sequence[str]:
    """Return what headers hold; the same ones come again and again."""
    found = (_in_header(name, value.decode("latin-1"), told) for name, value in pairs)
    return tuple(chain.from_iterable(found))


def _in_header(name: bytes, value: str, told: Sequence[str]) -> Iterator[str]:
    lower = name.lower()
    if lower == b"cookie":
        yield from _of_cookies(value.split(";"), told)
    elif lower == b"set-cookie":
        yield from _of_cookies(value.split(";")[:1], told)
    elif lower == b"sec-websocket-protocol":
        yield from _of_offers([offer.strip() for offer in value.split(",")], told)
    elif is_secret_header(name, told) and not lower.startswith(b"sec-websocket-"):
        yield from _of_secret_header(value)
    else:
        yield from _of_text(value, told)


def _of_secret_header(value: str) -> Iterator[str]:
    yield value
    yield from _PARAMETER.findall(value)
    if (scheme := _SCHEME.fullmatch(value)) is None:
        return
    yield scheme[1]
    if value.lower().startswith("basic "):
        user, _, password = _from_base64(scheme[1]).partition(":")
        yield from (f"{user}:{password}", password)


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _of_cookies(cookies: Iterable[str], told: Sequence[str]) -> Iterator[str]:
    """Yield values of cookies; a short one of a plain name, such as `theme`, is none."""
    for cookie in cookies:
        name, _, value = cookie.partition("=")
        value = value.strip().strip('"')
        if len(value) >= _LONG or is_secret_name(name, told=told):
            yield from {value, _OCTAL.sub(lambda octal: chr(int(octal[1], 8)), value)}


def _of_offers(offers: Sequence[str], told: Sequence[str]) -> Iterator[str]:
    """Yield offered subprotocols that are tokens, also those behind the name of one."""
    for before, offer in zip(("", *offers), offers, strict=False):
        if is_token(offer, told) or (before and is_secret_name(before, told=told)):
            yield offer


def is_token(subprotocol: str, told: Sequence[str]) -> bool:
    """Return whether a subprotocol is long enough to be a token, or says that it holds one."""
    first, dot, _ = subprotocol.rpartition(".")
    if len(subprotocol) > _LONGEST_SUBPROTOCOL:
        return True
    return bool(dot) and is_secret_name(first, told=told)


def _of_text(text: str, told: Sequence[str]) -> Iterator[str]:
    for span in secret_spans(text, told):
        value = text[span.start : span.end]
        if value[:1] in ("{", "[", "(") and span.shown != HIDDEN:
            yield from (match[2] for match in _STRING.finditer(value))
        elif span.is_telling:
            yield value


@lru_cache(maxsize=256)
def spellings(value: str) -> frozenset[str]:
    """Return how a value may be written: as it is, in URLs, in JSON, in base64, in bytes."""
    plain = {value, unquote_plus(value), _from_json(value), _from_bytes(value)}
    found: set[str] = set()
    for one in filter(_is_value, plain):
        url = {quote(one), quote(one, safe=""), quote_plus(one)}
        found |= {one, *url, *(_lower_escapes(text) for text in url)}
        found |= {json.dumps(one)[1:-1], one.encode("utf-8", "replace").decode("latin-1")}
        found |= _as_base64(one)
    return frozenset(found)


def _lower_escapes(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), text)


def _from_json(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"'))
    except ValueError:
        return value


def _from_bytes(value: str) -> str:
    """Return text that was decoded a character a byte as it was meant."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _as_base64(value: str) -> set[str]:
    if len(value) < _LONG:
        return set()
    whole = base64.b64encode(value.encode("utf-8", "replace")).decode().rstrip("=")
    return {whole, whole.replace("+", "-").replace("/", "_")}
