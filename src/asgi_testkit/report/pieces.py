"""The bodies of a record: which pieces belong together, and their text as it was meant.

What is compressed is decompressed, and what says to be in another charset is turned into UTF-8.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.record import Entry, Record

__all__ = ("Piece", "joined_pieces", "strands_of")

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


def strands_of(entries: Sequence[Entry], record: Record) -> Iterator[list[Piece]]:
    """Yield pieces that are one text: of one direction, with nothing between them left out."""
    open_strands: dict[str, list[Piece]] = {}
    decoders: dict[str, list[_Decode] | None] = {}
    headers: dict[str, Iterable[tuple[bytes, bytes]]] = {
        "client": record.head.get("headers", ()),
        "app": (),
    }
    for at, entry in enumerate(entries):
        if at == record.gap:
            yield from open_strands.values()
            open_strands.clear()
            decoders = dict.fromkeys(decoders, None)
        if isinstance(entry.detail, ResponseStart):
            headers["app"] = entry.detail.headers
        if not isinstance(entry.detail, str | bytes) or entry.size_bytes <= 0:
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


def joined_pieces(entries: Sequence[Entry], record: Record) -> Iterator[bytes]:
    """Yield each text as one."""
    for strand in strands_of(entries, record):
        yield b"".join(piece.content or b"" for piece in strand)


def _plain_piece(at: int, entry: Entry) -> Piece:
    detail = entry.detail
    content = detail.encode("utf-8", "replace") if isinstance(detail, str) else detail
    assert isinstance(content, bytes)
    return Piece(at, content, entry.size_bytes > len(content))


def _decoded_piece(at: int, entry: Entry, decoders: Sequence[_Decode] | None) -> Piece:
    piece = _plain_piece(at, entry)
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
    named = {name.lower(): value.decode("latin-1").lower() for name, value in headers}
    codings = [one.strip() for one in named.get(b"content-encoding", "").split(",")]
    found: list[_Decode] = []
    for coding in reversed(codings):
        if coding in ("gzip", "x-gzip", "deflate"):
            found.append(_decompress())
        elif coding not in ("", "identity"):
            return None
    return [*found, *_charset(named.get(b"content-type", ""))]


def _decompress() -> _Decode:
    decompressor = zlib.decompressobj(zlib.MAX_WBITS | 32)
    return lambda content: decompressor.decompress(content, _MOST_BYTES)


def _charset(content_type: str) -> list[_Decode]:
    name = content_type.partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        "".encode(name or "utf-8")  # some are no charsets, though they have their names
        codec = codecs.lookup(name or "utf-8")
        decoder = codecs.getincrementaldecoder(codec.name)("replace")
    except (LookupError, ValueError):  # unknown, no charset, or none that decodes in pieces
        return []
    if codec.name in ("utf-8", "ascii"):
        return []
    return [lambda content: decoder.decode(content).encode("utf-8", "replace")]
