"""What a scope says of a request and of a lifespan."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit.protocol.extensions import TLS
from asgi_testkit.protocol.scope import (
    HTTPRequest,
    ScopeDefaults,
    build_http_scope,
    build_lifespan_scope,
)
from asgi_testkit.types import HeaderPairs


def build(
    target: bytes = b"/",
    *,
    method: str = "GET",
    scheme: str = "http",
    host: str = "testserver",
    port: int | None = None,
    headers: HeaderPairs | None = None,
    keys: dict[str, Any] | None = None,
    state: dict[str, Any] | None = None,
    **defaults: Any,
) -> dict[str, Any]:
    request = HTTPRequest(method, scheme, host, port, target, headers or [], keys)
    return build_http_scope(request, ScopeDefaults(**defaults), state=state or {})


def test_an_http_scope_has_every_key_of_the_specification() -> None:
    scope = build(b"/a%20b?c=%20d", headers=[(b"Host", b"testserver")])

    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"c=%20d",
        "root_path": "",
        "headers": [(b"host", b"testserver")],
        "client": ("testclient", 50000),
        "server": ("testserver", 80),
        "state": {},
        "extensions": {"http.response.debug": {}, "http.response.trailers": {}},
    }


@pytest.mark.parametrize(
    ("target", "path", "raw_path", "query"),
    [
        (b"/", "/", b"/", b""),
        (b"/a/b/", "/a/b/", b"/a/b/", b""),
        (b"//a", "//a", b"//a", b""),
        (b"/a/../b/./c", "/a/../b/./c", b"/a/../b/./c", b""),
        (b"/a%2Fb", "/a/b", b"/a%2Fb", b""),
        (b"/a%252Fb", "/a%2Fb", b"/a%252Fb", b""),
        (b"/caf%C3%A9", "/café", b"/caf%C3%A9", b""),
        (b"/caf%E9", "/caf\ufffd", b"/caf%E9", b""),
        (b"/a%zz%2", "/a%zz%2", b"/a%zz%2", b""),
        (b"/a%00b", "/a\0b", b"/a%00b", b""),
        (b"/a+b;c=1", "/a+b;c=1", b"/a+b;c=1", b""),
        (b"/a?", "/a", b"/a", b""),
        (b"/a?b?c", "/a", b"/a", b"b?c"),
        (b"/a?b=%C3%A9&c=+", "/a", b"/a", b"b=%C3%A9&c=+"),
        (b"*", "*", b"*", b""),
    ],
    ids=repr,
)
def test_a_target_is_parted_and_its_path_decoded_once(
    target: bytes, path: str, raw_path: bytes, query: bytes
) -> None:
    scope = build(target)

    assert (scope["path"], scope["raw_path"], scope["query_string"]) == (path, raw_path, query)


def test_header_names_are_lower_case_and_order_and_duplicates_stay() -> None:
    given = [(b"X-B", b"1"), (b"X-A", b"2"), (b"x-b", b"3")]

    assert build(headers=given)["headers"] == [(b"x-b", b"1"), (b"x-a", b"2"), (b"x-b", b"3")]


def test_a_header_value_loses_outer_white_space_and_nothing_else() -> None:
    given = [(b"x-pad", b" \ttwo  words\t "), (b"x-latin", b"caf\xe9"), (b"x-empty", b"")]

    assert build(headers=given)["headers"] == [
        (b"x-pad", b"two  words"),
        (b"x-latin", b"caf\xe9"),
        (b"x-empty", b""),
    ]


@pytest.mark.parametrize(
    ("scheme", "port", "server"),
    [
        ("http", None, ("testserver", 80)),
        ("https", None, ("testserver", 443)),
        ("http", 8000, ("testserver", 8000)),
    ],
)
def test_the_server_is_the_urls_unless_given(
    scheme: str, port: int | None, server: tuple[str, int]
) -> None:
    assert build(scheme=scheme, port=port)["server"] == server
    assert build(scheme=scheme, port=port, server=("other", 1))["server"] == ("other", 1)


def test_a_server_on_a_unix_socket_has_no_port() -> None:
    assert build(server=("/run/app.sock", None))["server"] == ("/run/app.sock", None)


def test_an_unknown_client_is_none() -> None:
    assert build(client=None)["client"] is None


def test_the_root_path_is_not_put_in_front_of_the_path() -> None:
    scope = build(b"/a", root_path="/mount")

    assert (scope["root_path"], scope["path"], scope["raw_path"]) == ("/mount", "/a", b"/a")


def test_offered_extensions_stand_beside_the_default_ones_and_are_copied() -> None:
    offered: dict[str, dict[str, Any]] = {"tls": {"tls_version": 772}}

    extensions = build(extensions=offered)["extensions"]

    assert extensions == {
        "http.response.debug": {},
        "http.response.trailers": {},
        "tls": {**TLS, "tls_version": 772},
    }
    assert extensions["tls"] is not offered["tls"]


def test_the_lifespan_state_is_copied_one_level_deep() -> None:
    state = {"pool": ["a connection"]}

    scope = build(state=state)

    assert scope["state"] == state
    assert scope["state"] is not state
    assert scope["state"]["pool"] is state["pool"]


def test_keys_of_the_request_win_over_all_others() -> None:
    scope = build(keys={"path": "/other", "user": "ann"})

    assert (scope["path"], scope["user"], scope["raw_path"]) == ("/other", "ann", b"/")


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_a_lifespan_scope_holds_the_state_itself(version: str) -> None:
    state: dict[str, Any] = {}

    scope = build_lifespan_scope(state, asgi_version=version)

    asgi = {"version": version, "spec_version": "2.0"}
    assert scope == {"type": "lifespan", "asgi": asgi, "state": {}}
    assert scope["state"] is state


def test_what_is_made_of_a_prepared_request_is_as_if_it_was_built_so() -> None:
    known = HTTPRequest("GET", "http", "h", None, b"/a", [(b"Host", b"h"), (b"Accept", b"*/*")])
    length, token = (b"Content-Length", b" 0 "), (b"X-Token", b"t")
    headers = [(b"Host", b"h"), length, (b"Accept", b"*/*"), token]
    built = HTTPRequest("POST", "http", "h", None, b"/%C3%A9?q=1", headers)

    prepared = known.prepared().at(b"/%C3%A9?q=1").with_headers([token])
    made = prepared.with_method("POST", [length], at=1)

    defaults = ScopeDefaults()
    assert build_http_scope(made, defaults, state={}) == build_http_scope(built, defaults, state={})
    assert known.prepared().headers == [(b"host", b"h"), (b"accept", b"*/*")]
