"""Heads of requests: methods, versions, headers, and what stands in every scope."""

from __future__ import annotations

from typing import Final

from tests.conformance.scenario import Headers, HTTPLine, Request, Scenario, talk

__all__ = ("SCENARIOS",)

_METHODS: Final = (
    *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "PURGE"),
    *("get", "Brew", "M-SEARCH"),
)

_HEADERS: Final[dict[str, tuple[Headers, str]]] = {
    "case": (((b"X-Mixed-Case", b"Value"),), "a name in mixed case"),
    "order": (((b"x-b", b"1"), (b"x-a", b"2")), "the order of headers"),
    "repeated": (((b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3")), "a name that stands twice"),
    "comma": (((b"x-a", b"1, 2"),), "a list in one header: not split"),
    "empty": (((b"x-a", b""),), "an empty value"),
    "padded": (((b"x-a", b"  two  words \t"),), "white space around a value"),
    "tab": (((b"x-a", b"a\tb"),), "a tab in a value"),
    "latin1": (((b"x-a", b"caf\xe9"),), "a value in latin-1"),
    "utf8": (((b"x-a", "café".encode()),), "a value in UTF-8"),
    "underscore": (((b"x_a", b"1"),), "an underscore in a name"),
    "symbols": (((b"x-!#$%&'*+.^`|~", b"1"),), "all that a name may be made of"),
    "cookie-twice": (((b"cookie", b"a=1"), (b"cookie", b"b=2")), "two cookie headers"),
    "forwarded": (
        ((b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"192.0.2.1")),
        "what a proxy says",
    ),
    "script-name": (((b"script-name", b"/s"), (b"daphne-root-path", b"/r")), "a root path"),
    "authorization": (((b"authorization", b"Basic YTpi"),), "credentials"),
    "long": (((b"x-a", b"v" * 7000),), "a value of 7,000 characters"),
    "many": (tuple((b"x-%d" % number, b"1") for number in range(60)), "60 headers"),
    "te": (((b"te", b"trailers"),), "what is of one connection only"),
    "expect": (((b"expect", b"100-continue"),), "an expectation without a body"),
    "upgrade-other": (
        ((b"connection", b"upgrade"), (b"upgrade", b"something/1")),
        "an upgrade that nobody knows",
    ),
}

_SCOPE: Final = ("type", "http_version", "scheme", "method", "path", "headers")
_TYPES: Final = tuple(f"type {key}" for key in ("client", "server", "headers", "asgi", "state"))


def _ask_twice(line: HTTPLine) -> None:
    line.fetch()
    line.again()
    line.fetch()


def _named(name: str, asks: str, request: Request, *watches: str) -> Scenario:
    return Scenario(
        name=name, topic="heads", asks=asks, app="hello", request=request, watches=watches
    )


SCENARIOS: Final = (
    *(
        _named(f"method-{name}", f"the method {name}", Request(method=name.encode()), "method")
        for name in _METHODS
    ),
    *(
        _named(f"header-{name}", asks, Request(headers=headers), "headers", "scheme", "root_path")
        for name, (headers, asks) in _HEADERS.items()
    ),
    _named("version-1.0", "HTTP/1.0", Request(version=b"1.0"), "http_version"),
    _named(
        "version-1.0-no-host",
        "HTTP/1.0 without a host",
        Request(version=b"1.0", has_host=False),
        "http_version",
    ),
    _named("scope", "what stands in a scope", Request(target=b"/a"), *_SCOPE, *_TYPES),
    _named("scope-keys", "the keys of a scope", Request(), "keys"),
    _named("scope-asgi", "the versions that a scope names", Request(), "asgi"),
    _named("scope-extensions", "the extensions that are offered", Request(), "extensions"),
    _named("scope-state", "the state that the lifespan has left", Request(), "state"),
    Scenario(
        name="scope-state-changed",
        topic="heads",
        asks="a key that a request has set: not seen by the next one",
        app="state_change",
        script=_ask_twice,
        watches=("state",),
    ),
    Scenario(
        name="ws-scope",
        topic="heads",
        asks="what stands in the scope of a WebSocket",
        kind="websocket",
        app="ws_close",
        script=talk,
        watches=("type", "http_version", "scheme", "path", "subprotocols", *_TYPES),
    ),
    Scenario(
        name="ws-scope-keys",
        topic="heads",
        asks="the keys of the scope of a WebSocket",
        kind="websocket",
        app="ws_close",
        script=talk,
        watches=("keys",),
    ),
    Scenario(
        name="ws-scope-asgi",
        topic="heads",
        asks="the versions that the scope of a WebSocket names",
        kind="websocket",
        app="ws_close",
        script=talk,
        watches=("asgi",),
    ),
    Scenario(
        name="ws-scope-extensions",
        topic="heads",
        asks="the extensions that are offered to a WebSocket",
        kind="websocket",
        app="ws_close",
        script=talk,
        watches=("extensions",),
    ),
    Scenario(
        name="ws-headers",
        topic="heads",
        asks="the headers of a handshake",
        kind="websocket",
        app="ws_close",
        script=talk,
        request=Request(headers=((b"X-Mixed", b"v"), (b"origin", b"http://testserver"))),
        watches=("headers",),
    ),
)
