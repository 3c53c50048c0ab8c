"""The lines of one exchange in a transcript: aligned, and coloured where that is wanted."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from typing import Final

from asgi_testkit.report.bodies import BodyTrace
from asgi_testkit.report.curl import is_telling_header
from asgi_testkit.report.exchanges import EntryTrace, ExchangeTrace

__all__ = ("exchange_text",)

_ARROWS: Final = {"client": "->", "app": "<-"}
_SHOWN_CHARS: Final = 160
_SHOWN_BYTES: Final = 24
_LINE_END: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\n|()\n")
"""A line end, in a `repr` or as it is; not what follows a backslash that stands for itself."""

_COLOURS: Final = {"title": "1", "client": "36", "app": "32", "raised": "31", "faint": "2"}


def exchange_text(
    exchange: ExchangeTrace, *, with_times: bool, names_client: bool, colour: bool
) -> str:
    """Return an exchange as text.

    Args:
        exchange: of a trace.
        with_times: also the test's line, and how long it took.
        names_client: whose it was.
        colour: with ANSI escapes.
    """
    lines = _lines(exchange, with_times=with_times, names_client=names_client)
    return "\n".join(_coloured(text, kind) if colour else text for kind, text in lines)


def _coloured(text: str, kind: str) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m"


def _lines(
    exchange: ExchangeTrace, *, with_times: bool, names_client: bool
) -> Iterator[tuple[str, str]]:
    yield "title", _title(exchange, names_client=names_client)
    if with_times and (site := exchange["called_from"]) is not None:
        yield "faint", _one_line(f"  {site['file']}:{site['line']} in {site['function']}")
    if with_times and (site := exchange["endpoint"]) is not None:
        yield (
            "faint",
            _one_line(f"  answered by {site['function']}, {site['file']}:{site['line']}"),
        )
    for name, value in exchange["request_headers"]:
        if is_telling_header(name, value, kind=exchange["kind"]):
            yield "faint", _one_line(f"  {name}: {value}")
    widths = _widths(exchange["entries"])
    for at, entry in enumerate(exchange["entries"]):
        if at == exchange["gap"]:
            yield "faint", f"  ... {exchange['dropped']} messages not kept ..."
        time = f"{(entry['at'] - exchange['began']) * 1000:9.2f} ms" if with_times else ""
        yield _kind(entry), f"{time}  {_line(entry, widths, exchange)}".rstrip()
    if exchange["curl"]:
        yield "faint", f"  {_one_line(exchange['curl'])}"


def _title(exchange: ExchangeTrace, *, names_client: bool) -> str:
    parts = [_one_line(exchange["title"])]
    if exchange["kind"] != "lifespan":
        parts.append(f"HTTP/{exchange['http_version'] or '?'}")
    if names_client:
        parts.append(exchange["client"])
    return "  ".join(parts)


def _kind(entry: EntryTrace) -> str:
    if entry["act"] == "raised":
        return "raised"
    return "faint" if entry["act"] == "returned" or entry["background"] else entry["actor"]


def _widths(entries: Sequence[EntryTrace]) -> tuple[int, int]:
    """Return how wide the acts and the sizes are."""
    acts = max((len(entry["act"]) for entry in entries), default=0)
    return acts, max((len(_size(entry)) for entry in entries), default=0)


def _line(entry: EntryTrace, widths: tuple[int, int], exchange: ExchangeTrace) -> str:
    act, size = widths
    parts = [_ARROWS[entry["actor"]], entry["act"].ljust(act)]
    if size:
        parts.append(_size(entry).rjust(size))
    mark = "  (background)" if entry["background"] else ""
    return "  ".join([*parts, *_details(entry, exchange)]).rstrip() + mark


def _size(entry: EntryTrace) -> str:
    return "" if entry["size"] is None else f"{entry['size']} bytes"


def _details(entry: EntryTrace, exchange: ExchangeTrace) -> Iterator[str]:
    if entry["status"] is not None:
        yield str(entry["status"])
    if entry["act"] == "raised":
        yield from _raised(exchange)
    elif entry["text"]:
        yield _one_line(entry["text"])
    if entry["headers"]:
        yield ", ".join(_one_line(f"{name}: {value}") for name, value in entry["headers"])
    if entry["body"] is not None:
        yield _preview(entry["body"])
    if entry["more"]:
        yield "(more to come)"


def _raised(exchange: ExchangeTrace) -> Iterator[str]:
    raised = exchange["raised"]
    if raised is not None:
        yield _first_line(raised["text"])
        if raised["rule"]:
            yield f"(rule {raised['rule']})"
        if raised["place"]:
            yield _one_line(f"at {raised['place']}")


def _preview(body: BodyTrace) -> str:
    """Return the beginning of a body: JSON in one line, other text in quotes, bytes in hex."""
    if body["kind"] == "bytes":
        content = base64.b64decode(body["base64"])
        shown = content[:_SHOWN_BYTES].hex(" ")
        return shown + _dots(cut=body["cut"] or len(content) > _SHOWN_BYTES)
    text = " ".join(body["text"].split()) if body["kind"] == "json" else body["text"]
    cut = body["cut"] or len(text) > _SHOWN_CHARS
    text = text[:_SHOWN_CHARS]
    is_plain = body["kind"] == "json" and text.isprintable()
    return (text if is_plain else repr(text)) + _dots(cut=cut)


def _dots(*, cut: bool) -> str:
    return "..." if cut else ""


def _first_line(text: str) -> str:
    """Return an exception's `repr` as far as the first line of its message goes."""
    line_end = _LINE_END.search(text)
    return _one_line(text if line_end is None else f"{text[: line_end.end(1)]} ...")


def _one_line(text: str) -> str:
    """Return a text without line ends and without escapes that a terminal would obey."""
    return text if text.isprintable() else repr(text)[1:-1]
