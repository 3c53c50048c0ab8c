"""The types of what the clients' methods return."""

from __future__ import annotations

from typing import Any, assert_type

import httpx
import httpx2
import requests

import asgi_testkit
import asgi_testkit.httpx
import asgi_testkit.requests
from asgi_testkit import (
    AsyncExchange,
    AsyncWebSocketSession,
    EventSource,
    Exchange,
    LifespanManager,
    Transcript,
    Violation,
    WebSocketSession,
)


class ShopClient(asgi_testkit.TestClient):
    """A client of one's own."""


async def double(number: int) -> int:
    return 2 * number


def blocking(client: asgi_testkit.TestClient, shop: ShopClient) -> None:
    assert_type(client.get("/"), httpx2.Response)
    assert_type(client.post("/", json={}), httpx2.Response)
    assert_type(client.run(double, 2), int)
    assert_type(client.new_client(), asgi_testkit.TestClient)
    assert_type(shop.new_client(), ShopClient)
    assert_type(client.transcript, Transcript)
    with client as entered:
        assert_type(entered, asgi_testkit.TestClient)
    with client.stream("GET", "/") as response:
        assert_type(response, httpx2.Response)
    with client.websocket_connect("/") as session:
        assert_type(session, WebSocketSession)
    with client.sse("/") as events:
        assert_type(events, EventSource)
        assert_type(next(events), httpx2.ServerSentEvent)
    with client.exchange("POST", "/") as exchange:
        assert_type(exchange, Exchange)
        assert_type(exchange.response, httpx2.Response)
        assert_type(next(exchange), bytes)


async def awaited(client: asgi_testkit.AsyncTestClient) -> None:
    assert_type(await client.get("/"), httpx2.Response)
    assert_type(await client.run(double, 2), int)
    assert_type(client.new_client(), asgi_testkit.AsyncTestClient)
    async with client as entered:
        assert_type(entered, asgi_testkit.AsyncTestClient)
    async with client.stream("GET", "/") as response:
        assert_type(response, httpx2.Response)
    async with client.websocket_connect("/") as session:
        assert_type(session, AsyncWebSocketSession)
        assert_type(await session.receive_text(), str)
    async with client.sse("/") as events:
        assert_type(events, EventSource)
        assert_type(await anext(events), httpx2.ServerSentEvent)
    async with client.exchange("POST", "/") as exchange:
        assert_type(exchange, AsyncExchange)
        assert_type(await exchange.response, httpx2.Response)


def sessions(session: WebSocketSession) -> None:
    assert_type(session.receive_text(timeout=1), str)
    assert_type(session.receive_bytes(), bytes)
    assert_type(session.receive(), dict[str, Any])
    assert_type(session.accepted_subprotocol, str | None)
    assert_type(session.close_code, int | None)
    for message in session.iter_text():
        assert_type(message, str)


def with_httpx(client: asgi_testkit.httpx.TestClient) -> None:
    assert_type(client.get("/"), httpx.Response)
    assert_type(client.run(double, 2), int)
    assert_type(client.new_client(), asgi_testkit.httpx.TestClient)
    with client as entered, client.stream("GET", "/") as response:
        assert_type(entered, asgi_testkit.httpx.TestClient)
        assert_type(response, httpx.Response)
    with client.websocket_connect("/") as session:
        assert_type(session, WebSocketSession)


async def awaited_with_httpx(client: asgi_testkit.httpx.AsyncTestClient) -> None:
    assert_type(await client.get("/"), httpx.Response)
    assert_type(await client.run(double, 2), int)
    async with client as entered, client.stream("GET", "/") as response:
        assert_type(entered, asgi_testkit.httpx.AsyncTestClient)
        assert_type(response, httpx.Response)
    async with client.websocket_connect("/") as session:
        assert_type(session, AsyncWebSocketSession)


def with_requests(client: asgi_testkit.requests.TestClient) -> None:
    assert_type(client.get("/", stream=True), requests.Response)
    assert_type(client.run(double, 2), int)
    assert_type(client.new_client(), asgi_testkit.requests.TestClient)
    with client as entered, client.websocket_connect("/") as session:
        assert_type(entered, asgi_testkit.requests.TestClient)
        assert_type(session, WebSocketSession)


async def others(manager: LifespanManager) -> None:
    assert_type(asgi_testkit.check(manager.app), list[Violation])
    with manager as entered:
        assert_type(entered, LifespanManager)
        assert_type(entered.state, dict[str, Any])
    async with manager as entered_async:
        assert_type(entered_async, LifespanManager)
