"""One exchange of a trace: its request, its end, and its entries one by one."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from types import CodeType
from typing import Any, TypedDict, cast

from asgi_testkit.protocol.extensions import FilePart, Push
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.record import CallSite, Entry, Raised
from asgi_testkit.protocol.websocket_events import Accept, Close
from asgi_testkit.report.bodies import BodyTrace, bodies_of
from asgi_testkit.report.curl import curl_of
from asgi_testkit.report.pieces import Reading
from asgi_testkit.report.redaction import Redaction

__all__ = ("CalledFrom", "EntryTrace", "ExchangeTrace", "RaisedTrace", "exchange_trace")


class CalledFrom(TypedDict):
    """A line of the test, or of the app; `text` is the line itself, `file` from the folder."""

    file: str
    line: int
    function: str
    text: str


class RaisedTrace(TypedDict):
    """What the app raised; `place` is `file:line` of the app's, empty where it is not known."""

    text: str
    rule: str
    place: str


class EntryTrace(TypedDict):
    """One message, or one act of the app or the client side.

    Attributes:
        at: seconds since the trace's first moment.
        actor: `"app"` or `"client"`.
        act: the message's type, or `"returned"`, `"raised"`, `"disconnected"`.
        size: bytes of the whole body; `None`: it has none.
        more: `more_body` of the message.
        status, headers: of a start.
        body: what is kept of the body.
        background: it happened after the response was complete, since the app went on. An
            exception for which it had sent the response, and which it has raised again, did not.
        text: what else there is to say: a reason, an exception, a subprotocol.
    """

    at: float
    actor: str
    act: str
    size: int | None
    more: bool
    status: int | None
    headers: list[list[str]] | None
    body: BodyTrace | None
    background: bool
    text: str


class ExchangeTrace(TypedDict):
    """One request, WebSocket or lifespan.

    Attributes:
        number: from 1.
        kind: `"http"`, `"websocket"` or `"lifespan"`.
        client: `"client 1"`: whose it was; siblings of a client count as one.
        title: `"POST /orders?limit=3"`.
        endpoint: where the app's function for it begins; `None`: the framework has not told.
        began, ended: seconds since the trace's first moment; `ended` is `None` while it goes on.
        status: of the response, or of a denial.
        close_code: of a WebSocket.
        dropped: how many entries of the middle were not kept.
        gap: before which entry (from 0) they stood; `None`: all were kept.
        curl: a command that sends the same request; empty where there is none.
    """

    number: int
    kind: str
    client: str
    title: str
    method: str
    target: str
    http_version: str
    scheme: str
    request_headers: list[list[str]]
    called_from: CalledFrom | None
    endpoint: CalledFrom | None
    began: float
    ended: float | None
    status: int | None
    close_code: int | None
    raised: RaisedTrace | None
    dropped: int
    gap: int | None
    curl: str
    entries: list[EntryTrace]


_ENDS = ("returned", "raised")


def exchange_trace(
    reading: Reading, number: int, client: int, began: float, redaction: Redaction
) -> ExchangeTrace:
    """Return an exchange's trace.

    Args:
        reading: what crossed.
        number: the exchange's, from 1.
        client: the client's, from 1.
        began: the trace's first moment, on the record's clock.
        redaction: hides secrets.
    """
    record, head, kept, strands = reading
    kind = str(head.get("type", "http"))
    bodies = bodies_of(strands, redaction)
    trace: ExchangeTrace = {
        "number": number,
        "kind": kind,
        "client": f"client {client}",
        "title": "lifespan" if kind == "lifespan" else "",
        "method": str(head.get("method") or ("GET" if kind == "websocket" else "")),
        "target": redaction.text(_target(head)),
        "http_version": str(head.get("http_version", "")),
        "scheme": str(head.get("scheme", "")),
        "request_headers": redaction.headers(head.get("headers", ())),
        "called_from": _shown_line(record.called_from, redaction),
        "endpoint": _shown_line(record.endpoint, redaction),
        "began": record.began_at - began,
        "ended": next((one.at - began for one in kept if one.act in _ENDS), None),
        "status": _first_status(kept),
        "close_code": _close_code(kept),
        "raised": _raised(kept, redaction),
        "dropped": record.dropped,
        "gap": record.gap,
        "curl": "",
        "entries": _entries(kept, bodies, began, redaction),
    }
    if kind != "lifespan":
        trace["title"] = f"{_verb(trace)} {trace['target']}"
    if kind == "http":
        trace["curl"] = curl_of(trace, head.get("server"))
    return trace


def _verb(trace: ExchangeTrace) -> str:
    return "WebSocket" if trace["kind"] == "websocket" else trace["method"] or "?"


def _target(head: Mapping[str, Any]) -> str:
    raw: object = head.get("raw_path") or str(head.get("path", "")).encode()
    query: object = head.get("query_string", b"")
    path = bytes(raw).decode("latin-1") if isinstance(raw, bytes) else str(raw)
    if isinstance(query, bytes) and query:
        return f"{path}?{query.decode('latin-1')}"
    return path


def _shown_line(site: CallSite | None, redaction: Redaction) -> CalledFrom | None:
    if site is None:
        return None
    code, offset = site
    line = _line_at(code, offset)
    return {
        "file": _shown_path(code.co_filename),
        "line": line,
        "function": code.co_name,
        "text": redaction.text(linecache.getline(code.co_filename, line).strip()),
    }


@lru_cache(maxsize=256)
def _line_at(code: CodeType, offset: int) -> int:
    found = (line for start, end, line in code.co_lines() if start <= offset < end)
    return next(found, None) or code.co_firstlineno


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


def _first_status(entries: Iterable[Entry]) -> int | None:
    starts = (entry.detail for entry in entries if isinstance(entry.detail, ResponseStart))
    return next((start.status for start in starts), None)


def _close_code(entries: Iterable[Entry]) -> int | None:
    for entry in entries:
        if isinstance(entry.detail, Close):
            return entry.detail.code
        if entry.act == "websocket.disconnect" and isinstance(entry.detail, int):
            return entry.detail
    return None


def _raised(entries: Iterable[Entry], redaction: Redaction) -> RaisedTrace | None:
    found = next((entry.detail for entry in entries if isinstance(entry.detail, Raised)), None)
    if found is None:
        return None
    text = redaction.text(found.text)
    return {"text": text, "rule": found.rule, "place": _shown_place(found.place)}


def _shown_place(place: CallSite | None) -> str:
    return "" if place is None else f"{_shown_path(place[0].co_filename)}:{place[1]}"


def _entries(
    kept: Sequence[Entry],
    bodies: Mapping[int, BodyTrace],
    began: float,
    redaction: Redaction,
) -> list[EntryTrace]:
    complete = _complete_at(kept)
    return [
        {
            "at": entry.at - began,
            "actor": entry.actor,
            "act": entry.act,
            "size": entry.size_bytes if entry.size_bytes >= 0 else None,
            "more": entry.more,
            "status": entry.detail.status if isinstance(entry.detail, ResponseStart) else None,
            "headers": _headers(entry.detail, redaction),
            "body": bodies.get(at),
            "background": at > complete and _is_work(entry),
            "text": _text(entry, redaction),
        }
        for at, entry in enumerate(kept)
    ]


def _is_work(entry: Entry) -> bool:
    """Return whether an entry shows that the app went on: more than the end of what it did."""
    if isinstance(entry.detail, Raised):
        return not entry.detail.is_again
    return entry.act != "returned"


_BODY_ACTS = ("http.response.body", "http.response.pathsend", "http.response.zerocopysend")


def _complete_at(entries: Sequence[Entry]) -> float:
    """Return the index of the entry that makes the response complete."""
    has_trailers = any(entry.act == "http.response.trailers" for entry in entries)
    acts = ("http.response.trailers",) if has_trailers else _BODY_ACTS
    last = (at for at, one in enumerate(entries) if one.act in acts and not one.more)
    return next(last, float("inf"))


def _headers(detail: object, redaction: Redaction) -> list[list[str]] | None:
    if detail is None or isinstance(detail, bytes):  # most
        return None
    match detail:
        case ResponseStart(_, headers) | Accept(_, headers) | Push(_, headers):
            return redaction.headers(headers)
        case list():  # trailers are pairs, early hints links
            return redaction.headers(_pairs(cast("object", detail)))
        case _:
            return None


def _pairs(values: object) -> list[tuple[bytes, bytes]]:
    parts = cast("Iterable[Any]", values)
    return [(b"link", part) if isinstance(part, bytes) else part for part in parts]


def _text(entry: Entry, redaction: Redaction) -> str:
    if entry.detail is None or isinstance(entry.detail, bytes):
        return ""
    if isinstance(entry.detail, Accept):
        return redaction.subprotocol(entry.detail.subprotocol or "")
    return redaction.text(_plain_text(entry))


def _plain_text(entry: Entry) -> str:
    match entry.detail:
        case Raised(text=text, rule=rule):
            return f"{text}  (rule {rule})" if rule else text
        case Close(code, reason):
            return f"{code}  {reason!r}" if reason else str(code)
        case Push(path):
            return path
        case FilePart(file):
            return str(file)
        case int():
            return str(entry.detail)
        case str() if entry.size_bytes < 0:  # the message of a lifespan
            return entry.detail
        case _:
            return ""
