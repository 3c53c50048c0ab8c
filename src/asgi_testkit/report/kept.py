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
from asgi_testkit.protocol.record import CallSite, CodeLine, Entry, Raised, Record
from asgi_testkit.protocol.websocket_events import Accept, Close
from asgi_testkit.report.bodies import BodyTrace, bodies_of
from asgi_testkit.report.pieces import Reading, read
from asgi_testkit.report.redaction import Redaction

__all__ = ("Kept", "KeptEntry", "KeptExchange", "KeptLine", "keep")

KeptLine: TypeAlias = Sequence[Any]
"""A line of code: file, number, function, text."""


class KeptEntry(NamedTuple):
    """One message or act.

    Attributes:
        at: whole microseconds since the trace's first moment.
        detail: begins with its kind: `("start", status, headers)`, `("headers", pairs, text)`,
            `("body", kind, text, base64, is_cut)`, `("raised", text, rule, place, is_again)`,
            `("close" or "number", code, text)`, `("text", text)`; `None`: nothing.
    """

    at: int
    actor: str
    act: str
    size_bytes: int
    more: bool
    detail: Sequence[Any] | None


class KeptExchange(NamedTuple):
    """One request, WebSocket or lifespan; as an `ExchangeTrace`, without what follows from others.

    Attributes:
        client: a number, from 1.
        began: whole microseconds since the trace's first moment.
        entries: the fields of `KeptEntry`s.
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
    began: int
    dropped: int
    gap: int | None
    entries: Sequence[Sequence[Any]]


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
    folder = _working_folder()
    lines = [
        (_line(record.called_from, folder), _line(record.endpoint, folder)) for record in records
    ]
    targets = [_target(reading.head) for reading in readings]
    texts = [title, error, *targets, *(line[3] for pair in lines for line in pair if line)]
    redaction = Redaction(readings, texts=texts, is_on=redact)
    keeping = _Keeping(records, folder, redaction)
    exchanges = [*map(keeping.exchange, readings, targets, lines)]
    return Kept(redaction.text(title), redaction.text(error), exchanges)


class _Keeping:
    """Keeps exchanges of one trace."""

    def __init__(self, records: Sequence[Record], folder: str, redaction: Redaction) -> None:
        self._began = min((record.began_at for record in records), default=0.0)
        self._owners = _numbers(records)
        self._folder = folder
        self._redaction = redaction

    def exchange(
        self, reading: Reading, target: str, lines: Iterable[KeptLine | None]
    ) -> KeptExchange:
        """Return what is kept of an exchange; the lines are the test's and the app's."""
        record, head, _, _ = reading
        called_from, endpoint = map(self._shown_line, lines)
        return KeptExchange(
            kind=str(head.get("type", "http")),
            client=self._owners[record.owner],
            method=str(head.get("method") or ""),
            target=self._redaction.text(target),
            http_version=str(head.get("http_version", "")),
            scheme=str(head.get("scheme", "")),
            host=_host(head.get("server")),
            request_headers=self._redaction.headers(head.get("headers", ())),
            called_from=called_from,
            endpoint=endpoint,
            began=int((record.began_at - self._began) * 1e6),
            dropped=(dropped := record.dropped),
            gap=record.gap if dropped else None,
            entries=self._entries(reading),
        )

    def _shown_line(self, line: KeptLine | None) -> KeptLine | None:
        return None if line is None else (*line[:3], self._redaction.text(line[3]))

    def _entries(self, reading: Reading) -> Sequence[Sequence[Any]]:
        bodies = bodies_of(reading.strands, self._redaction)
        began = self._began
        return [
            (
                int((entry[0] - began) * 1e6),
                *entry[1:5],
                None if entry[5] is None else self._detail(entry, bodies.get(number)),
            )
            for number, entry in enumerate(reading.entries)
        ]

    def _detail(self, entry: Entry, body: BodyTrace | None) -> Sequence[Any] | None:
        redaction = self._redaction
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
                return ("raised", redaction.text(text), rule, self._place(place), is_again)
            case _:
                return _plain_detail(entry, redaction)

    def _place(self, place: CodeLine | None) -> str:
        if place is None:
            return ""
        return f"{_path_from(self._folder, place[0].co_filename)}:{place[1]}"


def _numbers(records: Sequence[Record]) -> Mapping[int, int]:
    """Return numbers from 1 for the clients, in the order in which they come up."""
    owners = dict.fromkeys(record.owner for record in records)
    return {owner: number for number, owner in enumerate(owners, 1)}


def _target(head: Mapping[str, Any]) -> str:
    raw: object = head.get("raw_path") or str(head.get("path", "")).encode()
    query: object = head.get("query_string", b"")
    path = bytes(raw).decode("latin-1") if isinstance(raw, bytes) else str(raw)
    if isinstance(query, bytes) and query:
        return f"{path}?{query.decode('latin-1')}"
    return path


def _host(server: object) -> str:
    return str(cast("tuple[object, ...]", server)[0]) if isinstance(server, tuple) else ""


def _plain_detail(entry: Entry, redaction: Redaction) -> Sequence[Any] | None:
    match entry.detail:
        case Close(code, reason):
            text = f"{code}  {reason!r}" if reason else str(code)
            return ("close", code, redaction.text(text))
        case int() as code:
            kind = "close" if entry.act == "websocket.disconnect" else "number"
            return (kind, code, str(code))
        case FilePart(file):
            return ("text", redaction.text(str(file)))
        case str() as message if entry.size_bytes < 0:  # the message of a lifespan
            return ("text", redaction.text(message))
        case _:
            return None


def _pairs(values: object) -> list[tuple[bytes, bytes]]:
    parts = cast("Iterable[Any]", values)
    return [(b"link", part) if isinstance(part, bytes) else part for part in parts]


def _line(site: CallSite | None, folder: str) -> KeptLine | None:
    if site is None:
        return None
    code, offset = site
    line, text = _line_at(code, offset)
    return (_path_from(folder, code.co_filename), line, code.co_name, text)


@lru_cache(maxsize=256)
def _line_at(code: CodeType, offset: int) -> tuple[int, str]:
    found = (line for start, end, line in code.co_lines() if start <= offset < end)
    line = next(found, None) or code.co_firstlineno
    return line, linecache.getline(code.co_filename, line).strip()


def _working_folder() -> str:
    """Return the working directory, from which paths are shown; empty: it is gone."""
    try:
        return os.getcwd()  # noqa: PTH109 - for every test
    except OSError:
        return ""


@lru_cache(maxsize=256)
def _path_from(folder: str, file: str) -> str:
    """Return a path from a folder, if it is below; an empty one has none below."""
    try:
        return str(PurePath(file).relative_to(folder)).replace(os.sep, "/") if folder else file
    except ValueError:
        return file
