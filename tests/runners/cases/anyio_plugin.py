"""Clients in fixtures of anyio's pytest plugin, on three event loops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from asgi_testkit import AsyncTestClient
from tests.runners.app import App

pytestmark = pytest.mark.anyio

BACKENDS = {
    "asyncio": ("asyncio", {"use_uvloop": False}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": "trio",
}


@pytest.fixture(scope="module", params=BACKENDS.values(), ids=list(BACKENDS))
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
async def client() -> AsyncIterator[AsyncTestClient]:
    app = App()
    async with AsyncTestClient(app) as client:
        yield client
    assert app.log[-1] == "shutdown"


@pytest.fixture(scope="module")
async def module_client(anyio_backend: Any) -> AsyncIterator[AsyncTestClient]:
    async with AsyncTestClient(App()) as client:
        yield client


@pytest.fixture
async def stream(client: AsyncTestClient) -> AsyncIterator[Any]:
    async with client.stream("GET", "/stream") as response:
        yield response
    assert client.app.log == ["startup", "http.disconnect"]


async def test_client_of_the_test(client: AsyncTestClient) -> None:
    assert (await client.get("/")).text == "hello"


@pytest.mark.parametrize("text", ["a", "b"])
async def test_client_of_the_module(module_client: AsyncTestClient, text: str) -> None:
    assert (await module_client.get(f"/?{text}")).text == text


async def test_stream_held_open_by_a_fixture(stream: Any) -> None:
    async with aclosing(stream.aiter_raw()) as pieces:
        assert await anext(pieces) == b"first"


async def test_many_at_once(client: AsyncTestClient) -> None:
    texts: list[str] = []

    async def get(number: int) -> None:
        texts.append((await client.get(f"/?{number}")).text)

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(get, number)

    assert sorted(texts, key=int) == [str(number) for number in range(20)]
