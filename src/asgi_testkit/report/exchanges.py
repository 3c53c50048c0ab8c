"""One exchange of a trace: its request, its end, and its entries one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict

from asgi_testkit.report.bodies import BodyTrace
from asgi_testkit.report.curl import curl_of
from asgi_testkit.report.kept import KeptEntry, KeptExchange, KeptLine

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


_MICROSECONDS = 1_000_000  # in a second
_ENDS = ("returned", "raised")


def exchange_trace(kept: KeptExchange, number: int) -> ExchangeTrace:
    """Return an exchange's trace.

    Args:
        kept: what is kept of it.
        number: the exchange's, from 1.
    """
    entries = [KeptEntry(*fields) for fields in kept.entries]
    trace: ExchangeTrace = {
        "number": number,
        "kind": kept.kind,
        "client": f"client {kept.client}",
        "title": "lifespan" if kept.kind == "lifespan" else "",
        "method": kept.method or ("GET" if kept.kind == "websocket" else ""),
        "target": kept.target,
        "http_version": kept.http_version,
        "scheme": kept.scheme,
        "request_headers": _headers(kept.request_headers),
        "called_from": _line(kept.called_from),
        "endpoint": _line(kept.endpoint),
        "began": kept.began / _MICROSECONDS,
        "ended": next((one.at / _MICROSECONDS for one in entries if one.act in _ENDS), None),
        "status": next((detail[1] for detail in _of_kind("start", entries)), None),
        "close_code": next((detail[1] for detail in _of_kind("close", entries)), None),
        "raised": _raised(entries),
        "dropped": kept.dropped,
        "gap": kept.gap,
        "curl": "",
        "entries": _entries(entries),
    }
    if kept.kind != "lifespan":
        trace["title"] = f"{_verb(trace)} {trace['target']}"
    if kept.kind == "http":
        trace["curl"] = curl_of(trace, kept.host)
    return trace


def _verb(trace: ExchangeTrace) -> str:
    return "WebSocket" if trace["kind"] == "websocket" else trace["method"] or "?"


def _headers(pairs: Iterable[Sequence[str]]) -> list[list[str]]:
    return [[*pair] for pair in pairs]


def _line(line: KeptLine | None) -> CalledFrom | None:
    if line is None:
        return None
    file, number, function, text = line
    return {"file": file, "line": number, "function": function, "text": text}


def _of_kind(kind: str, entries: Iterable[KeptEntry]) -> list[Sequence[Any]]:
    return [entry.detail for entry in entries if entry.detail and entry.detail[0] == kind]


def _raised(entries: Iterable[KeptEntry]) -> RaisedTrace | None:
    for _, text, rule, place, _ in _of_kind("raised", entries):
        return {"text": text, "rule": rule, "place": place}
    return None


def _entries(entries: Sequence[KeptEntry]) -> list[EntryTrace]:
    complete = _complete_at(entries)
    return [
        {
            "at": entry.at / _MICROSECONDS,
            "actor": entry.actor,
            "act": entry.act,
            "size": entry.size_bytes if entry.size_bytes >= 0 else None,
            "more": entry.more,
            "status": None,
            "headers": None,
            "body": None,
            "background": at > complete and _is_work(entry),
            "text": "",
            **_of_detail(entry.detail),
        }
        for at, entry in enumerate(entries)
    ]


def _is_work(entry: KeptEntry) -> bool:
    """Return whether an entry shows that the app went on: more than the end of what it did."""
    match entry.detail:
        case ("raised", *_, is_again):
            return not is_again
        case _:
            return entry.act != "returned"


_BODY_ACTS = ("http.response.body", "http.response.pathsend", "http.response.zerocopysend")


def _complete_at(entries: Sequence[KeptEntry]) -> float:
    """Return the index of the entry that makes the response complete."""
    has_trailers = any(entry.act == "http.response.trailers" for entry in entries)
    acts = ("http.response.trailers",) if has_trailers else _BODY_ACTS
    last = (at for at, one in enumerate(entries) if one.act in acts and not one.more)
    return next(last, float("inf"))


class _OfDetail(TypedDict, total=False):
    """The fields of an entry that its detail fills."""

    status: int | None
    headers: list[list[str]] | None
    body: BodyTrace | None
    text: str


def _of_detail(detail: Sequence[Any] | None) -> _OfDetail:
    match detail:
        case ("start", status, headers):
            return {"status": status, "headers": _headers(headers)}
        case ("headers", headers, text):
            return {"headers": _headers(headers), "text": text}
        case ("body", kind, text, base64, is_cut):
            return {"body": {"kind": kind, "text": text, "base64": base64, "cut": is_cut}}
        case ("raised", text, rule, *_):
            return {"text": f"{text}  (rule {rule})" if rule else text}
        case ("close" | "number", _, text) | ("text", text):
            return {"text": text}
        case _:
            return {}
