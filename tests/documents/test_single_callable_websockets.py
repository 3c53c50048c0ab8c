"""WebSockets of Starlette's current version: the second document's lines, by our clients."""

from __future__ import annotations

from typing import Any

import pytest
import starlette.websockets
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from asgi_testkit import AsyncTestClient, TestClient, WebSocketDenialResponse


async def greet(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("Hello, world!")
    await websocket.close()


async def echo(websocket: WebSocket) -> None:
    """Send back one message of each kind."""
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.send_bytes(await websocket.receive_bytes())
    await websocket.send_json(await websocket.receive_json())
    await websocket.send_json(await websocket.receive_json(mode="binary"), mode="binary")
    await websocket.close()


async def show_query(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_json(dict(websocket.query_params))
    await websocket.close()


async def fail(websocket: WebSocket) -> None:
    await websocket.accept()
    raise LookupError("no such shelf")


async def refuse(websocket: WebSocket) -> None:
    await websocket.close(4403, "members only")


async def deny(websocket: WebSocket) -> None:
    raise HTTPException(401, "who?", headers={"www-authenticate": "Basic"})


async def leave(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close(4001, "bye")


app = Starlette(
    routes=[
        WebSocketRoute("/", greet),
        WebSocketRoute("/echo", echo),
        WebSocketRoute("/query", show_query),
        WebSocketRoute("/fail", fail),
        WebSocketRoute("/refuse", refuse),
        WebSocketRoute("/deny", deny),
        WebSocketRoute("/leave", leave),
    ]
)


BLOCKING: tuple[Any, ...] = (
    {},
    {"driver": "inline"},
    {"backend_options": {"use_uvloop": True}},
    {"driver": "inline", "backend_options": {"use_uvloop": True}},
    {"backend": "trio"},
)


@pytest.fixture(params=BLOCKING, ids=str)
def client(request: pytest.FixtureRequest) -> TestClient:
    """A client that is not entered, as in the document."""
    return TestClient(app, **request.param)


def test_greeting_is_received(client: TestClient) -> None:
    with client.websocket_connect("/") as websocket:
        assert websocket.receive_text() == "Hello, world!"


def test_greeting_is_received_inside_a_with_block(client: TestClient) -> None:
    with client, client.websocket_connect("/") as websocket:
        assert websocket.receive_text() == "Hello, world!"


def test_data_of_every_kind_is_sent_and_received(client: TestClient) -> None:
    with client.websocket_connect("/echo") as websocket:
        websocket.send_text("hello")
        websocket.send_bytes(b"hello")
        websocket.send_json({"a": 1})
        websocket.send_json({"a": 2}, mode="binary")

        assert websocket.receive_text() == "hello"
        assert websocket.receive_bytes() == b"hello"
        assert websocket.receive_json() == {"a": 1}
        assert websocket.receive_json(mode="binary") == {"a": 2}


def test_query_is_part_of_the_url(client: TestClient) -> None:
    with client.websocket_connect("/query?name=ada") as websocket:
        assert websocket.receive_json() == {"name": "ada"}


def test_exception_of_the_endpoint_is_raised_where_something_waits(client: TestClient) -> None:
    with (
        pytest.raises(LookupError, match="no such shelf"),
        client.websocket_connect("/fail") as websocket,
    ):
        websocket.receive_text()


def test_exception_of_the_endpoint_is_raised_though_nothing_waits(client: TestClient) -> None:
    with pytest.raises(LookupError, match="no such shelf"), client.websocket_connect("/fail"):
        pass


def test_endpoint_that_does_not_accept_raises_starlettes_disconnect(client: TestClient) -> None:
    with (
        pytest.raises(starlette.websockets.WebSocketDisconnect, match="4403") as caught,
        client.websocket_connect("/refuse"),
    ):
        pass

    assert (caught.value.code, caught.value.reason) == (4403, "members only")


def test_unknown_path_raises_starlettes_disconnect(client: TestClient) -> None:
    with (
        pytest.raises(starlette.websockets.WebSocketDisconnect, match="before it accepted"),
        client.websocket_connect("/unknown"),
    ):
        pass


def test_http_exception_of_the_endpoint_is_a_denial(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDenialResponse, match=r"401 Unauthorized: 'who\?'") as caught,
        client.websocket_connect("/deny"),
    ):
        pass

    assert caught.value.headers["www-authenticate"] == "Basic"


@pytest.mark.parametrize("method", ["receive_text", "receive_bytes", "receive_json"])
def test_close_of_the_endpoint_is_starlettes_disconnect(client: TestClient, method: str) -> None:
    with (
        client.websocket_connect("/leave") as websocket,
        pytest.raises(starlette.websockets.WebSocketDisconnect, match="4001") as caught,
    ):
        getattr(websocket, method)()

    assert (caught.value.code, caught.value.reason) == (4001, "bye")


@pytest.mark.asyncio
async def test_async_client_receives_the_greeting_in_the_tests_own_loop() -> None:
    async with AsyncTestClient(app) as client, client.websocket_connect("/") as websocket:
        assert await websocket.receive_text() == "Hello, world!"


@pytest.mark.asyncio
async def test_async_client_sends_and_receives_data_of_every_kind() -> None:
    async with AsyncTestClient(app) as client, client.websocket_connect("/echo") as websocket:
        await websocket.send_text("hello")
        await websocket.send_bytes(b"hello")
        await websocket.send_json({"a": 1})
        await websocket.send_json({"a": 2}, mode="binary")

        assert await websocket.receive_text() == "hello"
        assert await websocket.receive_bytes() == b"hello"
        assert await websocket.receive_json() == {"a": 1}
        assert await websocket.receive_json(mode="binary") == {"a": 2}
