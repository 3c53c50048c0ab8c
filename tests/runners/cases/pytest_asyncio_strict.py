"""Clients in fixtures of pytest-asyncio, for one test, one module or the whole session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest
import pytest_asyncio

from asgi_testkit import AsyncTestClient
from tests.runners.app import App


@pytest_asyncio.fixture
async def client() -> AsyncIterator[AsyncTestClient]:
    app = App()
    async with AsyncTestClient(app) as client:
        yield client
    assert app.log[-1] == "shutdown"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_client() -> AsyncIterator[AsyncTestClient]:
    app = App()
    async with AsyncTestClient(app) as client:
        yield client
    assert app.log == ["startup", "shutdown"]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def session_client() -> AsyncIterator[AsyncTestClient]:
    app = App()
    async with AsyncTestClient(app) as client:
        yield client
    assert app.log == ["startup", "shutdown"]


@pytest_asyncio.fixture
async def stream(client: AsyncTestClient) -> AsyncIterator[Any]:
    async with client.stream("GET", "/stream") as response:
        yield response
    assert client.app.log == ["startup", "http.disconnect"]


@pytest.mark.asyncio
@pytest.mark.parametrize("text", ["a", "b"])
async def test_client_of_the_test(client: AsyncTestClient, text: str) -> None:
    assert (await client.get(f"/?{text}")).text == text


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("text", ["a", "b"])
async def test_client_of_the_module(module_client: AsyncTestClient, text: str) -> None:
    assert (await module_client.get(f"/?{text}")).text == text


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("text", ["a", "b"])
async def test_client_of_the_session(session_client: AsyncTestClient, text: str) -> None:
    assert (await session_client.get(f"/?{text}")).text == text


@pytest.mark.asyncio
async def test_client_of_another_loop(session_client: AsyncTestClient) -> None:
    with pytest.raises(RuntimeError, match=r"same\s+loop scope \(pytest-asyncio: loop_scope="):
        await session_client.get("/")


@pytest.mark.asyncio
async def test_stream_held_open_by_a_fixture(stream: Any) -> None:
    async with aclosing(stream.aiter_raw()) as pieces:
        assert await anext(pieces) == b"first"


@pytest.mark.asyncio
async def test_locks_queues_and_events_are_shared(client: AsyncTestClient) -> None:
    lock, queue, event = asyncio.Lock(), asyncio.Queue[str](), asyncio.Event()
    client.app.shared.update(lock=lock, queue=queue, event=event)

    async with lock:
        call = asyncio.create_task(client.get("/shared"))
        await queue.put("from the test")
    await event.wait()

    assert (await call).json() == "from the test"
