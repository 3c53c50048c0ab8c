"""An exchange in several tasks of an async test: they wait at once, and one may be cancelled."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import anyio
import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from asgi_testkit import StallError
from tests.apps import duplex, raw
from tests.apps.raw import Gate, http_app
from tests.modes import ASYNC_MODES, OpenClient
from tests.together import together

KIB = 1024
START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}

in_async_modes = pytest.mark.parametrize("open_client", ASYNC_MODES, indirect=True)
in_asyncio = pytest.mark.parametrize("open_client", ["asyncio", "uvloop"], indirect=True)


# -- waiting at once --------------------------------------------------------------------------


@in_async_modes
async def test_one_task_waits_for_the_response_and_another_for_its_pieces(
    open_client: OpenClient,
) -> None:
    gate = Gate()
    pieces: list[bytes] = []
    responses: list[httpx2.Response] = []

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await gate.wait()
        await raw.start(send, 201)
        await raw.piece(send, b"one")
        await raw.end(send, b"two")

    async with open_client(app) as client, client.exchange("POST", "/") as exchange:

        async def read() -> None:
            pieces.extend([piece async for piece in exchange])

        async def respond() -> None:
            responses.append(await exchange.response)

        await together(open_client, read, respond, respond, partial(client.run, gate.open))

    assert pieces == [b"one", b"two"]
    assert [response.status_code for response in responses] == [201, 201]
    assert responses[0] is responses[1]


@in_asyncio
async def test_reader_is_told_of_its_stall_though_a_sender_was_served_meanwhile(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.01)
        await receive()
        await receive()
        await asyncio.Event().wait()

    async with (
        open_client(app, timeout=0.2, grace=0.0) as client,
        client.exchange("POST", "/") as exchange,
    ):
        reader = asyncio.create_task(exchange.read())
        await asyncio.sleep(0)
        await exchange.send(bytes(70 * KIB))
        done, _ = await asyncio.wait([reader], timeout=2)
        reader.cancel()

        assert [isinstance(task.exception(), StallError) for task in done] == [True]


# -- one task is cancelled --------------------------------------------------------------------


@in_async_modes
async def test_exchange_goes_on_after_a_send_that_was_cancelled(open_client: OpenClient) -> None:
    gate = Gate()

    async with (
        open_client(duplex.reads_after(gate)) as client,
        client.exchange("POST", "/") as exchange,
    ):
        with anyio.move_on_after(0.01) as scope:
            await exchange.send(bytes(100 * KIB))
        await client.run(gate.open)
        await exchange.send(b"x")
        await exchange.end()

        assert (scope.cancelled_caught, await exchange.read()) == (True, b"102401")


@in_async_modes
async def test_exchange_goes_on_after_a_read_that_was_cancelled(open_client: OpenClient) -> None:
    gate = Gate()

    async with (
        open_client(raw.two_pieces_with_a_gate_between(gate)) as client,
        client.exchange("POST", "/") as exchange,
    ):
        first = await anext(exchange)
        with anyio.move_on_after(0.01) as scope:
            await anext(exchange)
        await client.run(gate.open)

        assert (scope.cancelled_caught, first, await anext(exchange)) == (True, b"one", b"two")


# -- leaving is cut short ---------------------------------------------------------------------


@in_async_modes
@pytest.mark.parametrize("is_exchange", [True, False], ids=["exchange", "stream"])
async def test_app_whose_leaving_was_cut_short_cleans_up_before_the_client_is_left(
    open_client: OpenClient, is_exchange: bool
) -> None:
    log: list[Any] = []

    async with open_client(duplex.waits_for_the_end(log), grace=5.0) as client:
        with anyio.move_on_after(0.15) as scope:
            if is_exchange:
                async with client.exchange("POST", "/") as exchange:
                    await exchange.response
            else:
                async with client.stream("GET", "/"):
                    pytest.fail("started")
        assert scope.cancelled_caught

    assert log[-2:] == ["http.disconnect", "cleaned up"]


@in_async_modes
async def test_app_whose_stream_was_left_by_a_cancellation_cleans_up_before_the_client_is_left(
    open_client: OpenClient,
) -> None:
    log: list[Any] = []

    async with open_client(duplex.waits_for_the_end(log, START), grace=5.0) as client:
        with anyio.move_on_after(0.15):
            async with client.stream("GET", "/") as response:
                await response.aread()

    assert log[-2:] == ["http.disconnect", "cleaned up"]


# -- several tasks of the app -----------------------------------------------------------------

SEVERAL = r"has sent nothing(.|\n)*Several tasks of the app wait in receive\(\) at once"


async def test_stall_tells_that_two_tasks_of_the_app_receive(open_client: OpenClient) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(receive)
            tasks.start_soon(receive)

    async with open_client(app, timeout=0.2, grace=0.0) as client:
        with pytest.raises(StallError, match=SEVERAL):
            async with client.exchange("POST", "/") as exchange:
                await exchange.response


async def test_stall_tells_of_starlettes_streaming_response_that_receives_too(
    open_client: OpenClient,
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await raw.answer_lifespan(receive, send)
            return
        pieces = (piece.upper() async for piece in Request(scope, receive).stream())
        await StreamingResponse(pieces)(scope, receive, send)

    async with open_client(app, timeout=0.2, grace=0.0) as client:
        with pytest.raises(StallError, match=SEVERAL):
            async with client.exchange("POST", "/") as exchange:
                await anext(exchange)
