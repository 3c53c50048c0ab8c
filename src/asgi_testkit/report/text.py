"""The transcript: records as text, one line a message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from asgi_testkit.protocol.extensions import Push
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.record import Entry, Record
from asgi_testkit.protocol.secrets import HIDDEN, is_secret_header
from asgi_testkit.protocol.websocket_events import Accept, Close
from asgi_testkit.report.trace import Trace, trace_of

__all__ = ("Transcript",)

_SECRET_QUERY: Final = re.compile(
    r"([^&=]*(?:token|key|secret|passw|auth|signature)[^&=]*)=[^&]*", re.IGNORECASE
)
_LONGEST_SUBPROTOCOL: Final = 32
_SHOWN_BYTES: Final = 48
_ARROWS: Final = {"client": "->", "app": "<-"}


class Transcript:
    """What crossed in some exchanges, for people to read.

    `->` goes to the app, `<-` comes from it; times are milliseconds since the exchange began.
    Values whose names tell of secrets are not shown: of headers, and in queries.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, at: int) -> Transcript:
        return Transcript([self._records[at]])

    def __repr__(self) -> str:
        return f"<Transcript of {len(self)} exchanges; print it to read it>"

    def __str__(self) -> str:
        return self.to_text()

    def to_trace(self, *, title: str = "", redact: bool = True) -> Trace:
        """Return the same as a dictionary that JSON can hold."""
        return trace_of(self._records, title=title, redact=redact)

    def to_text(self, *, with_times: bool = True) -> str:
        """Return the transcript; without times it is the same in each run."""
        blocks = ("\n".join(_lines(record, with_times=with_times)) for record in self._records)
        return "\n\n".join(blocks)


def _lines(record: Record, *, with_times: bool) -> Iterator[str]:
    yield _title(record)
    entries = list(record)
    for number, entry in enumerate(entries):
        if record.dropped and number == len(entries) // 2:
            yield f"      ... {record.dropped} messages not kept ..."
        time = f"{(entry.at - record.began_at) * 1000:9.2f} ms  " if with_times else "  "
        yield f"{time}{_line(entry)}"


def _title(record: Record) -> str:
    get = record.head.get  # the app may have taken keys away
    if get("type") == "lifespan":
        return "lifespan"
    method = "WebSocket" if get("type") == "websocket" else get("method", "?")
    query = _SECRET_QUERY.sub(r"\1=(hidden)", bytes(get("query_string", b"")).decode("latin-1"))
    target = f"{get('path', '?')}?{query}" if query else get("path", "?")
    return f"{method} {target}  HTTP/{get('http_version', '?')}"


def _line(entry: Entry) -> str:
    return "  ".join([_ARROWS[entry.actor], entry.act, _detail(entry)]).rstrip()


def _detail(entry: Entry) -> str:
    match entry.detail:
        case ResponseStart(status, headers):
            return f"{status}  {_headers(headers)}"
        case Accept(subprotocol, headers):
            return "  ".join(filter(None, [_shown_subprotocol(subprotocol), _headers(headers)]))
        case Close(code, reason):
            return f"{code}  {reason!r}" if reason else str(code)
        case Push(path, headers):
            return f"{path}  {_headers(headers)}"
        case None | "":
            return ""
        case _ if entry.act in ("websocket.send", "websocket.receive"):
            return f"{entry.size_bytes} bytes  {_shown(entry)}"
        case _ if entry.size_bytes >= 0:
            return _body(entry)
        case detail:
            return repr(detail)


def _shown_subprotocol(subprotocol: str | None) -> str | None:
    """Return a subprotocol, unless it is long enough to be a token in disguise."""
    return HIDDEN if len(subprotocol or "") > _LONGEST_SUBPROTOCOL else subprotocol


def _headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    return ", ".join(f"{name.decode('latin-1')}: {_value(name, value)}" for name, value in headers)


def _value(name: bytes, value: bytes) -> str:
    return HIDDEN if is_secret_header(name) else value.decode("latin-1")


def _body(entry: Entry) -> str:
    end = "more to come" if entry.more else "the last"
    return f"{entry.size_bytes} bytes, {end}  {_shown(entry) if entry.detail else ''}"


def _shown(entry: Entry) -> str:
    """Return the beginning of a body in quotes; that of a text may be cut a little later."""
    if not isinstance(entry.detail, str | bytes):
        return ""
    shown = repr(entry.detail[:_SHOWN_BYTES]).removeprefix("b")
    return shown + ("..." if entry.size_bytes > _SHOWN_BYTES else "")
