"""Request targets: what the app sees of the path and the query."""

from __future__ import annotations

from typing import Final

from tests.conformance.scenario import Request, Scenario, talk

__all__ = ("SCENARIOS",)

_WATCHES: Final = ("path", "raw_path", "query_string", "root_path")

_TARGETS: Final[dict[str, tuple[bytes, str]]] = {
    "root": (b"/", "the root"),
    "plain": (b"/a/b", "a path"),
    "trailing-slash": (b"/a/", "a slash at the end"),
    "double-slash": (b"//a", "two slashes at the start"),
    "double-slash-inside": (b"/a//b", "two slashes inside"),
    "dot": (b"/a/./b", "a segment that is a dot"),
    "dot-dot": (b"/a/../b", "a segment that is two dots"),
    "percent-space": (b"/a%20b", "an escaped space"),
    "percent-slash": (b"/a%2Fb", "an escaped slash"),
    "percent-lower-case": (b"/a%2fb", "an escape in lower case"),
    "percent-percent": (b"/a%252Fb", "an escaped percent sign: decoded once"),
    "percent-dots": (b"/%2e%2e/a", "escaped dots"),
    "percent-question-mark": (b"/a%3Fb", "an escaped question mark"),
    "percent-null": (b"/a%00b", "an escaped NUL"),
    "percent-utf8": (b"/caf%C3%A9", "escaped UTF-8"),
    "percent-latin1": (b"/caf%E9", "an escape that is no UTF-8"),
    "percent-no-digits": (b"/a%zzb", "a percent sign before no digits"),
    "percent-at-the-end": (b"/a%2", "a percent sign before one digit"),
    "plus": (b"/a+b", "a plus sign"),
    "semicolon": (b"/a;p=1", "path parameters"),
    "at-and-colon": (b"/@a:b", "@ and a colon"),
    "tilde": (b"/~a", "a tilde"),
    "star-characters": (b"/a*b!$&'(),=", "characters that need no escape"),
    "brackets": (b"/a[b]", "brackets"),
    "braces": (b"/a{b}", "braces"),
    "caret": (b"/a^b`c", "a caret and a backquote"),
    "angle-brackets": (b"/a<b>", "angle brackets"),
    "quote": (b'/a"b', "a double quote"),
    "pipe": (b"/a|b", "a pipe"),
    "backslash": (b"/a\\b", "a backslash"),
    "fragment": (b"/a#b", "a fragment, which no client should send"),
    "raw-utf8": ("/café".encode(), "UTF-8 that is not escaped"),
    "long": (b"/" + b"a" * 4000, "a path of 4,000 characters"),
    "star": (b"*", "a star alone, as of OPTIONS"),
    "absolute": (b"http://testserver/abs?q=1", "scheme and host before the path"),
    "absolute-root": (b"http://testserver", "scheme and host alone"),
    "no-slash": (b"path", "a path that begins with no slash"),
    "query": (b"/a?q=1", "a query"),
    "query-empty": (b"/a?", "an empty query"),
    "query-question-marks": (b"/a?b?c", "a question mark in the query"),
    "query-percent": (b"/a?q=%2F%C3%A9%zz", "escapes in the query: kept"),
    "query-plus": (b"/a?q=b+c%20d", "a plus sign in the query: kept"),
    "query-repeated": (b"/a?q=1&q=2&&=", "names that stand twice, and none"),
    "query-slash": (b"/a?b=/../c", "dots in the query"),
    "query-raw-utf8": ("/a?q=é".encode(), "UTF-8 in the query that is not escaped"),
    "query-long": (b"/a?q=" + b"b" * 4000, "a query of 4,000 characters"),
}

_OF_WEBSOCKETS: Final = (
    *("plain", "percent-slash", "percent-utf8", "percent-latin1", "double-slash", "semicolon"),
    *("query", "query-percent"),
)

SCENARIOS: Final = (
    *(
        Scenario(
            name=f"target-{name}",
            topic="targets",
            asks=asks,
            app="hello",
            request=Request(target=target),
            watches=_WATCHES,
        )
        for name, (target, asks) in _TARGETS.items()
    ),
    *(
        Scenario(
            name=f"ws-target-{name}",
            topic="targets",
            asks=f"{_TARGETS[name][1]}, of a WebSocket",
            kind="websocket",
            app="ws_close",
            script=talk,
            request=Request(target=_TARGETS[name][0]),
            watches=_WATCHES,
        )
        for name in _OF_WEBSOCKETS
    ),
)
