"""Clients in plain async fixtures and tests, which pytest-asyncio's auto mode runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from asgi_testkit import AsyncTestClient
from tests.runners.app import App


@pytest.fixture
async def client() -> AsyncIterator[AsyncTestClient]:
    app = App()
    async with AsyncTestClient(app) as client:
        yield client
    assert app.log[-1] == "shutdown"


@pytest.fixture(scope="module")
async def module_client() -> AsyncIterator[AsyncTestClient]:
    async with AsyncTestClient(App()) as client:
        yield client


@pytest.fixture
async def stream(client: AsyncTestClient) -> AsyncIterator[Any]:
    async with client.stream("GET", "/stream") as response:
        yield response


async def test_client_of_the_test(client: AsyncTestClient) -> None:
    assert (await client.get("/")).text == "hello"


@pytest.mark.parametrize("text", ["a", "b"])
async def test_client_of_the_module(module_client: AsyncTestClient, text: str) -> None:
    assert (await module_client.get(f"/?{text}")).text == text


async def test_stream_held_open_by_a_fixture(stream: Any) -> None:
    async with aclosing(stream.aiter_raw()) as pieces:
        assert await anext(pieces) == b"first"


async def test_many_at_once(client: AsyncTestClient) -> None:
    responses = await asyncio.gather(*(client.get(f"/?{number}") for number in range(20)))

    assert [response.text for response in responses] == [str(number) for number in range(20)]
