"""The bodies of a record: which pieces belong together, and their text as it was meant.

What is compressed is decompressed, and what says to be in another charset is turned into UTF-8.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple, TypeAlias

from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.record import Entry, Record

__all__ = ("Piece", "Reading", "read")

_MOST_BYTES: Final = 64 * 1024
_ALONE: Final = frozenset({"websocket.receive", "websocket.send"})

_Decode: TypeAlias = Callable[[bytes], bytes]


class Piece(NamedTuple):
    """What is kept of one message's body.

    Attributes:
        at: the index of its entry.
        content: as it was meant; `None`: it is compressed, and how is not known here.
        is_cut: it went on.
    """

    at: int
    content: bytes | None
    is_cut: bool


class Reading(NamedTuple):
    """What is read of a record, once.

    Attributes:
        record: the record, which may go on.
        head: what was asked for.
        entries: those that were there.
        strands: their bodies: pieces that are one text each.
    """

    record: Record
    head: Mapping[str, Any]
    entries: Sequence[Entry]
    strands: Sequence[Sequence[Piece]]


def read(record: Record) -> Reading:
    """Return what is read of a record."""
    entries = list(record)
    head = record.head
    headers = head.get("headers", ())
    has_bodies = any(entry.size_bytes > 0 for entry in entries)
    strands = [*_strands_of(entries, headers, record.gap)] if has_bodies else ()
    return Reading(record, head, entries, strands)


def _strands_of(
    entries: Sequence[Entry], asked: Iterable[tuple[bytes, bytes]], gap: int | None
) -> Iterator[list[Piece]]:
    """Yield pieces that are one text: of one direction, with nothing between them left out."""
    open_strands: dict[str, list[Piece]] = {}
    decoders: dict[str, list[_Decode] | None] = {}
    headers: dict[str, Iterable[tuple[bytes, bytes]]] = {"client": asked, "app": ()}
    for at, entry in enumerate(entries):
        if at == gap:
            yield from open_strands.values()
            open_strands.clear()
            decoders = dict.fromkeys(decoders, None)
        if isinstance(entry.detail, ResponseStart):
            headers["app"] = entry.detail.headers
        if entry.size_bytes <= 0 or not isinstance(entry.detail, str | bytes):
            continue
        if isinstance(entry.detail, str) or entry.act in _ALONE:
            yield [_plain_piece(at, entry)]
            continue
        if entry.actor not in decoders:
            decoders[entry.actor] = _decoders(headers[entry.actor])
        piece = _decoded_piece(at, entry, decoders[entry.actor])
        open_strands.setdefault(entry.actor, []).append(piece)
        if piece.is_cut:
            yield open_strands.pop(entry.actor)
            if decoders[entry.actor]:
                decoders[entry.actor] = None
    yield from open_strands.values()


def _plain_piece(at: int, entry: Entry) -> Piece:
    detail = entry.detail
    content = detail.encode("utf-8", "replace") if isinstance(detail, str) else detail
    assert isinstance(content, bytes)
    return Piece(at, content, entry.size_bytes > len(content))


def _decoded_piece(at: int, entry: Entry, decoders: Sequence[_Decode] | None) -> Piece:
    piece = _plain_piece(at, entry)
    if decoders is not None and not decoders:
        return piece
    if decoders is None:
        return piece._replace(content=None)
    content = piece.content or b""
    try:
        for decode in decoders:
            content = decode(content)
    except (zlib.error, ValueError):
        return piece._replace(content=None)
    return piece._replace(content=content)


def _decoders(headers: Iterable[tuple[bytes, bytes]]) -> list[_Decode] | None:
    """Return what a body goes through, in order; `None`: it cannot be read."""
    steps = _steps(tuple([(name, value) for name, value in headers]))
    return None if steps is None else [step() for step in steps]


@lru_cache(maxsize=256)
def _steps(headers: Iterable[tuple[bytes, bytes]]) -> Sequence[Callable[[], _Decode]] | None:
    """Return what makes the decoders; the same headers come again and again."""
    named = {name.lower(): value for name, value in headers}
    codings = named.get(b"content-encoding", b"").decode("latin-1").lower()
    found: list[Callable[[], _Decode]] = []
    for coding in reversed([one.strip() for one in codings.split(",")]):
        if coding in ("gzip", "x-gzip", "deflate"):
            found.append(_decompress)
        elif coding not in ("", "identity"):
            return None
    charset = _charset(named.get(b"content-type", b""))
    return (*found, partial(_decode_text, charset)) if charset else tuple(found)


def _decompress() -> _Decode:
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)
    return lambda content: decompressor.decompress(content, _MOST_BYTES)


def _charset(content_type: bytes) -> str:
    """Return the charset that a text is in; empty: nothing is to be done."""
    text = content_type.decode("latin-1").lower()
    name = text.partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        "".encode(name or "utf-8")  # some are no charsets, though they have their names
        codec = codecs.lookup(name or "utf-8")
        codecs.getincrementaldecoder(codec.name)
    except (LookupError, ValueError):  # unknown, no charset, or none that decodes in pieces
        return ""
    return "" if codec.name in ("utf-8", "ascii") else codec.name


def _decode_text(charset: str) -> _Decode:
    decoder = codecs.getincrementaldecoder(charset)("replace")
    return lambda content: decoder.decode(content).encode("utf-8", "replace")
