"""Tests with the fixtures, all of which pass where `kiosk:app` is the app."""

from __future__ import annotations

from typing import Any

import kiosk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asgi_testkit import AsyncTestClient, TestClient
from asgi_testkit.drive.runtime import current_runtime


async def hello(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["root_path"].encode()})


def test_app(asgi_app: object) -> None:
    assert asgi_app is kiosk.app


def test_blocking(asgi_client: TestClient) -> None:
    assert asgi_client.app is kiosk.app
    assert asgi_client.post("/orders", json={"item": "papers", "count": 1}).status_code == 201


def test_short_name_is_the_same(client: TestClient, asgi_client: TestClient) -> None:
    assert client is asgi_client


@pytest.mark.asyncio
async def test_asyncio(async_asgi_client: AsyncTestClient, async_client: AsyncTestClient) -> None:
    assert async_client is async_asgi_client
    assert (await async_client.get("/nowhere")).status_code == 404


@pytest.mark.anyio
@pytest.mark.parametrize(
    "anyio_backend", ["asyncio", ("asyncio", {"use_uvloop": True}), "trio"], ids=str
)
async def test_anyio(async_asgi_client: AsyncTestClient, anyio_backend_name: str) -> None:
    assert (await async_asgi_client.get("/nowhere")).status_code == 404
    assert (type(current_runtime()).__name__ == "TrioRuntime") == (anyio_backend_name == "trio")


@pytest.mark.parametrize("asgi_app", [hello], ids=["hello"])
def test_app_of_a_parameter(asgi_client: TestClient) -> None:
    assert asgi_client.app is hello


@pytest.mark.asgi(app=hello, root_path="/outer", driver="inline", raise_server_exceptions=False)
class TestMarked:
    def test_options_of_the_class(self, asgi_client: TestClient) -> None:
        assert asgi_client.get("/").text == "/outer"

    @pytest.mark.asgi(root_path="/inner", lifespan=False)
    def test_innermost_counts(self, asgi_client: TestClient) -> None:
        assert asgi_client.get("/").text == "/inner"
        assert asgi_client.task is None

    @pytest.mark.asyncio
    async def test_async_client_has_no_driver(self, async_asgi_client: AsyncTestClient) -> None:
        assert (await async_asgi_client.get("/")).text == "/outer"


@settings(max_examples=5, deadline=None)
@given(number=st.integers())
def test_hypothesis_with_a_client_of_its_own(number: int) -> None:
    with TestClient(kiosk.app) as client:
        assert client.get(f"/{number}").status_code == 404
