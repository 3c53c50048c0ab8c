"""What an app, or a test, can do at the worst moment: nothing hangs, nothing is blamed falsely."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import httpx2
import pytest

from asgi_testkit import (
    ASGIRuleError,
    ASGITaskLeakWarning,
    ClientStateError,
    StallError,
    SyncASGITransport,
    TestClient,
)
from tests.apps.raw import http_app
from tests.modes import OpenClient

START = {"type": "http.response.start", "status": 200, "headers": []}
LAST = {"type": "http.response.body", "body": b"done"}


async def answer(send: Any) -> None:
    await send(START)
    await send(LAST)


@http_app
async def deaf_to_disconnect(scope: Any, receive: Any, send: Any) -> None:
    """Receive for ever, looking for nothing but more of the request."""
    while True:
        await receive()


@http_app
async def background_after(scope: Any, receive: Any, send: Any) -> None:
    await answer(send)
    await asyncio.Event().wait()


def breaking_pieces() -> Iterator[bytes]:
    yield b"one"
    raise ValueError("upload broke")


async def breaking_pieces_async() -> AsyncIterator[bytes]:
    yield b"one"
    raise ValueError("upload broke")


async def test_app_that_never_looks_for_its_disconnection_is_cancelled(
    open_client: OpenClient,
) -> None:
    pieces = breaking_pieces() if open_client.is_blocking else breaking_pieces_async()

    async with open_client(deaf_to_disconnect, grace=0.01) as client:
        with pytest.raises(ValueError, match="upload broke"):
            await client.post("/", content=pieces)


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_limit_of_background_work_holds_from_the_end_of_the_response(driver: Any) -> None:
    client = TestClient(background_after, driver=driver, timeout=0.05, grace=0.01)

    with pytest.raises(StallError, match="has not returned") as caught:
        client.get("/", timeout=None)

    assert caught.value.kind == "background"


async def test_broken_rule_that_the_app_swallowed_is_told_though_the_app_stalls(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        with suppress(ASGIRuleError):
            await send(START)
        await receive()
        await receive()

    async with open_client(app, timeout=0.2, grace=0.05) as client:
        with pytest.raises(ASGIRuleError, match="Rule H02 ") as caught:
            await client.get("/")

    (note,) = caught.value.__notes__
    assert note.startswith("GET /: ")


async def test_total_limit_holds_after_a_redirect(open_client: OpenClient) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/":
            location = (b"location", b"/endless")
            await send({**START, "status": 307, "headers": [location]})
            await send(LAST)
            return
        await send(START)
        while True:
            await send({**LAST, "more_body": True})
            await open_client.sleep_in_app(0.001)

    async with open_client(app, timeout=0.1, grace=0.01) as client:
        for _ in range(3):  # the first is built by httpx2, the third sent as it was
            with pytest.raises(httpx2.ReadTimeout, match="though the app is not silent"):
                await client.get("/")


def test_task_that_exits_the_process_does_not_end_the_loop_of_other_clients(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def leave() -> None:
        sys.exit(3)

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/die":
            task = asyncio.create_task(leave())
            await asyncio.wait([task])
            task.exception()
        await answer(send)

    TestClient(app).get("/die")

    assert TestClient(app).get("/fine").content == b"done"
    assert "SystemExit(3)" in caplog.text


def test_reader_of_a_stream_whose_client_is_left_is_told_at_once() -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send({**LAST, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    errors: list[BaseException] = []

    def read_on(response: httpx2.Response, begun: threading.Event) -> None:
        pieces = response.iter_raw()
        next(pieces)
        begun.set()
        try:
            next(pieces)
        except ClientStateError as error:
            errors.append(error)

    begun = threading.Event()
    with TestClient(app) as client:
        response = client.send(client.build_request("GET", "/"), stream=True)
        reader = threading.Thread(target=read_on, args=(response, begun))
        reader.start()
        begun.wait()
    reader.join(10)

    assert [type(error) for error in errors] == [ClientStateError]


async def test_app_that_lingers_after_its_shutdown_is_cancelled_and_that_is_told(
    open_client: OpenClient,
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for kind in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{kind}.complete"})
        await open_client.sleep_in_app(60)

    with pytest.warns(ASGITaskLeakWarning) as warned:
        async with open_client(app, grace=0.02) as client:
            assert client.app_state == {}

    (text,) = (str(one.message) for one in warned)
    assert text.startswith(
        "The app had to be cancelled: its lifespan went on for the grace time after it had answered"
        " 'lifespan.shutdown'.\nIt stood at "
    )


def raises_after_its_response(text: str) -> Any:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await answer(send)
        await asyncio.sleep(0.05)  # what a background task does meanwhile
        raise ValueError(text)

    return app


def test_exception_of_a_detached_call_comes_out_of_close() -> None:
    client = TestClient(raises_after_its_response("too late"), background="detach")
    client.get("/")

    with pytest.raises(ValueError, match="too late"):
        client.close()


def test_exception_of_a_detached_call_comes_out_of_a_bare_clients_close() -> None:
    transport = SyncASGITransport(raises_after_its_response("too late"), background="detach")
    client = httpx2.Client(transport=transport, base_url="http://testserver")
    client.get("/")

    with pytest.raises(ValueError, match="too late"):
        client.close()


@http_app
async def fails_amid_its_response(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send({**LAST, "more_body": True})
    raise ValueError(f"mine: {scope['path']}")


breaking_off = pytest.mark.parametrize(
    "app", [fails_amid_its_response, raises_after_its_response("mine")], ids=["amid", "after"]
)


@breaking_off
@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_failure_is_told_where_the_loop_over_a_stream_is_left_by_break(
    app: Any, driver: Any
) -> None:
    client = TestClient(app, driver=driver)

    with pytest.raises(ValueError, match="mine"), client.stream("GET", "/") as response:  # noqa: PT012
        for _ in response.iter_raw():
            break


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_failure_that_a_break_has_thrown_away_is_told_by_the_next_call(driver: Any) -> None:
    client = TestClient(fails_amid_its_response, driver=driver)
    response = client.send(client.build_request("GET", "/sent"), stream=True)
    for _ in response.iter_raw():
        break

    with pytest.raises(ValueError, match="mine: /sent"):
        client.get("/next")


def test_trio_that_refuses_its_options_says_so() -> None:
    client = TestClient(deaf_to_disconnect, backend="trio", backend_options={"bogus": 1})

    with pytest.raises(ValueError, match="trio did not start with backend_options"):
        client.get("/")


@http_app
async def endless_and_never_waiting(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    while True:
        await send({"type": "http.response.body", "body": b"x", "more_body": True})


async def test_app_that_sends_for_ever_and_never_waits_is_ended_by_the_total_limit(
    open_client: OpenClient,
) -> None:
    client = open_client.without_entering(endless_and_never_waiting, timeout=0.2, grace=0)
    with pytest.raises(StallError, match="10 times the read timeout"):
        await client.get("/")


async def test_stream_of_a_head_without_an_end_can_be_left(open_client: OpenClient) -> None:
    client = open_client.without_entering(endless_and_never_waiting, timeout=5, grace=0)
    async with client.stream("HEAD", "/") as response:
        assert response.status_code == 200


@http_app
async def swallowing(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    with suppress(ASGIRuleError):
        await send(START)
    while (await receive())["type"] != "http.disconnect":
        pass


async def test_rule_broken_in_a_stream_that_is_left_early_is_raised_once(
    open_client: OpenClient,
) -> None:
    async with open_client(swallowing) as client:
        with pytest.raises(ASGIRuleError, match="Rule H02 "):
            async with client.stream("GET", "/") as response:
                assert response.status_code == 200


@http_app
async def shouting(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "headers": [(b"X-A", b"1")]})
    await send(LAST)


async def test_failure_of_the_test_stays_what_is_seen_where_warnings_are_errors(
    open_client: OpenClient,
) -> None:
    async with open_client(shouting) as client:
        with pytest.raises(ZeroDivisionError) as caught:
            async with client.stream("GET", "/"):
                raise ZeroDivisionError
    assert "Rule H27 " in caught.value.__notes__[0]
