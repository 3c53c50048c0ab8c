"""Traces without what chance puts into them, so that two runs can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from asgi_testkit.report.bodies import BodyTrace
from asgi_testkit.report.exchanges import EntryTrace, ExchangeTrace, RaisedTrace
from asgi_testkit.report.trace import Trace

__all__ = ("without_chance",)

_LOOPBACK: Final = re.compile(r"\b(127\.0\.0\.1|localhost|\[::1\]):\d+")
_ADDRESS: Final = re.compile(r"\b0x[0-9a-f]{6,}\b")
_LINE: Final = re.compile(r":\d+$")
_BOUNDARY: Final = re.compile(r'boundary="?([^\s";,]+)')
_OF_CHANCE: Final = frozenset({"date", "sec-websocket-key", "sec-websocket-accept"})


def without_chance(trace: Trace) -> Trace:
    """Return a trace without ports of this machine, addresses of objects, line numbers, dates.

    Boundaries of multipart bodies go, too. Times are left as they are: who prints leaves them out.
    """
    return {**trace, "exchanges": [_exchange(exchange) for exchange in trace["exchanges"]]}


def _exchange(exchange: ExchangeTrace) -> ExchangeTrace:
    def clean(text: str) -> str:
        for boundary in boundaries:
            text = text.replace(boundary, "*")
        return _ADDRESS.sub("0x*", _LOOPBACK.sub(r"\1:*", text))

    values = [value for _, value in exchange["request_headers"]]
    boundaries = [match[1] for value in values if (match := _BOUNDARY.search(value))]
    return {
        **exchange,
        "title": clean(exchange["title"]),
        "target": clean(exchange["target"]),
        "request_headers": _headers(exchange["request_headers"], clean),
        "raised": _raised(exchange["raised"], clean),
        "curl": clean(exchange["curl"]),
        "entries": [_entry(entry, clean) for entry in exchange["entries"]],
    }


def _headers(headers: list[list[str]], clean: Callable[[str], str]) -> list[list[str]]:
    return [[name, clean(value)] for name, value in headers if name not in _OF_CHANCE]


def _raised(raised: RaisedTrace | None, clean: Callable[[str], str]) -> RaisedTrace | None:
    if raised is None:
        return None
    return {**raised, "text": clean(raised["text"]), "place": _LINE.sub("", raised["place"])}


def _entry(entry: EntryTrace, clean: Callable[[str], str]) -> EntryTrace:
    headers, body = entry["headers"], entry["body"]
    return {
        **entry,
        "text": clean(entry["text"]),
        "headers": None if headers is None else _headers(headers, clean),
        "body": None if body is None else _body(body, clean),
    }


def _body(body: BodyTrace, clean: Callable[[str], str]) -> BodyTrace:
    return {**body, "text": clean(body["text"])}
