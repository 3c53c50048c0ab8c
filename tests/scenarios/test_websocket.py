"""What users do with WebSockets, spelled alike for every library."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect as StarlettesDisconnect

from asgi_testkit import UsageError, WebSocketDisconnect
from tests.apps import lives, raw, websockets
from tests.apps.mirror import header_values, replies
from tests.apps.raw import http_app
from tests.apps.websockets import accepting, close, closes, denies, mirror
from tests.scenarios.libraries import OpenAnyClient

COOKIES = [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Path=/")]


async def seen(client: Any, url: str = "/", *arguments: Any, **options: Any) -> dict[str, Any]:
    """Return the scope that the app has got."""
    async with client.websocket_connect(url, *arguments, **options) as session:
        scope: dict[str, Any] = await session.receive_json()
    return scope


async def enter(client: Any, url: str = "/", **options: Any) -> None:
    async with client.websocket_connect(url, **options):
        pass


# -- messages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["hello", "", "ü\U0001f40b", "x" * 100_000])
async def test_text_goes_to_and_fro(open_client: OpenAnyClient, text: str) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text(text)

        assert await session.receive_text() == text


@pytest.mark.parametrize("data", [b"hello", b"", b"\x00\xff", bytearray(b"buffer")])
async def test_bytes_go_to_and_fro(open_client: OpenAnyClient, data: bytes) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_bytes(data)

        assert await session.receive_bytes() == bytes(data)


@pytest.mark.parametrize("mode", ["text", "binary"])
async def test_json_goes_to_and_fro_in_either_mode(open_client: OpenAnyClient, mode: str) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_json({"a": [1, None]}, mode=mode)

        assert await session.receive_json(mode=mode) == {"a": [1, None]}


async def test_messages_go_to_and_fro_as_asgi_has_them(open_client: OpenAnyClient) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send({"type": "websocket.receive", "text": "raw"})

        assert await session.receive() == {"type": "websocket.send", "text": "raw"}


async def test_message_of_the_other_kind_is_refused_and_stays(open_client: OpenAnyClient) -> None:
    async with (
        open_client(accepting(b"bytes")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError, match=r"receive_text\(\) got a bytes message"):
            await session.receive_text()

        assert await session.receive_bytes() == b"bytes"


@pytest.mark.parametrize(
    ("method", "wrong"), [("send_text", b"bytes"), ("send_bytes", "text"), ("send", {"type": "x"})]
)
async def test_wrong_value_is_refused_and_the_session_goes_on(
    open_client: OpenAnyClient, method: str, wrong: Any
) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError):
            await getattr(session, method)(wrong)
        await session.send_text("after")

        assert await session.receive_text() == "after"


async def test_iteration_ends_when_the_app_closes(open_client: OpenAnyClient) -> None:
    async with (
        open_client(accepting("one", b"two", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        assert [message async for message in session] == ["one", b"two"]
        assert (session.close_code, session.close_reason) == (4001, "bye")


@pytest.mark.parametrize(
    ("method", "sent", "got"),
    [
        ("iter_text", ("1", "2"), ["1", "2"]),
        ("iter_bytes", (b"1", b"2"), [b"1", b"2"]),
        ("iter_json", ("1", "[2]"), [1, [2]]),
    ],
)
async def test_iteration_over_one_kind(
    open_client: OpenAnyClient, method: str, sent: tuple[Any, ...], got: list[Any]
) -> None:
    async with (
        open_client(accepting(*sent, then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        assert [message async for message in getattr(session, method)()] == got


# -- the handshake ----------------------------------------------------------------------------


async def test_app_chooses_a_subprotocol(open_client: OpenAnyClient) -> None:
    async with (
        open_client(accepting(subprotocol="log")) as client,
        client.websocket_connect("/", ["chat", "log"]) as session,
    ):
        assert (session.accepted_subprotocol, session.subprotocol) == ("log", "log")
        assert session.scope["subprotocols"] == ["chat", "log"]


async def test_no_subprotocol_is_offered_or_chosen_where_none_is_given(
    open_client: OpenAnyClient,
) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/") as session,
    ):
        assert (session.accepted_subprotocol, session.scope["subprotocols"]) == (None, [])


@pytest.mark.parametrize("wrong", ["chat", ["a b"], [""], 7])
async def test_subprotocols_that_are_none_are_refused(
    open_client: OpenAnyClient, wrong: Any
) -> None:
    async with open_client(accepting()) as client:
        with pytest.raises(UsageError, match=r"subprotocol"):
            client.websocket_connect("/", wrong)


async def test_headers_of_client_and_call_are_sent(open_client: OpenAnyClient) -> None:
    async with open_client(mirror, headers={"X-Client": "1", "X-Both": "client"}) as client:
        scope = await seen(client, headers={"X-Own": "2", "X-Both": "call"})

    names = ("x-client", "x-own", "x-both", "user-agent", "host")
    assert [header_values(scope, name) for name in names] == [
        *(["1"], ["2"], ["call"], ["testclient"], ["testserver"]),
    ]


async def test_handshake_has_the_headers_of_an_upgrade(open_client: OpenAnyClient) -> None:
    async with open_client(mirror) as client:
        scope = await seen(client, "/", ["chat", "log"])

    names = ("upgrade", "connection", "sec-websocket-version", "sec-websocket-protocol")
    assert [header_values(scope, name) for name in names] == [
        *(["websocket"], ["Upgrade"], ["13"], ["chat, log"]),
    ]


async def test_params_of_client_and_call_are_in_the_query(open_client: OpenAnyClient) -> None:
    async with open_client(mirror, params={"a": "1"}) as client:
        scope = await seen(client, "/room%2F1", params={"b": "2 3"})

    assert (scope["query"], scope["path"], scope["raw_path"]) == (
        *("a=1&b=2+3", "/room/1", "/room%2F1"),
    )


@pytest.mark.in_process_only("addresses and scheme of the scope are the server's")
@pytest.mark.parametrize(
    ("base_url", "url", "scheme", "server", "path"),
    [
        ("http://testserver", "/a", "ws", ["testserver", 80], "/a"),
        ("http://testserver", "a", "ws", ["testserver", 80], "/a"),
        ("https://shop.example:8443", "/a", "wss", ["shop.example", 8443], "/a"),
        ("http://testserver/v1", "/a", "ws", ["testserver", 80], "/v1/a"),
        ("http://testserver/v1", "ws://other:81/a", "ws", ["other", 81], "/a"),
        ("http://testserver", "wss://other/a", "wss", ["other", 443], "/a"),
        ("http://testserver", "https://other/a", "wss", ["other", 443], "/a"),
    ],
)
async def test_url_is_joined_to_base_url_unless_it_is_absolute(
    open_client: OpenAnyClient, base_url: str, url: str, scheme: str, server: list[Any], path: str
) -> None:
    async with open_client(mirror, base_url=base_url) as client:
        scope = await seen(client, url)

    assert (scope["scheme"], scope["server"], scope["path"]) == (scheme, server, path)


async def test_url_of_another_scheme_is_refused(open_client: OpenAnyClient) -> None:
    async with open_client(mirror) as client:
        with pytest.raises(UsageError, match="its scheme may be ws, wss, http or https"):
            client.websocket_connect("ftp://testserver/")


async def test_unknown_option_is_refused(open_client: OpenAnyClient) -> None:
    async with open_client(mirror) as client:
        with pytest.raises(TypeError, match=r"websocket_connect\(\) got 'wait'"):
            client.websocket_connect("/", wait=True)


async def test_basic_auth_of_client_and_call_is_sent(open_client: OpenAnyClient) -> None:
    async with open_client(mirror, auth=("ann", "secret")) as client:
        scopes = [await seen(client), await seen(client, auth=("bob", "other"))]

    sent = [header_values(scope, "authorization") for scope in scopes]
    assert sent == [["Basic YW5uOnNlY3JldA=="], ["Basic Ym9iOm90aGVy"]]


async def test_user_and_password_in_the_url_are_basic_auth(open_client: OpenAnyClient) -> None:
    async with open_client(mirror) as client:
        scope = await seen(client, "ws://ann:secret@testserver/room")

    assert header_values(scope, "authorization") == ["Basic YW5uOnNlY3JldA=="]
    assert header_values(scope, "host") == ["testserver"]


async def test_digest_auth_answers_a_denial_with_a_second_handshake(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(websockets.digest_guarded) as client:
        scope = await seen(client, "/room", auth=open_client.library.digest("ann", "secret"))

    assert scope["path"] == "/room"


@pytest.mark.in_process_only("servers add headers of their own")
async def test_session_knows_what_the_app_has_accepted_with(open_client: OpenAnyClient) -> None:
    headers = [(b"x-one", b"1"), (b"x-one", b"2")]

    async with (
        open_client(accepting(headers=headers), ignore_rules={"W18"}) as client,
        client.websocket_connect("/room") as session,
    ):
        assert session.extra_headers == headers
        assert (session.scope["path"], session.closed) == ("/room", False)


async def test_state_of_the_lifespan_is_in_the_scope(open_client: OpenAnyClient) -> None:
    app = lives.full([])

    async def with_life(scope: Any, receive: Any, send: Any) -> None:
        await (app if scope["type"] == "lifespan" else accepting())(scope, receive, send)

    async with open_client(with_life) as client, client.websocket_connect("/") as session:
        assert session.scope["state"] == {"name": "db", "shared": []}


# -- cookies ----------------------------------------------------------------------------------


@http_app
async def sets_cookies(scope: Any, receive: Any, send: Any) -> None:
    """Set cookies by HTTP, an accept or a denial; else show the scope."""
    if scope["type"] == "http":
        await raw.answer(send, b"set", headers=COOKIES)
        return
    chosen = {"/accept": accepting(headers=COOKIES), "/deny": denies(403, COOKIES)}
    await chosen.get(scope["path"], mirror)(scope, receive, send)


async def test_cookies_of_the_client_and_of_later_are_sent(open_client: OpenAnyClient) -> None:
    async with open_client(mirror, cookies={"a": "1"}) as client:
        first = await seen(client)
        client.cookies.set("b", "2")
        second = await seen(client)

    shown = [header_values(scope, "cookie") for scope in (first, second)]
    assert shown == [["a=1"], ["a=1; b=2"]]


async def test_cookies_of_a_call_are_sent_with_it_alone(open_client: OpenAnyClient) -> None:
    async with open_client(mirror) as client:
        scopes = [await seen(client, cookies={"c": "3"}), await seen(client)]

    assert [header_values(scope, "cookie") for scope in scopes] == [["c=3"], []]


async def test_secure_cookie_goes_over_wss_only(open_client: OpenAnyClient) -> None:
    secure = [(b"set-cookie", b"a=1; Path=/; Secure")]

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        is_http = scope["type"] == "http"
        await (replies(headers=secure) if is_http else mirror)(scope, receive, send)

    async with open_client(app, base_url="https://testserver") as client:
        await client.get("/")
        scopes = [await seen(client, url) for url in ("/", "ws://testserver/")]

    assert [header_values(scope, "cookie") for scope in scopes] == [["a=1"], []]


@pytest.mark.in_process_only(
    "Granian drops the headers of an accept, and panics at such a denial", over="granian"
)
@pytest.mark.parametrize("url", ["/http", "/accept", "/deny"])
async def test_cookies_that_the_app_has_set_go_with_the_handshake(
    open_client: OpenAnyClient, url: str
) -> None:
    async with open_client(sets_cookies, ignore_rules={"W18"}) as client:
        if url == "/http":
            await client.get("/")
        elif url == "/accept":
            await enter(client, url)
        else:
            with pytest.raises(open_client.library.denial, match="403"):
                await enter(client, url)
        scope = await seen(client)

    assert header_values(scope, "cookie") == ["a=1; b=2"]
    assert dict(client.cookies) == {"a": "1", "b": "2"}


# -- no WebSocket -----------------------------------------------------------------------------


async def test_close_instead_of_an_accept_is_raised_with_its_code(
    open_client: OpenAnyClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await close(send, 4403, "go away")

    async with open_client(app) as client:
        with pytest.raises(StarlettesDisconnect) as caught:
            await enter(client)

    assert isinstance(caught.value, WebSocketDisconnect)
    assert (caught.value.code, caught.value.reason) == (4403, "go away")


async def test_denial_is_raised_as_the_response_that_it_is(open_client: OpenAnyClient) -> None:
    headers = [(b"x-one", b"1"), (b"content-type", b"application/json")]

    async with open_client(denies(401, headers, (b'{"why": "who"}',))) as client:
        with pytest.raises(open_client.library.denial, match="HTTP 401 Unauthorized: ") as caught:
            await enter(client, "/room")

    denial: Any = caught.value
    assert (denial.status_code, denial.json(), denial.headers["X-One"]) == (
        401,
        {"why": "who"},
        "1",
    )
    assert (str(denial.request.url), denial.code) == ("http://testserver/room", 1006)
    assert isinstance(denial, WebSocketDisconnect)
    assert isinstance(denial, StarlettesDisconnect)


async def test_status_of_a_denial_is_raised_as_ever(open_client: OpenAnyClient) -> None:
    async with open_client(denies(403)) as client:
        with pytest.raises(open_client.library.denial, match="403 Forbidden, without a") as caught:
            await enter(client)

    denial: Any = caught.value
    with pytest.raises(open_client.library.status_error, match="403"):
        denial.raise_for_status()


async def test_redirect_is_followed_where_the_call_says_so(open_client: OpenAnyClient) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        moved = denies(307, [(b"location", b"/there")])
        await (moved if scope["path"] == "/here" else mirror)(scope, receive, send)

    async with open_client(app) as client:
        with pytest.raises(open_client.library.denial, match="HTTP 307"):
            await enter(client, "/here")
        scope = await seen(client, "/here", follow_redirects=True)

    assert scope["path"] == "/there"
