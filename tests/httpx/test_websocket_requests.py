# Generated from tests/client/test_websocket_requests.py by scripts/write_httpx.py.
"""A WebSocket's handshake is a request of its client: cookies, auth, headers and URLs as ever."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import httpx
import pytest

import asgi_testkit
from asgi_testkit import ASGIRuleWarning, UsageError
from asgi_testkit.httpx import WebSocketDenialResponse
from asgi_testkit.types import Message
from tests.apps import mirror, websockets
from tests.apps.mirror import header_values
from tests.apps.raw import http_app
from tests.apps.websockets import accepting, denies
from tests.httpx.modes import OpenClient


async def seen(client: Any, url: str | httpx.URL = "/", *args: Any, **options: Any) -> Any:
    """Return the scope that the app has got, as the mirror shows it."""
    async with client.websocket_connect(url, *args, **options) as session:
        return await session.receive_json()


@http_app
async def sets_cookies(scope: Any, receive: Any, send: Any) -> None:
    """Set cookies over HTTP, in the accept or in the denial; else show the scope."""
    cookies = [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Path=/")]
    if scope["type"] == "http":
        await (mirror.mirror if scope["path"] == "/" else mirror.replies(headers=cookies))(
            scope, receive, send
        )
    elif scope["path"] == "/accept":
        await accepting(headers=cookies)(scope, receive, send)
    elif scope["path"] == "/deny":
        await denies(403, cookies)(scope, receive, send)
    else:
        await websockets.mirror(scope, receive, send)


# -- cookies ----------------------------------------------------------------------------------


async def test_cookies_of_client_and_call_go_with_the_handshake(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror, cookies={"a": "1"}) as client:
        client.cookies.set("b", "2")
        of_client = await seen(client)
        in_a_header = await seen(client, headers={"cookie": "c=3"})

    assert header_values(of_client, "cookie") == ["a=1; b=2"]
    assert header_values(in_a_header, "cookie") == ["c=3"]


async def test_cookies_of_a_call_go_with_its_handshake_only(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror) as client:
        first = await seen(client, cookies={"c": "3"})
        second = await seen(client)

    assert [header_values(scope, "cookie") for scope in (first, second)] == [["c=3"], []]


async def test_cookie_set_over_http_goes_with_the_handshake(open_client: OpenClient) -> None:
    async with open_client(sets_cookies) as client:
        await client.get("/set")
        scope = await seen(client)

    assert header_values(scope, "cookie") == ["a=1; b=2"]


async def test_cookies_of_the_accept_come_into_the_jar(open_client: OpenClient) -> None:
    async with open_client(sets_cookies) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule W18 "):  # some servers drop them
            async with client.websocket_connect("/accept"):
                in_jar = dict(client.cookies)
        over_http = (await client.get("/")).json()
        scope = await seen(client)

    assert in_jar == {"a": "1", "b": "2"}
    assert header_values(over_http, "cookie") == ["a=1; b=2"]
    assert header_values(scope, "cookie") == ["a=1; b=2"]


async def test_cookies_of_a_denial_come_into_the_jar(open_client: OpenClient) -> None:
    async with open_client(sets_cookies) as client:
        with pytest.raises(WebSocketDenialResponse, match="403") as caught:
            await seen(client, "/deny")

        assert dict(client.cookies) == {"a": "1", "b": "2"} == dict(caught.value.cookies)


async def test_cookies_of_base_urls_host_go_with_the_handshake(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror, base_url="http://shop.example") as client:
        client.cookies.set("a", "1", domain="shop.example")
        client.cookies.set("b", "2", domain="other.example")
        scope = await seen(client)

    assert header_values(scope, "cookie") == ["a=1"]
    assert header_values(scope, "host") == ["shop.example"]


async def test_secure_cookie_goes_over_wss_only(open_client: OpenClient) -> None:
    app = mirror.replies(headers=[(b"set-cookie", b"a=1; Secure; Path=/")])

    async with open_client(
        http_app(lambda s, r, t: (app if s["type"] == "http" else websockets.mirror)(s, r, t)),
        base_url="https://testserver",
    ) as client:
        await client.get("/")
        over_wss = await seen(client)
        over_ws = await seen(client, "ws://testserver/")

    assert (over_wss["scheme"], header_values(over_wss, "cookie")) == ("wss", ["a=1"])
    assert (over_ws["scheme"], header_values(over_ws, "cookie")) == ("ws", [])


# -- authentication ---------------------------------------------------------------------------


async def test_basic_auth_of_client_and_call_goes_with_the_handshake(
    open_client: OpenClient,
) -> None:
    async with open_client(websockets.mirror, auth=("ann", "secret")) as client:
        scopes = [
            await seen(client),
            await seen(client, auth=("bob", "pw")),
            await seen(client, auth=None),
        ]

    shown = [header_values(scope, "authorization") for scope in scopes]
    assert shown == [["Basic YW5uOnNlY3JldA=="], ["Basic Ym9iOnB3"], []]


async def test_user_and_password_in_a_websocket_url_are_basic_auth(
    open_client: OpenClient,
) -> None:
    async with open_client(websockets.mirror) as client:
        scope = await seen(client, "ws://ann:secret@testserver/")

    assert header_values(scope, "authorization") == ["Basic YW5uOnNlY3JldA=="]


async def test_digest_auth_answers_a_denial_with_a_second_handshake(
    open_client: OpenClient,
) -> None:
    async with open_client(websockets.digest_guarded) as client:
        scope = await seen(client, auth=httpx.DigestAuth("ann", "secret"))

    (authorization,) = header_values(scope, "authorization")
    assert authorization.startswith('Digest username="ann"')


async def test_digest_auth_with_a_wrong_password_ends_with_the_denial(
    open_client: OpenClient,
) -> None:
    async with open_client(websockets.digest_guarded) as client:
        with pytest.raises(WebSocketDenialResponse, match=r"401 Unauthorized: 'who\?'"):
            await seen(client, auth=httpx.DigestAuth("ann", "wrong"))


async def test_auth_flow_may_send_an_http_request_before_the_handshake(
    open_client: OpenClient,
) -> None:
    class Token(httpx.Auth):
        requires_response_body = True

        def auth_flow(
            self, request: httpx.Request
        ) -> Generator[httpx.Request, httpx.Response, None]:
            token = yield httpx.Request("POST", "http://testserver/token")
            request.headers["x-token"] = token.text
            yield request

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        token = mirror.replies(200, body=b"t0")
        await (token if scope["type"] == "http" else websockets.mirror)(scope, receive, send)

    async with open_client(app) as client:
        scope = await seen(client, auth=Token())

    assert header_values(scope, "x-token") == ["t0"]


# -- headers and parameters -------------------------------------------------------------------


async def test_handshake_has_the_headers_of_an_upgrade(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror) as client:
        scope = await seen(client)

    names = ("connection", "upgrade", "sec-websocket-version", "host", "user-agent")
    shown = [header_values(scope, name) for name in names]
    assert shown == [["Upgrade"], ["websocket"], ["13"], ["testserver"], ["testclient"]]
    assert len(header_values(scope, "sec-websocket-key")) == 1
    assert header_values(scope, "sec-websocket-protocol") == []


@pytest.mark.parametrize(
    "headers",
    [
        {"x-own": "1"},
        [("x-own", "1")],
        [(b"x-own", b"1")],
        (("x-own", "1"),),
        httpx.Headers({"x-own": "1"}),
    ],
    ids=lambda headers: type(headers).__name__,
)
async def test_headers_of_every_form_are_sent_and_left_as_they_were(
    open_client: OpenClient, headers: Any
) -> None:
    before = type(headers)(headers)

    async with open_client(websockets.mirror, headers={"x-default": "0"}) as client:
        scope = await seen(client, headers=headers)

    assert header_values(scope, "x-own") == ["1"]
    assert header_values(scope, "x-default") == ["0"]
    assert headers == before


async def test_several_headers_of_one_name_are_all_sent(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror) as client:
        scope = await seen(client, headers=[("x-own", "1"), ("x-own", "2")])

    assert header_values(scope, "x-own") == ["1", "2"]


async def test_header_of_a_call_replaces_the_clients(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror, headers={"x-own": "0"}) as client:
        scope = await seen(client, headers={"X-Own": "1", "User-Agent": "mine"})

    assert (header_values(scope, "x-own"), header_values(scope, "user-agent")) == (["1"], ["mine"])


async def test_nothing_that_the_caller_has_passed_is_changed(open_client: OpenClient) -> None:
    headers, params, extensions = {"x-own": "1"}, {"a": "1"}, {"scope": {"user": "ann"}}
    subprotocols = ["chat"]

    async with open_client(websockets.mirror) as client:
        for _ in range(2):
            await seen(
                client,
                "/",
                subprotocols,
                headers=headers,
                params=params,
                extensions=extensions,
            )

    assert (headers, params, subprotocols) == ({"x-own": "1"}, {"a": "1"}, ["chat"])
    assert extensions == {"scope": {"user": "ann"}}


async def test_params_of_client_and_call_are_merged(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror, params={"a": "1"}) as client:
        merged = await seen(client, params={"b": ["2", "ü &"]})
        alone = await seen(client)

    assert (merged["query"], alone["query"]) == ("a=1&b=2&b=%C3%BC+%26", "a=1")


async def test_query_of_the_url_reaches_the_app(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror) as client:
        scope = await seen(client, "/room%20one?name=ü&x")

    assert (scope["path"], scope["raw_path"]) == ("/room one", "/room%20one")
    assert scope["query"] == "name=%C3%BC&x"


async def test_extensions_of_a_call_set_scope_and_target(open_client: OpenClient) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await accepting(scope["user"], scope["raw_path"])(scope, receive, send)

    extensions = {"scope": {"user": "ann"}, "target": b"/%zz"}
    async with (
        open_client(app) as client,
        client.websocket_connect("/", extensions=extensions) as session,
    ):
        received = [await session.receive_text(), await session.receive_bytes()]

    assert received == ["ann", b"/%zz"]


async def test_subprotocols_are_offered_in_scope_and_header(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror) as client:
        listed = await seen(client, "/", ["v2", "v1"])
        named = await seen(client, "/", subprotocols=("v2", "v1"))

    for scope in (listed, named):
        assert scope["subprotocols"] == ["v2", "v1"]
        assert header_values(scope, "sec-websocket-protocol") == ["v2, v1"]


# -- URLs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "url", "scheme", "server", "path"),
    [
        ("http://testserver", "/a", "ws", ["testserver", 80], "/a"),
        ("http://testserver", "a", "ws", ["testserver", 80], "/a"),
        ("http://testserver", "", "ws", ["testserver", 80], "/"),
        ("https://shop.example:8443/api", "/a", "wss", ["shop.example", 8443], "/api/a"),
        ("https://shop.example/api/", "a", "wss", ["shop.example", 443], "/api/a"),
        ("http://testserver/api", "ws://other:81/a", "ws", ["other", 81], "/a"),
        ("http://testserver", "wss://other/a", "wss", ["other", 443], "/a"),
        ("http://testserver", "http://other/a", "ws", ["other", 80], "/a"),
        ("http://testserver", "https://other:444/a", "wss", ["other", 444], "/a"),
        ("http://testserver", "WSS://other/a", "wss", ["other", 443], "/a"),
        ("http://testserver", "ws://other:443/a", "ws", ["other", 443], "/a"),
    ],
)
async def test_url_is_joined_to_base_url_unless_it_is_absolute(
    open_client: OpenClient, base_url: str, url: str, scheme: str, server: list[Any], path: str
) -> None:
    async with open_client(websockets.mirror, base_url=base_url) as client:
        scope = await seen(client, url)

    assert (scope["scheme"], scope["server"], scope["path"]) == (scheme, server, path)


async def test_port_of_the_host_header_is_left_out_where_it_is_the_schemes(
    open_client: OpenClient,
) -> None:
    async with open_client(websockets.mirror) as client:
        urls = ("ws://a:80/", "ws://a:81/", "wss://a:443/", "wss://a:80/")
        hosts = [header_values(await seen(client, url), "host") for url in urls]

    assert hosts == [["a"], ["a:81"], ["a"], ["a:80"]]


async def test_url_may_be_httpxs(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror) as client:
        scope = await seen(client, httpx.URL("wss://other/a?b=c"))

    assert (scope["scheme"], scope["path"], scope["query"]) == ("wss", "/a", "b=c")


async def test_root_path_of_the_client_stands_beside_the_path(open_client: OpenClient) -> None:
    async with open_client(websockets.mirror, root_path="/mount") as client:
        scope = await seen(client, "/a")

    assert (scope["root_path"], scope["path"]) == ("/mount", "/a")


# -- httpx's spelling ------------------------------------------------------------------------


async def test_websocket_is_httpxs_spelling_of_the_same(open_client: OpenClient) -> None:
    options = {
        "subprotocols": ["chat"],
        "params": {"a": "1"},
        "headers": {"x-own": "1"},
        "timeout": 5,
        "max_message_size_bytes": 1,
        "queue_size": 1,
        "keepalive_ping_interval_seconds": 0.001,
        "keepalive_ping_timeout_seconds": 0.001,
    }

    async with (
        open_client(websockets.mirror) as client,
        client.websocket("ws://testserver/a", **options) as session,
    ):
        scope = await session.receive_json()

    assert isinstance(
        getattr(session, "blocking", session),
        (asgi_testkit.WebSocketSession, asgi_testkit.AsyncWebSocketSession),
    )
    assert (scope["path"], scope["query"], scope["subprotocols"]) == ("/a", "a=1", ["chat"])
    assert header_values(scope, "x-own") == ["1"]


# -- redirects and hooks ----------------------------------------------------------------------


async def test_redirect_of_a_handshake_is_followed_where_the_call_says_so(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        moved = denies(307, [(b"location", b"/there")])
        await (moved if scope["path"] == "/here" else websockets.mirror)(scope, receive, send)

    async with open_client(app) as client:
        with pytest.raises(WebSocketDenialResponse, match="307 Temporary Redirect"):
            await seen(client, "/here")
        followed = await seen(client, "/here", follow_redirects=True)

    assert followed["path"] == "/there"


async def test_event_hooks_see_the_handshake_and_its_answer(open_client: OpenClient) -> None:
    log: list[str] = []

    def on_request(request: httpx.Request) -> None:
        log.append(f"{request.method} {request.url}")
        request.headers["x-hooked"] = "yes"

    def on_response(response: httpx.Response) -> None:
        log.append(f"{response.status_code} {response.headers['upgrade']}")

    async def on_request_async(request: httpx.Request) -> None:
        on_request(request)

    async def on_response_async(response: httpx.Response) -> None:
        on_response(response)

    hooks = (
        {"request": [on_request], "response": [on_response]}
        if open_client.is_blocking
        else {"request": [on_request_async], "response": [on_response_async]}
    )
    async with open_client(websockets.mirror, event_hooks=hooks) as client:
        scope = await seen(client, "/a")

    assert log == ["GET http://testserver/a", "101 websocket"]
    assert header_values(scope, "x-hooked") == ["yes"]


async def test_exception_of_a_response_hook_ends_the_app_call(open_client: OpenClient) -> None:
    log: list[Message] = []

    def refuse(response: httpx.Response) -> None:
        raise ValueError("of the hook")

    async def refuse_async(response: httpx.Response) -> None:
        refuse(response)

    hook = refuse if open_client.is_blocking else refuse_async
    app = websockets.logs_messages(log)
    async with open_client(app, event_hooks={"response": [hook]}) as client:
        with pytest.raises(ValueError, match="of the hook"):
            await seen(client)

        assert [message["type"] for message in log] == ["websocket.disconnect"]


# -- wrong arguments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "options", "error", "text"),
    [
        (("/", "chat"), {}, TypeError, r"subprotocols is the string 'chat'; .* \['chat'\]"),
        (("/",), {"subprotocol": "x"}, TypeError, r"websocket_connect\(\) got 'subprotocol'"),
        (("/",), {"json": {}}, TypeError, r"websocket_connect\(\) got 'json'"),
        (("/", ["a b"]), {}, ValueError, r"The subprotocol 'a b' is no token: one or more ASCII"),
        (("/", [""]), {}, ValueError, r"The subprotocol '' is no token"),
        (("/", [b"a"]), {}, ValueError, r"The subprotocol b'a' is no token"),
        (("/",), {"timeout": -1}, ValueError, r"timeout is -1; seconds from 0 up are wanted"),
        (("/",), {"timeout": "5"}, ValueError, r"timeout is '5'; seconds from 0 up are wanted"),
        (("ftp://a/",), {}, ValueError, r"'ftp://a/'; its scheme may be ws, wss, http or https"),
    ],
)
async def test_wrong_argument_is_a_usage_error_of_the_call(
    open_client: OpenClient,
    args: tuple[Any, ...],
    options: dict[str, Any],
    error: type[Exception],
    text: str,
) -> None:
    async with open_client(websockets.mirror) as client:
        for connect in (client.websocket_connect, client.websocket):
            if connect == client.websocket and len(args) > 1:
                continue  # httpx's subprotocols are named
            with pytest.raises(UsageError, match=text) as caught:
                connect(*args, **options)

            assert isinstance(caught.value, error)


async def test_subprotocols_may_come_from_an_iterator(open_client: OpenClient) -> None:
    async with open_client(websockets.echo) as client:
        offered: list[list[str]] = []
        for subprotocols in (iter(["a", "b"]), None):
            async with client.websocket_connect("/", subprotocols) as session:
                offered.append(session.scope["subprotocols"])

    assert offered == [["a", "b"], []]
