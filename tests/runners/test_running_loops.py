"""Both clients inside an event loop that is running already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from asgi_testkit import AsyncTestClient, TestClient
from tests.modes import run_in_mode
from tests.runners.app import App

drivers = pytest.mark.parametrize("driver", ["thread", "inline"])
loops = pytest.mark.parametrize("loop", ["asyncio", "uvloop", "trio"])


def greet(request: Request) -> PlainTextResponse:
    return PlainTextResponse("from a worker thread")


@loops
@drivers
@pytest.mark.parametrize("is_entered", [True, False])
def test_blocking_client_answers_inside_a_running_loop(
    loop: str, driver: Any, is_entered: bool
) -> None:
    client = TestClient(App(), driver=driver)

    async def test() -> None:
        if is_entered:
            client.__enter__()
        assert client.get("/").text == "hello"
        client.close()

    run_in_mode(loop, test)


@loops
@drivers
def test_blocking_client_runs_a_def_endpoint_inside_a_running_loop(loop: str, driver: Any) -> None:
    app = Starlette(routes=[Route("/", greet)])

    async def test() -> None:
        with TestClient(app, driver=driver) as client:
            assert client.get("/").text == "from a worker thread"

    run_in_mode(loop, test)


@loops
@drivers
def test_blocking_client_streams_inside_a_running_loop(loop: str, driver: Any) -> None:
    app = App()

    async def test() -> None:
        client = TestClient(app, driver=driver)
        with client, client.stream("GET", "/stream") as response:
            assert next(response.iter_raw()) == b"first"

    run_in_mode(loop, test)

    assert app.log == ["startup", "http.disconnect", "shutdown"]


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_async_client_answers_twenty_requests_gathered(loop: str) -> None:
    async def test() -> None:
        async with AsyncTestClient(App()) as client:
            responses = await asyncio.gather(*(client.get(f"/?{n}") for n in range(20)))

        assert [response.text for response in responses] == [str(n) for n in range(20)]

    run_in_mode(loop, test)


def test_async_client_answers_tasks_nested_in_task_groups() -> None:
    texts: list[str] = []

    async def ask(client: AsyncTestClient, depth: int) -> None:
        texts.append((await client.get(f"/?{depth}")).text)
        if depth:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(ask(client, depth - 1))

    async def test() -> None:
        async with AsyncTestClient(App()) as client, asyncio.TaskGroup() as tasks:
            tasks.create_task(ask(client, 3))

    asyncio.run(test())

    assert texts == ["3", "2", "1", "0"]


def test_async_client_answers_tasks_nested_in_trio_nurseries() -> None:
    texts: list[str] = []

    async def ask(client: AsyncTestClient, depth: int) -> None:
        texts.append((await client.get(f"/?{depth}")).text)
        if depth:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ask, client, depth - 1)

    async def test() -> None:
        async with AsyncTestClient(App()) as client, trio.open_nursery() as nursery:
            nursery.start_soon(ask, client, 3)

    trio.run(test)

    assert texts == ["3", "2", "1", "0"]


def test_async_client_may_be_left_in_another_task_than_it_was_entered_in() -> None:
    app = App()
    client = AsyncTestClient(app)

    async def test() -> None:
        steps: tuple[Callable[[], Coroutine[Any, Any, object]], ...]
        steps = (client.__aenter__, lambda: client.get("/"), client.__aexit__)
        for step in steps:
            await asyncio.create_task(step())

    asyncio.run(test())

    assert app.log == ["startup", "shutdown"]


@pytest.mark.parametrize("loop", ["asyncio", "uvloop", "trio"])
def test_never_entered_async_client_serves_one_loop_after_another(loop: str) -> None:
    client = AsyncTestClient(App())

    async def test() -> None:
        assert (await client.get("/")).text == "hello"

    for _ in range(2):
        run_in_mode(loop, test)
