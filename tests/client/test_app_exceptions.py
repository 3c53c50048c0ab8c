"""What the app raised stays in reach, whatever the client is told to show instead."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest
from anyio.lowlevel import checkpoint
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from asgi_testkit import AsyncTestClient, TestClient, WebSocketDenialResponse
from asgi_testkit.httpx2.values import ResponseFacts
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.raw import answer, http_app, piece, start
from tests.modes import OpenClient, run_in_mode


class OwnError(Exception):
    """What apps here raise."""


async def raises(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/half":
        await start(send)
        await piece(send, b"half")
    raise OwnError(scope["path"])


async def test_a_500_holds_the_exception_that_it_stands_for(open_client: OpenClient) -> None:
    async with open_client(http_app(raises), raise_server_exceptions=False) as client:
        responses = [await client.get("/one"), await client.get("/one"), await client.post("/one")]

    facts = [response.extensions["asgi_testkit"] for response in responses]
    assert [response.status_code for response in responses] == [500, 500, 500]
    assert [type(fact) for fact in facts] == [ResponseFacts] * 3
    assert [repr(fact.exception) for fact in facts] == ["OwnError('/one')"] * 3


async def test_a_response_of_an_app_that_raised_nothing_has_no_such_extension(
    open_client: OpenClient,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"fine")

    async with open_client(http_app(app), raise_server_exceptions=False) as client:
        response = await client.get("/")

    assert "asgi_testkit" not in response.extensions


async def test_a_cut_response_is_caused_by_what_the_app_raised(open_client: OpenClient) -> None:
    async with open_client(http_app(raises), raise_server_exceptions=False) as client:
        with pytest.raises(httpx2.RemoteProtocolError, match="before its response") as whole:
            await client.get("/half")
        with pytest.raises(httpx2.RemoteProtocolError, match="before its response") as streamed:
            async with client.stream("GET", "/half") as response:
                [piece async for piece in response.aiter_bytes()]

    causes = [whole.value.__cause__, streamed.value.__cause__]
    assert [repr(cause) for cause in causes] == ["OwnError('/half')"] * 2


async def test_a_denial_of_an_app_that_raised_is_caused_by_it(open_client: OpenClient) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise OwnError("connecting")

    async with open_client(app, raise_server_exceptions=False) as client:
        with pytest.raises(WebSocketDenialResponse, match="HTTP 500") as caught:
            async with client.websocket_connect("/"):
                pass

    assert repr(caught.value.__cause__) == "OwnError('connecting')"


# -- objects of another event loop ------------------------------------------------------------


@pytest.mark.parametrize("driver", ["thread", "inline"])
@pytest.mark.asyncio
async def test_a_future_of_the_tests_loop_is_told_with_both_loops(driver: Any) -> None:
    foreign = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await foreign

    with (
        TestClient(http_app(app), driver=driver) as client,
        pytest.raises(RuntimeError, match="attached to a different loop") as caught,
    ):
        client.get("/")

    (note,) = caught.value.__notes__
    assert "The app runs in <ParkedLoop running=True" in note
    assert f"belongs to {asyncio.get_running_loop()!r}" in note
    assert "use an AsyncTestClient" in note


@pytest.mark.asyncio
async def test_a_lock_that_the_test_waited_for_is_told_with_the_remedy() -> None:
    lock = asyncio.Lock()
    await lock.acquire()
    waiting = asyncio.ensure_future(lock.acquire())
    await asyncio.sleep(0)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with lock:
            await answer(send, b"unreachable")

    with (
        TestClient(http_app(app)) as client,
        pytest.raises(RuntimeError, match="bound to a different event loop") as caught,
    ):
        client.get("/")
    waiting.cancel()

    assert (
        "belongs to another, in which it was made or first waited for" in caught.value.__notes__[0]
    )


@pytest.mark.asyncio
async def test_other_runtime_errors_have_the_note_of_their_rule_alone() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("loop the loop")

    async with AsyncTestClient(http_app(app)) as client:
        with pytest.raises(RuntimeError, match="loop the loop") as caught:
            await client.get("/")

    assert not hasattr(caught.value, "__notes__")


def streams_and_fails(log: list[str]) -> Any:
    """Return an app that fails to send from a generator, which Starlette leaves open then."""

    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            yield b"two"
        finally:
            log.append("closed")

    async def endpoint(request: Request) -> StreamingResponse:
        return StreamingResponse(pieces())

    inner = Starlette(routes=[Route("/", endpoint)])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def failing(message: Message) -> None:
            await send(message)
            if message.get("body") == b"one":
                raise OwnError("amid")

        await inner(scope, receive, failing)

    return http_app(app)


@pytest.mark.parametrize("mode", ["thread", "inline", "asyncio"])
def test_generator_of_a_failed_call_is_closed_when_the_test_has_let_go_of_the_failure(
    mode: str,
) -> None:
    log: list[str] = []

    async def use() -> None:
        async with OpenClient(mode)(streams_and_fails(log)) as client:
            with suppress(OwnError):
                await client.get("/")
            for _ in range(3):  # until the loop has let go, too, and has closed what was found
                gc.collect()
                await client.run(checkpoint)

            assert log == ["closed"]

    run_in_mode(mode, use)
