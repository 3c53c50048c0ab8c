"""What is kept of exchanges for their trace: rows that JSON can hold, without secrets.

All that needs the record, the app's code or its files is read here, and redaction happens here and
nowhere behind it. The trace is made of the rows, at once or long after, by `exchanges.py`.
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from types import CodeType
from typing import Any, NamedTuple, TypeAlias, cast

from asgi_testkit.protocol.extensions import FilePart, Push
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.record import CallSite, Entry, Raised, Record
from asgi_testkit.protocol.websocket_events import Accept, Close
from asgi_testkit.report.bodies import BodyTrace, bodies_of
from asgi_testkit.report.pieces import Reading, read
from asgi_testkit.report.redaction import Redaction

__all__ = ("Kept", "KeptEntry", "KeptExchange", "KeptLine", "keep")

KeptLine: TypeAlias = Sequence[Any]
"""A line of code: file, number, function, text."""


class KeptEntry(NamedTuple):
    """One message or act; times as in an exchange.

    Attributes:
        detail: begins with its kind: `("start", status, headers)`, `("headers", pairs, text)`,
            `("body", kind, text, base64, is_cut)`, `("raised", text, rule, place, is_again)`,
            `("close", code, text)`, `("text", text)`; `None`: nothing.
    """

    at: float
    actor: str
    act: str
    size_bytes: int
    more: bool
    detail: Sequence[Any] | None


class KeptExchange(NamedTuple):
    """One request, WebSocket or lifespan; as an `ExchangeTrace`, without what follows from others.

    Attributes:
        client: a number, from 1.
        began: seconds since the trace's first moment.
    """

    kind: str
    client: int
    method: str
    target: str
    http_version: str
    scheme: str
    host: str
    request_headers: Sequence[Sequence[str]]
    called_from: KeptLine | None
    endpoint: KeptLine | None
    began: float
    dropped: int
    gap: int | None
    entries: Sequence[KeptEntry]


class Kept(NamedTuple):
    """The exchanges of a test, its id and its failure."""

    title: str
    error: str
    exchanges: Sequence[KeptExchange]


def keep(
    records: Sequence[Record], *, title: str = "", error: str = "", redact: bool = True
) -> Kept:
    """Return what is kept of some exchanges; parameters as of `trace_of`."""
    readings = [read(record) for record in records]
    redaction = Redaction(readings, is_on=redact)
    began = min((record.began_at for record in records), default=0.0)
    owners = _numbers(records)
    exchanges = [
        _exchange(reading, owners[reading.record.owner], began, redaction) for reading in readings
    ]
    return Kept(redaction.text(title), redaction.text(error), exchanges)


def _numbers(records: Sequence[Record]) -> Mapping[int, int]:
    """Return numbers from 1 for the clients, in the order in which they come up."""
    owners = dict.fromkeys(record.owner for record in records)
    return {owner: number for number, owner in enumerate(owners, 1)}


def _exchange(
    reading: Reading, client: int, began: float, redaction: Redaction
) -> KeptExchange:
    record, head, entries, strands = reading
    bodies = bodies_of(strands, redaction) if strands else {}
    return KeptExchange(
        kind=str(head.get("type", "http")),
        client=client,
        method=str(head.get("method") or ""),
        target=redaction.text(_target(head)),
        http_version=str(head.get("http_version", "")),
        scheme=str(head.get("scheme", "")),
        host=_host(head.get("server")),
        request_headers=redaction.headers(head.get("headers", ())),
        called_from=_line(record.called_from, redaction),
        endpoint=_line(record.endpoint, redaction),
        began=record.began_at - began,
        dropped=record.dropped,
        gap=record.gap,
        entries=[
            KeptEntry(
                entry.at - began,
                entry.actor,
                entry.act,
                entry.size_bytes,
                entry.more,
                None if entry.detail is None else _detail(entry, bodies.get(at), redaction),
            )
            for at, entry in enumerate(entries)
        ],
    )


def _target(head: Mapping[str, Any]) -> str:
    raw: object = head.get("raw_path") or str(head.get("path", "")).encode()
    query: object = head.get("query_string", b"")
    path = bytes(raw).decode("latin-1") if isinstance(raw, bytes) else str(raw)
    if isinstance(query, bytes) and query:
        return f"{path}?{query.decode('latin-1')}"
    return path


def _host(server: object) -> str:
    return str(cast("tuple[object, ...]", server)[0]) if isinstance(server, tuple) else ""


def _detail(
    entry: Entry, body: BodyTrace | None, redaction: Redaction
) -> Sequence[Any] | None:
    if body is not None:
        return ("body", body["kind"], body["text"], body["base64"], body["cut"])
    match entry.detail:
        case bytes():
            return None
        case ResponseStart(status, headers):
            return ("start", status, redaction.headers(headers))
        case Accept(subprotocol, headers):
            chosen = redaction.subprotocol(subprotocol or "")
            return ("headers", redaction.headers(headers), chosen)
        case Push(path, headers):
            return ("headers", redaction.headers(headers), redaction.text(path))
        case list():  # trailers are pairs, early hints links
            return ("headers", redaction.headers(_pairs(cast("object", entry.detail))), "")
        case Raised(text, rule, place, is_again):
            return ("raised", redaction.text(text), rule, _place(place), is_again)
        case Close(code, reason):
            text = f"{code}  {reason!r}" if reason else str(code)
            return ("close", code, redaction.text(text))
        case int() as code if entry.act == "websocket.disconnect":
            return ("close", code, str(code))
        case _:
            return _plain_detail(entry, redaction)


def _plain_detail(entry: Entry, redaction: Redaction) -> Sequence[Any] | None:
    match entry.detail:
        case FilePart(file):
            return ("text", redaction.text(str(file)))
        case int() as number:
            return ("text", str(number))
        case str() as message if entry.size_bytes < 0:  # the message of a lifespan
            return ("text", redaction.text(message))
        case _:
            return None


def _pairs(values: object) -> list[tuple[bytes, bytes]]:
    parts = cast("Iterable[Any]", values)
    return [(b"link", part) if isinstance(part, bytes) else part for part in parts]


def _line(site: CallSite | None, redaction: Redaction) -> KeptLine | None:
    if site is None:
        return None
    code, offset = site
    line = _line_at(code, offset)
    text = linecache.getline(code.co_filename, line).strip()
    return (_shown_path(code.co_filename), line, code.co_name, redaction.text(text))


@lru_cache(maxsize=256)
def _line_at(code: CodeType, offset: int) -> int:
    found = (line for start, end, line in code.co_lines() if start <= offset < end)
    return next(found, None) or code.co_firstlineno


def _place(place: CallSite | None) -> str:
    return "" if place is None else f"{_shown_path(place[0].co_filename)}:{place[1]}"


def _shown_path(file: str) -> str:
    """Return a path from the working directory, if it is below."""
    try:
        return _path_from(os.getcwd(), file)  # noqa: PTH109 - for every line that is shown
    except OSError:
        return file


@lru_cache(maxsize=256)
def _path_from(folder: str, file: str) -> str:
    try:
        return str(PurePath(file).relative_to(folder)).replace(os.sep, "/")
    except ValueError:
        return file
