"""WebSockets of requests' client: the handshake is a request of the session."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth
from starlette.websockets import WebSocketDisconnect as StarletteDisconnect

from asgi_testkit import StallError, UsageError, WebSocketDisconnect
from asgi_testkit.requests import ASGIAdapter, TestClient, WebSocketDenialResponse
from asgi_testkit.types import Receive, Scope, Send
from tests.apps import raw, websockets
from tests.apps.mirror import header_values
from tests.apps.raw import Gate, http_app
from tests.requests.conftest import Enter


def seen(client: TestClient, url: str = "/", *args: Any, **options: Any) -> dict[str, Any]:
    """Return the scope that the app has got."""
    with client.websocket_connect(url, *args, **options) as session:
        found: dict[str, Any] = session.receive_json()
    return found


def denies(status: int = 403, body: bytes = b"no", *headers: tuple[bytes, bytes]) -> raw.App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})

    return app


def test_messages_go_to_and_fro(enter: Enter) -> None:
    with enter(websockets.echo).websocket_connect("/") as session:
        session.send_text("text")
        session.send_bytes(b"bytes")
        session.send_json({"a": [1]})

        received = session.receive_text(), session.receive_bytes(), session.receive_json()

    assert received == ("text", b"bytes", {"a": [1]})


def test_the_handshake_takes_what_get_takes(enter: Enter) -> None:
    client = enter(websockets.mirror, headers={"X-Client": "1"}, cookies={"a": "1"})

    scope = seen(
        client,
        "/chat?b=1",
        ["chat", "log"],
        params={"c": "2"},
        headers={"X-Own": "2"},
        cookies={"d": "4"},
        auth=("ann", "secret"),
        verify=False,
        proxies={"http": "http://nowhere.test"},
    )

    assert (scope["path"], scope["query"]) == ("/chat", "b=1&c=2")
    names = ("x-client", "x-own", "cookie", "authorization", "sec-websocket-protocol", "upgrade")
    assert [header_values(scope, name) for name in names] == [
        *(["1"], ["2"], ["a=1; d=4"], ["Basic YW5uOnNlY3JldA=="], ["chat, log"], ["websocket"]),
    ]
    assert (scope["subprotocols"], header_values(scope, "connection")) == (
        ["chat", "log"],
        ["Upgrade"],
    )


@pytest.mark.parametrize(
    ("base_url", "url", "scheme", "server", "path"),
    [
        ("http://testserver", "a", "ws", ["testserver", 80], "/a"),
        ("https://shop.example:8443/api", "/a", "wss", ["shop.example", 8443], "/api/a"),
        ("http://testserver/api", "ws://other:81/a", "ws", ["other", 81], "/a"),
        ("http://testserver", "WSS://other/a", "wss", ["other", 443], "/a"),
    ],
)
def test_url_is_put_behind_base_url_unless_it_is_absolute(
    enter: Enter, base_url: str, url: str, scheme: str, server: list[Any], path: str
) -> None:
    scope = seen(enter(websockets.mirror, base_url=base_url), url)

    assert (scope["scheme"], scope["server"], scope["path"]) == (scheme, server, path)


def test_cookies_of_the_handshake_are_kept_and_hooks_see_its_response(enter: Enter) -> None:
    statuses: list[int] = []
    app = websockets.accepting(headers=[(b"set-cookie", b"a=1")], subprotocol="chat")
    hooks = {"response": lambda r, **_: statuses.append(r.status_code)}
    client = enter(app, hooks=hooks, ignore_rules={"W18"})

    with client.websocket_connect("/", ["chat"]) as session:
        assert session.accepted_subprotocol == "chat"

    assert (dict(client.cookies), statuses) == ({"a": "1"}, [101])


def test_a_close_instead_of_an_accept_is_a_disconnect_with_its_code(enter: Enter) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await websockets.close(send, 4403, "go away")

    with (
        pytest.raises(StarletteDisconnect) as caught,
        enter(app).websocket_connect("/"),
    ):
        pass

    assert (caught.value.code, caught.value.reason) == (4403, "go away")


def test_a_denial_is_the_response_itself(enter: Enter) -> None:
    client = enter(denies(401, b'{"why": "who"}', (b"set-cookie", b"a=1"), (b"x-a", b"1")))

    with (
        pytest.raises(WebSocketDenialResponse, match="HTTP 401 Unauthorized: ") as caught,
        client.websocket_connect("/"),
    ):
        pass

    denial = caught.value
    assert (denial.status_code, denial.json(), denial.headers["x-a"]) == (401, {"why": "who"}, "1")
    assert (denial.code, denial.request.method, dict(client.cookies)) == (1006, "GET", {"a": "1"})
    assert isinstance(denial, requests.Response)
    assert isinstance(denial, WebSocketDisconnect)
    assert isinstance(denial, StarletteDisconnect)


def test_a_denial_can_be_pickled_and_is_true(enter: Enter) -> None:
    with pytest.raises(WebSocketDenialResponse) as caught, enter(denies()).websocket_connect("/"):
        pass

    copy = pickle.loads(pickle.dumps(caught.value))

    assert (copy.status_code, copy.text, copy.code, bool(copy)) == (403, "no", 1006, True)


def test_a_redirect_is_followed_where_the_call_says_so(enter: Enter) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        moved = denies(307, b"", (b"location", b"/there"))
        chosen = moved if scope["path"] == "/here" else websockets.mirror
        await chosen(scope, receive, send)

    client = enter(app)

    with (
        pytest.raises(WebSocketDenialResponse, match="HTTP 307"),
        client.websocket_connect("/here"),
    ):
        pass
    assert seen(client, "/here", allow_redirects=True)["path"] == "/there"


def test_digest_auth_answers_the_denial_with_a_second_handshake(enter: Enter) -> None:
    with enter(websockets.digest_guarded).websocket_connect(
        "/", auth=HTTPDigestAuth("ann", "secret")
    ) as session:
        assert session.receive_text()


def test_an_exception_of_the_app_is_raised_as_it_is(enter: Enter) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("no such shelf")

    with pytest.raises(LookupError, match="no such shelf"), enter(app).websocket_connect("/"):
        pass


def test_an_error_of_a_hook_leaves_the_websocket(enter: Enter) -> None:
    def fail(response: requests.Response, **_: Any) -> None:
        raise LookupError("hook")

    with (
        pytest.raises(LookupError, match="hook"),
        enter(websockets.echo).websocket_connect("/", hooks={"response": fail}),
    ):
        pass


def test_silence_instead_of_an_answer_is_a_read_timeout(enter: Enter) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Gate().wait()

    with (
        pytest.raises(requests.ReadTimeout, match="has not answered") as caught,
        enter(app, grace=0).websocket_connect("/", timeout=0.2),
    ):
        pass

    assert isinstance(caught.value, StallError)


def test_timeout_of_the_call_counts_for_its_messages(enter: Enter) -> None:
    with (
        enter(websockets.echo).websocket_connect("/", timeout=(1, 0.01)) as session,
        pytest.raises(StallError),
    ):
        session.receive_text()


@pytest.mark.parametrize(
    ("args", "options", "text"),
    [
        (("ftp://x",), {}, "its scheme may be ws, wss, http or https"),
        (("/", "chat"), {}, "subprotocols is the string 'chat'"),
        (("/",), {"extensions": {}}, "websocket_connect() got 'extensions'. It takes: subproto"),
        (("/",), {"timeout": "1"}, "timeout is '1'; a number of seconds is wanted"),
    ],
)
def test_a_wrong_argument_is_refused(
    enter: Enter, args: tuple[Any, ...], options: dict[str, Any], text: str
) -> None:
    with pytest.raises(UsageError) as caught:
        enter(websockets.echo).websocket_connect(*args, **options)

    assert text in str(caught.value)


def test_websockets_of_a_mounted_app_are_its_own(enter: Enter) -> None:
    client = enter(raw.hello)
    client.mount("http://testserver/other", ASGIAdapter(websockets.echo))
    client.mount("http://network.test", requests.adapters.HTTPAdapter())

    with client.websocket_connect("/other") as session:
        session.send_text("other")
        assert session.receive_text() == "other"
    with (
        pytest.raises(UsageError, match="mounted there is HTTPAdapter"),
        client.websocket_connect("ws://network.test/"),
    ):
        pass


def test_an_upgrade_that_is_not_made_by_websocket_connect_is_a_request(enter: Enter) -> None:
    response = enter(websockets.echo).get("/x", headers={"upgrade": "websocket"})

    assert (response.status_code, response.text) == (200, "/x")
