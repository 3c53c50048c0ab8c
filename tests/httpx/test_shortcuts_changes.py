# Generated from tests/httpx2/test_shortcuts_changes.py by scripts/write_httpx.py.
"""What changes between calls, or while one goes on, counts on the short way, too."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any

import httpx
import pytest

from asgi_testkit.httpx import TestClient
from asgi_testkit.httpx.cookies import VersionedJar
from asgi_testkit.httpx.urls import AbsoluteURLs
from tests.apps import mirror
from tests.apps.mirror import replies
from tests.apps.raw import App, http_app
from tests.httpx.modes import OpenClient


def bare(client: Any) -> Any:
    """Return the client itself, where the mode's is a facade."""
    return getattr(client, "blocking", client)


def counts_handshakes(seen: list[bytes]) -> App:
    """Return an app that gives every handshake another cookie, and notes those that come."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "websocket"
        seen.append(dict(scope["headers"]).get(b"cookie", b""))
        await receive()
        cookie = (b"set-cookie", b"count=%d" % len(seen))
        await send({"type": "websocket.accept", "headers": [cookie]})
        await receive()

    return app


async def test_each_handshake_sends_the_cookie_that_the_one_before_was_given(
    open_client: OpenClient,
) -> None:
    seen: list[bytes] = []

    async with open_client(counts_handshakes(seen), ignore_rules=["W18"]) as client:
        for _ in range(5):
            async with client.websocket_connect("/ws"):
                pass

    assert seen == [b"", b"count=1", b"count=2", b"count=3", b"count=4"]


async def test_handshake_with_all_options_left_to_the_client_is_a_handshake(
    open_client: OpenClient,
) -> None:
    seen: list[bytes] = []

    async with open_client(counts_handshakes(seen), ignore_rules=["W18"]) as client:
        connect = client.websocket_connect("/ws", follow_redirects=httpx.USE_CLIENT_DEFAULT)
        async with connect:
            pass

    assert seen == [b""]


def refuse_redirects(client: Any) -> None:
    client.max_redirects = -1


def shorten_timeout(client: Any) -> None:
    client.timeout.read = 1.5


def block_cookies(client: Any) -> None:
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))


async def outcome(client: Any) -> object:
    try:
        response = await client.get("/")
    except httpx.HTTPError as error:
        return type(error), error.request.url, error.request.headers.raw
    return response.json(), response.request.extensions


@pytest.mark.parametrize("change", [refuse_redirects, shorten_timeout, block_cookies])
@pytest.mark.parametrize("count", [1, 2, 3])
async def test_what_is_changed_in_place_counts(
    open_client: OpenClient, change: Callable[[Any], None], count: int
) -> None:
    found: list[object] = []
    for use_shortcuts in (True, False):
        async with open_client(mirror.mirror, cookies={"a": "1"}) as client:
            bare(client).use_shortcuts = use_shortcuts
            for _ in range(count):
                await client.get("/")
            change(bare(client))
            found.append(await outcome(client))

    assert found[0] == found[1]


async def test_shorter_timeout_of_the_same_object_ends_the_wait(open_client: OpenClient) -> None:
    is_silent = False

    @http_app
    async def falls_silent(scope: Any, receive: Any, send: Any) -> None:
        while is_silent:
            await receive()
        await replies()(scope, receive, send)

    async with open_client(falls_silent, timeout=60.0) as client:
        for _ in range(3):
            await client.get("/")
        is_silent, bare(client).timeout.read = True, 0.05
        with pytest.raises(httpx.ReadTimeout, match=r"0\.05"):
            await client.get("/")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_httpxs_error_that_the_app_raises_knows_the_request(
    open_client: OpenClient, method: str
) -> None:
    is_broken = False

    @http_app
    async def asks_another(scope: Any, receive: Any, send: Any) -> None:
        if is_broken:
            raise httpx.ConnectError("The other is gone.")
        await replies()(scope, receive, send)

    async with open_client(asks_another) as client:
        for _ in range(2):
            await client.get("/page")
        is_broken = True
        with pytest.raises(httpx.ConnectError, match="other is gone") as caught:
            await getattr(client, method.lower())("/page")

    assert (caught.value.request.method, caught.value.request.url.path) == (method, "/page")


def test_request_whose_hook_has_raised_reaches_the_app_when_it_is_sent_again() -> None:
    calls: list[str] = []

    def refuse(request: httpx.Request) -> None:
        raise ValueError(f"no {request.method}")

    @http_app
    async def adds_a_hook(scope: Any, receive: Any, send: Any) -> None:
        if not calls:
            client.event_hooks["request"] = [refuse]
        calls.append(scope["path"])
        await replies(200, [(b"set-cookie", b"a=1")])(scope, receive, send)

    client = TestClient(adds_a_hook)
    request = client.build_request("GET", "/")
    with pytest.raises(ValueError, match="no GET"):
        client.send(request)
    client.event_hooks["request"] = []

    client.send(request)

    assert calls == ["/", "/"]


def cookie(value: str) -> Cookie:
    jar = httpx.Cookies({"a": value}).jar
    return next(iter(jar))


def test_cookies_that_are_read_while_they_change_are_of_the_version_before() -> None:
    seen: list[tuple[object, list[str | None]]] = []

    class Slow(VersionedJar):
        def clear_expired_cookies(self) -> None:
            """Do nothing."""

        @property
        def version(self) -> object:
            return self._now

        @version.setter
        def version(self, value: object) -> None:
            seen.append((self._now, [one.value for one in self]))
            self._now = value

        _now: object = None

    jar = Slow()
    jar.set_cookie(cookie("1"))
    before = jar.version
    jar.set_cookie(cookie("2"))

    assert seen == [(None, ["1"]), (before, ["2"])]


def test_cookie_that_comes_while_a_request_is_built_is_in_the_next() -> None:
    seen: list[object] = []

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"]).get(b"cookie"))
        await replies()(scope, receive, send)

    client = TestClient(app, headers={"x-own": "no other client has built it"})
    plans = client._plans
    learn = plans.learn

    def learn_late(*arguments: Any, **named: Any) -> None:
        if not seen:
            other = threading.Thread(target=lambda: client.cookies.set("a", "1"))
            other.start()
            other.join()
        learn(*arguments, **named)

    plans.learn = learn_late  # type: ignore[method-assign]
    for _ in range(3):
        client.get("/")

    assert seen == [None, b"a=1", b"a=1"]


def test_what_a_client_has_built_is_sent_by_others_of_the_same_settings_only() -> None:
    seen: list[object] = []

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        seen.append((scope["path"], headers[b"host"], headers.get(b"x-a"), headers.get(b"cookie")))
        await replies()(scope, receive, send)

    TestClient(app, headers={"x-a": "1"}).get("/first")
    TestClient(app, headers={"x-a": "1"}).get("/same")
    TestClient(app, headers={"x-a": "2"}).get("/headers")
    TestClient(app, "http://b.test", headers={"x-a": "1"}).get("/host")
    TestClient(app, headers={"x-a": "1"}, cookies={"c": "3"}).get("/cookie")
    with_params = TestClient(app, headers={"x-a": "1"}, params={"p": "4"})
    with_params.get("/params")

    assert seen == [
        ("/first", b"testserver", b"1", None),
        ("/same", b"testserver", b"1", None),
        ("/headers", b"testserver", b"2", None),
        ("/host", b"b.test", b"1", None),
        ("/cookie", b"testserver", b"1", b"c=3"),
        ("/params", b"testserver", b"1", None),
    ]
    assert str(with_params.get("/again").url) == "http://testserver/again?p=4"


def test_urls_of_two_base_urls_are_not_mixed_up() -> None:
    first, second = httpx.URL("http://one.test/"), httpx.URL("http://two.test/")
    urls = AbsoluteURLs()

    found = [urls.find(base, "/a") for base in (first, second, first, second)]

    assert [str(url) for url in found] == ["http://one.test/a", "http://two.test/a"] * 2
