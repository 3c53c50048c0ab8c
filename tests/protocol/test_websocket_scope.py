"""What a scope says of a WebSocket's handshake."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit.protocol.extensions import TLS
from asgi_testkit.protocol.scope import (
    HTTPRequest,
    ScopeDefaults,
    build_http_scope,
    build_websocket_scope,
)
from asgi_testkit.types import HeaderPairs

OFFERS = b"Sec-WebSocket-Protocol"


def handshake(
    target: bytes = b"/",
    *,
    scheme: str = "http",
    port: int | None = None,
    headers: HeaderPairs | None = None,
    keys: dict[str, Any] | None = None,
) -> HTTPRequest:
    return HTTPRequest("GET", scheme, "testserver", port, target, headers or [], keys)


def build(
    request: HTTPRequest, *, state: dict[str, Any] | None = None, **defaults: Any
) -> dict[str, Any]:
    return build_websocket_scope(request, ScopeDefaults(**defaults), state=state or {})


def test_a_websocket_scope_has_every_key_of_the_specification() -> None:
    headers = [(b"Host", b"testserver"), (OFFERS, b"chat, superchat")]

    scope = build(handshake(b"/a%20b?c=%20d", headers=headers))

    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"c=%20d",
        "root_path": "",
        "headers": [(b"host", b"testserver"), (b"sec-websocket-protocol", b"chat, superchat")],
        "client": ("testclient", 50000),
        "server": ("testserver", 80),
        "subprotocols": ["chat", "superchat"],
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }


@pytest.mark.parametrize(
    ("values", "subprotocols"),
    [
        ([], []),
        ([b""], []),
        ([b"chat"], ["chat"]),
        ([b"chat,superchat"], ["chat", "superchat"]),
        ([b" chat ,\tsuperchat "], ["chat", "superchat"]),
        ([b"chat", b"superchat, v2.chat"], ["chat", "superchat", "v2.chat"]),
        ([b"chat, chat"], ["chat", "chat"]),
        ([b"Chat"], ["Chat"]),
        ([b"chat,,superchat,"], ["chat", "superchat"]),
        ([b"caf\xe9"], ["caf\xe9"]),
    ],
    ids=repr,
)
def test_subprotocols_are_those_of_the_headers_in_their_order(
    values: list[bytes], subprotocols: list[str]
) -> None:
    scope = build(handshake(headers=[(OFFERS, value) for value in values]))

    assert scope["subprotocols"] == subprotocols


@pytest.mark.parametrize(
    ("scheme", "ours", "port"),
    [("http", "ws", 80), ("https", "wss", 443), ("other", "other", None)],
)
def test_the_scheme_is_that_of_websockets(scheme: str, ours: str, port: int | None) -> None:
    scope = build(handshake(scheme=scheme))

    assert (scope["scheme"], scope["server"]) == (ours, ("testserver", port))


def test_the_server_is_the_urls_unless_given() -> None:
    request = handshake(scheme="https", port=8443)

    servers = [build(request)["server"], build(request, server=("other", 1))["server"]]

    assert servers == [("testserver", 8443), ("other", 1)]


def test_the_shared_parts_are_those_of_an_http_scope() -> None:
    request = handshake(b"/a%2Fb/../c?d=%zz", headers=[(b"X-B", b" 1 "), (b"x-a", b"caf\xe9")])
    defaults = ScopeDefaults(root_path="/mount", client=None, http_version="2")

    over_http = build_http_scope(request, defaults, state={"a": 1})
    scope = build_websocket_scope(request, defaults, state={"a": 1})

    own = {"type", "asgi", "scheme", "subprotocols", "extensions"}
    assert set(over_http) - set(scope) == {"method"}
    assert {key: scope[key] for key in set(scope) - own} == {
        key: over_http[key] for key in set(scope) - own
    }


def test_extensions_of_http_are_not_offered_and_those_of_neither_are() -> None:
    offered: dict[str, dict[str, Any]] = {
        "http.response.pathsend": {},
        "tls": {"tls_version": 772},
        "websocket.http.response": {"own": 1},
    }

    extensions = build(handshake(), extensions=offered)["extensions"]

    assert extensions == {"websocket.http.response": {"own": 1}, "tls": {**TLS, "tls_version": 772}}
    assert extensions["tls"] is not offered["tls"]


def test_the_lifespan_state_is_copied_one_level_deep() -> None:
    state = {"pool": ["a connection"]}

    scope = build(handshake(), state=state)

    assert scope["state"] == state
    assert scope["state"] is not state
    assert scope["state"]["pool"] is state["pool"]


def test_keys_of_the_request_win_over_all_others() -> None:
    scope = build(handshake(keys={"subprotocols": ["own"], "user": "ann"}))

    assert (scope["subprotocols"], scope["user"], scope["path"]) == (["own"], "ann", "/")


def test_a_double_callable_app_sees_its_version() -> None:
    scope = build(handshake(), asgi_version="2.0")

    assert scope["asgi"] == {"version": "2.0", "spec_version": "2.4"}
