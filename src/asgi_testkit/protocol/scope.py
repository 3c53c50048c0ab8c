"""Scopes: what a server would tell the app about a request or a lifespan.

Pure functions over values. Source: ASGI 3.0; HTTP & WebSocket 2.5, "Connection Scope"; Lifespan
2.0; where the specification leaves room, what uvicorn does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import unquote_to_bytes

from asgi_testkit.protocol.extensions import TLS
from asgi_testkit.types import HeaderPairs, Scope

__all__ = (
    "DEFAULT_PORTS",
    "HTTPRequest",
    "ScopeDefaults",
    "build_http_scope",
    "build_lifespan_scope",
    "build_websocket_scope",
    "scope_head",
)

DEFAULT_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_Target: TypeAlias = tuple[str, bytes, bytes]
"""Of a request target: the path decoded, the path as it was sent, and the query."""

_HTTP_EXTENSIONS: Final = ("http.response.debug", "http.response.trailers")
_WEBSOCKET_EXTENSIONS: Final = ("websocket.http.response",)
_WEBSOCKET_SCHEMES: Final[Mapping[str, str]] = {"http": "ws", "https": "wss"}


class HTTPRequest(NamedTuple):
    """The head of a request or of a handshake, as every client library can give it.

    Attributes:
        method: upper case.
        scheme: `"http"` or `"https"`.
        host: the URL's host without port, IPv6 without brackets.
        port: the URL's port; `None`: the scheme's default.
        target: the raw request target, with the query string.
        headers: pairs of bytes in order, names in any case.
        scope: keys to set in the scope as they are, over all others.
        split: its target's parts; its headers are those of a scope then, see `prepared`.
    """

    method: str
    scheme: str
    host: str
    port: int | None
    target: bytes
    headers: HeaderPairs
    scope: Mapping[str, Any] | None = None
    split: _Target | None = None

    def prepared(self) -> HTTPRequest:
        """Return the same request with its parts as scopes have them, to be sent repeatedly."""
        return self._replace(headers=_scope_headers(self), split=_split(self.target))

    def at(self, target: bytes) -> HTTPRequest:
        """Return a prepared request for another target."""
        return self._replace(target=target, split=_split(target))

    def with_headers(self, headers: HeaderPairs) -> HTTPRequest:
        """Return a prepared request with more headers."""
        return self._replace(headers=[*self.headers, *_as_scope_headers(headers)])

    def with_method(self, method: str, headers: HeaderPairs, *, at: int) -> HTTPRequest:
        """Return a prepared request of another method, with more headers from a place on."""
        more = _as_scope_headers(headers)
        return self._replace(method=method, headers=[*self.headers[:at], *more, *self.headers[at:]])


@dataclass(frozen=True, slots=True)
class ScopeDefaults:
    """What a client's scopes have in common.

    Attributes:
        client: address of the client side; `None`: unknown, as on a Unix socket.
        server: address of the server; `None`: taken from the request's URL.
        asgi_version: `"3.0"`, or `"2.0"` for double-callable apps.
    """

    root_path: str = ""
    client: tuple[str, int] | None = ("testclient", 50000)
    server: tuple[str, int | None] | None = None
    http_version: str = "1.1"
    asgi_version: str = "3.0"
    extensions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, dict[str, Any]])


def build_http_scope(
    request: HTTPRequest, defaults: ScopeDefaults, *, state: Mapping[str, Any]
) -> Scope:
    """Return the `http` scope a server would give the app for this request.

    Header names arrive in any case and leave in lower case, order and duplicates kept, values
    stripped of outer white space. `path` is percent-decoded once, undecodable bytes become
    U+FFFD; `root_path` stands beside it and is not put in front. `raw_path` is the undecoded
    bytes, without the query string. `state` is copied, one level deep.

    Source: ASGI HTTP 2.5, "HTTP Connection Scope"; uvicorn 0.54 alone prepends `root_path`.
    """
    scope = {
        "type": "http",
        "asgi": {"version": defaults.asgi_version, "spec_version": "2.3"},
        "method": request.method,
        "scheme": request.scheme,
        **_shared_parts(request, defaults, state),
        "extensions": _offered(_HTTP_EXTENSIONS, "websocket.", defaults),
    }
    if request.scope:
        scope.update(request.scope)
    return scope


def scope_head(request: HTTPRequest, kind: str) -> Scope:
    """Return what a scope of this type says of the request alone: a part of it, made faster."""
    path, raw_path, query = request.split or _split(request.target)
    schemes: Mapping[str, str] = _WEBSOCKET_SCHEMES if kind == "websocket" else {}
    return {
        "type": kind,
        "method": "" if kind == "websocket" else request.method,
        "scheme": schemes.get(request.scheme, request.scheme),
        "path": path,
        "raw_path": raw_path,
        "query_string": query,
        "headers": _scope_headers(request),
    }


def build_websocket_scope(
    request: HTTPRequest, defaults: ScopeDefaults, *, state: Mapping[str, Any]
) -> Scope:
    """Return the `websocket` scope a server would give the app for this handshake.

    Its parts are those of an `http` scope; `scheme` is `ws` or `wss`, and `subprotocols` are read
    from the `sec-websocket-protocol` headers, in their order and stripped.

    Source: ASGI HTTP & WebSocket 2.5, "WebSocket Connection Scope".
    """
    shared = _shared_parts(request, defaults, state)
    scope = {
        "type": "websocket",
        "asgi": {"version": defaults.asgi_version, "spec_version": "2.4"},
        "scheme": _WEBSOCKET_SCHEMES.get(request.scheme, request.scheme),
        **shared,
        "subprotocols": _subprotocols(shared["headers"]),
        "extensions": _offered(_WEBSOCKET_EXTENSIONS, "http.", defaults),
    }
    if request.scope:
        scope.update(request.scope)
    return scope


def _shared_parts(request: HTTPRequest, defaults: ScopeDefaults, state: Mapping[str, Any]) -> Scope:
    """Return what the scopes of HTTP and WebSocket have in common."""
    path, raw_path, query = request.split or _split(request.target)
    port = DEFAULT_PORTS.get(request.scheme) if request.port is None else request.port
    return {
        "http_version": defaults.http_version,
        "path": path,
        "raw_path": raw_path,
        "query_string": query,
        "root_path": defaults.root_path,
        "headers": _scope_headers(request),
        "client": defaults.client,
        "server": defaults.server or (request.host, port),
        "state": {**state},
    }


def _scope_headers(request: HTTPRequest) -> HeaderPairs:
    if request.split is not None:
        return [*request.headers]
    return _as_scope_headers(request.headers)


def _as_scope_headers(headers: HeaderPairs) -> HeaderPairs:
    return [(name.lower(), value.strip(b" \t")) for name, value in headers]


def _offered(
    names: Iterable[str], foreign: str, defaults: ScopeDefaults
) -> dict[str, dict[str, Any]]:
    """Return the extensions a scope offers: `names` and the client's, but those of the other."""
    extensions: dict[str, dict[str, Any]] = {}
    for name in names:
        extensions[name] = {}
    for name, value in defaults.extensions.items():
        if not name.startswith(foreign):
            extensions[name] = {**TLS, **value} if name == "tls" else dict(value)
    return extensions


def _subprotocols(headers: HeaderPairs) -> list[str]:
    values = [value for name, value in headers if name == b"sec-websocket-protocol"]
    if not values:
        return []
    offers = (offer.strip().decode("latin-1") for value in values for offer in value.split(b","))
    return [offer for offer in offers if offer]


def build_lifespan_scope(state: dict[str, Any], *, asgi_version: str = "3.0") -> Scope:
    """Return the `lifespan` scope; `state` is the app's own to fill.

    Source: ASGI Lifespan 2.0, "Scope".
    """
    return {
        "type": "lifespan",
        "asgi": {"version": asgi_version, "spec_version": "2.0"},
        "state": state,
    }


def _split(target: bytes) -> _Target:
    """Split a target; its path is percent-decoded once and decoded as UTF-8."""
    raw_path, _, query = target.partition(b"?")
    decoded = unquote_to_bytes(raw_path) if b"%" in raw_path else raw_path
    return decoded.decode("utf-8", "replace"), raw_path, query
