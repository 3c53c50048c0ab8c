"""Plain clients with one of our transports: streams, lifespan, and their own WebSocket sessions."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from wsproto.events import TextMessage

from asgi_testkit import (
    ASGITransport,
    AsyncTestClient,
    LifespanManager,
    StallError,
    SyncASGITransport,
    TestClient,
    UsageError,
)
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps import lives, mirror, raw, websockets
from tests.apps.raw import Gate
from tests.apps.websockets import accepting
from tests.httpx2.sessions import (
    WebSocketDisconnect,
    WebSocketUpgradeError,
    connect,
    connect_async,
)
from tests.modes import ASYNC_MODES, FacadeSession, OpenClient

HANDSHAKE = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-key": "AA=="}
BASE = "http://testserver"

async_only = pytest.mark.parametrize("open_client", ASYNC_MODES, indirect=True)


@asynccontextmanager
async def plain_session(
    mode: OpenClient, app: Any, url: str = "ws://testserver/", **options: Any
) -> AsyncIterator[Any]:
    """Open a session of the library's own, on a plain client."""
    if mode.is_blocking:
        transport = SyncASGITransport(app, driver=mode.mode)  # type: ignore[arg-type]
        with (
            httpx2.Client(transport=transport, base_url=BASE) as client,
            connect(client, url, **options) as session,
        ):
            yield FacadeSession(session)
    else:
        async with (
            httpx2.AsyncClient(transport=ASGITransport(app), base_url=BASE) as plain,
            connect_async(plain, url, **options) as session,
        ):
            yield session


def raises(error: BaseException) -> Any:
    """Return an app that accepts and raises `error` at the first message."""

    async def then(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise error

    return accepting(then=then)


async def ask(session: Any) -> None:
    await session.send_text("now")
    await session.receive_text()


async def ask_in_a_session(mode: OpenClient, app: Any) -> None:
    async with plain_session(mode, app) as session:
        await ask(session)


async def fail_after_asking(mode: OpenClient, app: Any) -> None:
    """Let the app fail, and the test after it."""
    async with plain_session(mode, app) as session:
        with pytest.raises(WebSocketDisconnect):
            await ask(session)
        raise AssertionError("the test's own")


def only_leaf(error: BaseException) -> BaseException:
    """Return what stands alone in groups, as async sessions raise it."""
    while isinstance(error, BaseExceptionGroup):
        (error,) = error.exceptions
    return error


# -- messages ---------------------------------------------------------------------------------


async def test_text_bytes_and_json_come_back(open_client: OpenClient) -> None:
    async with plain_session(open_client, websockets.echo) as session:
        await session.send_text("grüß dich")
        text = await session.receive_text()
        await session.send_bytes(b"\x00\xff")
        data = await session.receive_bytes()
        await session.send_json({"a": [1]})
        value = await session.receive_json()

    assert (text, data, value) == ("grüß dich", b"\x00\xff", {"a": [1]})


async def test_url_may_be_relative_and_the_scope_is_that_of_a_websocket(
    open_client: OpenClient,
) -> None:
    async with plain_session(open_client, websockets.mirror, "/a?b=1") as session:
        seen = await session.receive_json()

    assert (seen["scheme"], seen["path"], seen["query"]) == ("ws", "/a", "b=1")


async def test_subprotocol_of_the_accept_is_in_the_101(open_client: OpenClient) -> None:
    app = accepting(subprotocol="v2")

    async with plain_session(open_client, app, subprotocols=["v1", "v2"]) as session:
        response = session.response

    assert (response.status_code, session.subprotocol) == (101, "v2")
    assert response.headers["sec-websocket-accept"]


async def test_fragments_are_one_message(open_client: OpenClient) -> None:
    async with plain_session(open_client, websockets.echo) as session:
        await session.send(TextMessage("one ", message_finished=False))
        await session.send(TextMessage("message"))
        whole = await session.receive_text()

    assert whole == "one message"


async def test_large_message_comes_whole(open_client: OpenClient) -> None:
    text = "ä" * 100_000
    size = {"max_message_size_bytes": 300_000}

    async with plain_session(open_client, accepting(text), **size) as session:
        came = await session.receive_text()

    assert came == text


async def test_ping_is_answered_while_the_app_is_silent(open_client: OpenClient) -> None:
    async with plain_session(open_client, accepting()) as session:
        pong = await session.ping()
        answered = pong.wait(5) if open_client.is_blocking else await pong.wait()

    assert answered is not False


# -- the end ----------------------------------------------------------------------------------


async def test_close_of_the_app_is_seen_with_code_and_reason(open_client: OpenClient) -> None:
    async with plain_session(open_client, accepting("one", then=websockets.closes)) as session:
        assert await session.receive_text() == "one"
        with pytest.raises(WebSocketDisconnect) as closed:
            await session.receive_text()

    assert (closed.value.code, closed.value.reason) == (4001, "bye")


async def test_app_sees_the_close_of_the_session(open_client: OpenClient) -> None:
    log: list[Message] = []

    async with plain_session(open_client, websockets.logs_messages(log)) as session:
        await session.send_text("last")
        await session.close(4002, "enough")

    assert [message["type"] for message in log[-2:]] == [
        "websocket.receive",
        "websocket.disconnect",
    ]
    assert (log[-1]["code"], log[-1]["reason"]) == (4002, "enough")


async def test_leaving_closes_with_1000_and_leaves_no_thread(open_client: OpenClient) -> None:
    log: list[Message] = []
    before = set(threading.enumerate())

    async with plain_session(open_client, websockets.logs_messages(log)):
        pass

    assert log[-1]["code"] == 1000
    left = set(threading.enumerate()) - before
    for thread in left:
        if "ThreadPoolExecutor" in thread.name:
            thread.join(5)
            assert not thread.is_alive()


async def test_dropped_line_is_1006(open_client: OpenClient) -> None:
    log: list[Message] = []

    async with plain_session(open_client, websockets.logs_messages(log)) as session:
        stream = session.stream
        stream.close() if open_client.is_blocking else await stream.aclose()

    assert log[-1]["code"] == 1006


# -- refusals and failures --------------------------------------------------------------------


async def test_denial_is_a_response_with_its_body(open_client: OpenClient) -> None:
    app = websockets.denies(401, [(b"x-a", b"1")], (b"who are you?",))

    with pytest.raises(WebSocketUpgradeError) as denied:
        async with plain_session(open_client, app):
            pytest.fail("entered")

    response = denied.value.response
    assert (response.status_code, response.headers["x-a"]) == (401, "1")
    assert response.text == "who are you?"


async def test_close_before_the_accept_is_a_403_that_knows_the_code(
    open_client: OpenClient,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await websockets.closes(scope, receive, send)

    with pytest.raises(WebSocketUpgradeError) as refused:
        async with plain_session(open_client, app):
            pytest.fail("entered")

    response = refused.value.response
    facts = response.extensions["asgi_testkit"]
    assert (response.status_code, facts.exception.code) == (403, 4001)


async def test_exception_before_the_accept_is_raised_bare(open_client: OpenClient) -> None:
    error = ZeroDivisionError("early")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    with pytest.raises(ZeroDivisionError, match="early") as raised:
        async with plain_session(open_client, app):
            pytest.fail("entered")

    assert raised.value is error


async def test_exception_after_the_accept_is_raised_bare_instead_of_the_close_it_made(
    open_client: OpenClient,
) -> None:
    error = ZeroDivisionError("late")

    with pytest.raises(ZeroDivisionError, match="late") as raised:
        await ask_in_a_session(open_client, raises(error))

    assert raised.value is error


async def test_exception_that_no_reader_waited_for_is_raised_by_leaving(
    open_client: OpenClient,
) -> None:
    error = ZeroDivisionError("late")

    with pytest.raises(ZeroDivisionError, match="late") as raised:
        async with plain_session(open_client, raises(error)) as session:
            await session.send_text("now")

    assert raised.value is error


async def test_error_of_the_test_stays_what_is_seen_and_notes_that_of_the_app(
    open_client: OpenClient,
) -> None:
    with pytest.raises((AssertionError, BaseExceptionGroup)) as raised:
        await fail_after_asking(open_client, raises(ZeroDivisionError("late")))

    assert str(only_leaf(raised.value)) == "the test's own"
    assert "ZeroDivisionError('late')" in str(raised.value.__notes__)


async def test_app_that_does_not_answer_is_a_read_timeout(open_client: OpenClient) -> None:
    with pytest.raises(httpx2.ReadTimeout, match="has not answered") as stalled:
        async with plain_session(open_client, raw.waits_for_ever, timeout=0.2):
            pytest.fail("entered")

    assert isinstance(stalled.value, StallError)


def test_websocket_without_wsproto_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wsproto.connection", None)
    client = httpx2.Client(transport=SyncASGITransport(websockets.echo), base_url=BASE)

    with (
        pytest.raises(UsageError, match="wsproto, which is not installed"),
        client.stream("GET", "/", headers=HANDSHAKE),
    ):
        pytest.fail("entered")


def test_upgrade_inside_an_except_block_is_left_as_anywhere() -> None:
    client = httpx2.Client(transport=SyncASGITransport(accepting()), base_url=BASE)

    try:
        raise ValueError("handled")
    except ValueError as handled:
        with client.stream("GET", "/", headers=HANDSHAKE) as response:
            assert response.status_code == 101
        notes = getattr(handled, "__notes__", [])

    assert notes == []


# -- our own clients --------------------------------------------------------------------------


def test_session_of_the_library_talks_to_our_client() -> None:
    with TestClient(websockets.echo) as client, connect(client, "/") as session:
        session.send_text("hi")

        assert session.receive_text() == "hi"


@async_only
async def test_async_session_of_the_library_talks_to_our_client(open_client: OpenClient) -> None:
    async with AsyncTestClient(websockets.echo) as client, connect_async(client, "/") as session:
        await session.send_text("hi")
        assert await session.receive_text() == "hi"


def test_get_with_upgrade_headers_stays_a_request_of_our_client() -> None:
    with TestClient(mirror.mirror) as client:
        response = client.get("/", headers=HANDSHAKE)

    assert (response.status_code, response.json()["method"]) == (200, "GET")


# -- streams and lifespan ---------------------------------------------------------------------


@async_only
async def test_piece_is_in_hand_while_the_app_waits(open_client: OpenClient) -> None:
    gate = Gate()
    transport = ASGITransport(raw.two_pieces_with_a_gate_between(gate))

    async with (
        httpx2.AsyncClient(transport=transport, base_url=BASE) as client,
        client.stream("GET", "/") as response,
    ):
        pieces = response.aiter_raw()
        first = await anext(pieces)
        await gate.open()
        rest = [piece async for piece in pieces]

    assert (first, rest) == (b"one", [b"two"])


@async_only
async def test_plain_async_client_shares_the_state_of_a_lifespan_manager(
    open_client: OpenClient,
) -> None:
    log: list[str] = []

    async with (
        LifespanManager(lives.living(lives.full(log))) as manager,
        httpx2.AsyncClient(transport=ASGITransport(manager.app), base_url=BASE) as client,
    ):
        first, second = [(await client.get(path)).json() for path in ("/a", "/b")]

    assert (first["shared"], second["shared"]) == ([], ["/a"])
    assert log == ["lifespan.startup", "lifespan.shutdown"]


def test_plain_client_shares_the_state_of_a_lifespan_manager() -> None:
    log: list[str] = []

    with (
        LifespanManager(lives.living(lives.full(log))) as manager,
        httpx2.Client(transport=SyncASGITransport(manager.app), base_url=BASE) as client,
    ):
        first, second = [client.get(path).json() for path in ("/a", "/b")]

    assert (first["shared"], second["shared"]) == ([], ["/a"])
    assert log == ["lifespan.startup", "lifespan.shutdown"]
