"""The timeline: a trace as one page that needs nothing else, and an index of such pages.

What a body holds is text here and in the browser: the trace is embedded as JSON in which no tag can
end, the page's script makes text nodes only, and a policy admits no script, style or address but
the page's own. The page's parts are the files in `page/`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final, TypedDict

from asgi_testkit.report.trace import Trace

__all__ = ("IndexEntry", "index_of", "page_of")

_SCRIPTS: Final = {
    "timeline": ("page", "rows", "picture", "details", "list", "timeline"),
    "index": ("page", "index"),
}
_STYLES: Final = {"timeline": ("page", "timeline"), "index": ("page", "index")}

# What could end the element the JSON is in, or is no text that can be written as UTF-8.
_UNSAFE: Final = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_HOLE: Final = re.compile(r"\{\{(\w+)\}\}")


class IndexEntry(TypedDict):
    """One page in the index.

    Attributes:
        title: the test's node id.
        outcome: `"failed"`, `"passed"` or empty.
        href: where the page is, relative to the index.
        exchanges: how many it shows.
        error: the failure's short text; its first line is shown.
        duration: seconds.
    """

    title: str
    outcome: str
    href: str
    exchanges: int
    error: str
    duration: float


def page_of(trace: Trace) -> str:
    """Return the timeline of a trace as one HTML page; the same trace gives the same page."""
    return _filled("timeline", title=_text(trace["title"]), trace=_json(trace))


def index_of(entries: Sequence[IndexEntry]) -> str:
    """Return an HTML page with a link to each of these pages, in the order given."""
    failed = sum(entry["outcome"] == "failed" for entry in entries)
    tests = "1 test" if len(entries) == 1 else f"{len(entries)} tests"
    return _filled(
        "index",
        facts=f"{tests}, {failed} failed",
        tests="\n".join(map(_index_line, entries)),
    )


def _index_line(entry: IndexEntry) -> str:
    outcome, error = _text(entry["outcome"]), _text(entry["error"].partition("\n")[0])
    count = entry["exchanges"]
    much = f"{count} {'exchange' if count == 1 else 'exchanges'}, {entry['duration']:.2f} s"
    return (
        f'<li><a href="{_text(entry["href"])}"><span class="outcome {outcome}">{outcome}</span>'
        f'<span class="name">{_text(entry["title"])}</span><span class="much">{much}</span>'
        f'<span class="error">{error}</span></a></li>'
    )


def _filled(page: str, **parts: str) -> str:
    """Return the page with its holes filled, in one go: what fills one is not looked at again."""
    pieces = enumerate(_pieces(page))
    return "".join(parts.get(piece, piece) if at % 2 else piece for at, piece in pieces)


@cache
def _pieces(page: str) -> Sequence[str]:
    """Return the page cut at the holes that differ from page to page, with their names between."""
    style, script = _part(_STYLES[page], "css"), _part(_SCRIPTS[page], "js")
    same = {"style": style, "script": script, "policy": _policy(style, script)}
    pieces = _HOLE.split(_read(f"{page}.html"))
    return [same.get(piece, piece) if at % 2 else piece for at, piece in enumerate(pieces)]


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy that admits this style and this script, and no address."""
    return (
        f"default-src 'none'; connect-src 'none'; script-src {_digest(script)}; "
        f"style-src {_digest(style)}; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _text(text: str) -> str:
    """Return text for HTML, also for an attribute; what is no Unicode text shows as a sign."""
    return html.escape(re.sub("[\ud800-\udfff]", "\ufffd", text))


@cache
def _part(names: Sequence[str], kind: str) -> str:
    return "\n".join(_read(f"{name}.{kind}") for name in names)


@cache
def _read(name: str) -> str:
    page = resources.files("asgi_testkit.report") / "page" / name
    return page.read_text(encoding="utf-8")
