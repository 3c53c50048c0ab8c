"""Mocks of outgoing HTTP beside our clients; run by pytest in a process of its own."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
import pytest
import requests
import responses
import respx
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

import asgi_testkit
import asgi_testkit.httpx
import asgi_testkit.requests

BANK = "https://bank.test/rate"

app = FastAPI()


@app.get("/by/httpx")
async def by_httpx() -> int:
    async with httpx.AsyncClient() as bank:
        return int((await bank.get(BANK)).text)


@app.get("/by/httpx2")
async def by_httpx2() -> int:
    async with httpx2.AsyncClient() as bank:
        return int((await bank.get(BANK)).text)


@app.get("/by/requests")
async def by_requests() -> int:
    return int((await run_in_threadpool(requests.get, BANK)).text)


BLOCKING = [
    asgi_testkit.TestClient,
    asgi_testkit.httpx.TestClient,
    asgi_testkit.requests.TestClient,
]
ASYNC = [asgi_testkit.AsyncTestClient, asgi_testkit.httpx.AsyncTestClient]


def ask(client_class: Any, path: str) -> int:
    """Ask twice: the first of two equal requests takes the library's own way, the second ours."""
    with client_class(app) as client:
        first, second = client.get(path), client.get(path, headers={"x": "y"})
    assert first.json() == second.json()
    return first.json()


async def ask_async(client_class: Any, path: str) -> int:
    async with client_class(app) as client:
        return (await client.get(path)).json()


each_client = pytest.mark.parametrize("client_class", BLOCKING)
each_async_client = pytest.mark.parametrize("client_class", ASYNC)


@each_client
def test_respx(client_class: Any) -> None:
    with respx.mock() as mock:
        mock.get(BANK).respond(text="7")

        assert ask(client_class, "/by/httpx") == 7
        assert [str(call.request.url) for call in mock.calls] == [BANK, BANK]


@each_async_client
@pytest.mark.anyio
async def test_respx_async(client_class: Any) -> None:
    with respx.mock() as mock:
        mock.get(BANK).respond(text="7")

        assert await ask_async(client_class, "/by/httpx") == 7
        assert [str(call.request.url) for call in mock.calls] == [BANK]


@each_client
def test_pytest_httpx(client_class: Any, httpx_mock: Any) -> None:
    httpx_mock.add_response(url=BANK, text="7", is_reusable=True)

    assert ask(client_class, "/by/httpx") == 7

    assert [str(request.url) for request in httpx_mock.get_requests()] == [BANK, BANK]


@each_async_client
@pytest.mark.anyio
async def test_pytest_httpx_async(client_class: Any, httpx_mock: Any) -> None:
    httpx_mock.add_response(url=BANK, text="7")

    assert await ask_async(client_class, "/by/httpx") == 7


@each_client
def test_httpx2_pytest(client_class: Any, httpx2_mock: Any) -> None:
    httpx2_mock.add_response(url=BANK, text="7", is_reusable=True)

    assert ask(client_class, "/by/httpx2") == 7

    assert [str(request.url) for request in httpx2_mock.get_requests()] == [BANK, BANK]


@each_async_client
@pytest.mark.anyio
async def test_httpx2_pytest_async(client_class: Any, httpx2_mock: Any) -> None:
    httpx2_mock.add_response(url=BANK, text="7")

    assert await ask_async(client_class, "/by/httpx2") == 7


@each_client
def test_responses(client_class: Any) -> None:
    with responses.RequestsMock() as mock:
        mock.get(BANK, body="7")

        assert ask(client_class, "/by/requests") == 7
        assert [call.request.url for call in mock.calls] == [BANK, BANK]


# This mocker takes over httpx's clients, not httpx's network, and ours is one of them.
def test_respx_using_httpx() -> None:
    with respx.mock(using="httpx") as mock:
        mock.get(BANK).respond(text="7")

        assert ask(asgi_testkit.httpx.TestClient, "/by/httpx") == 7
