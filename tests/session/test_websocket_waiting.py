"""Waiting on a WebSocket: with a limit, for nothing and for a close, alike in every mode."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest

from asgi_testkit import StallError, UsageError
from asgi_testkit.types import Message
from tests.apps import websockets
from tests.apps.websockets import accepting, closes
from tests.modes import OpenClient

# -- waiting with a limit ---------------------------------------------------------------------


@pytest.mark.parametrize("method", ["receive", "receive_text", "receive_bytes", "receive_json"])
@pytest.mark.parametrize("timeout", [0, 0.01])
async def test_receive_that_times_out_leaves_the_session_whole(
    open_client: OpenClient, method: str, timeout: float
) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        for _ in range(2):
            with pytest.raises(StallError, match=f"for {timeout:g} s nothing has come"):
                await getattr(session, method)(timeout=timeout)
        await session.send_text("after")

        assert await session.receive_text() == "after"


async def test_stall_is_a_timeout_error_with_a_report(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("one")) as client,
        client.websocket_connect("/room") as session,
    ):
        await session.receive_text()
        with pytest.raises(TimeoutError, match=r"websocket /room: .*state OPEN") as caught:
            await session.receive_text(timeout=0.01)

    stall = caught.value
    assert isinstance(stall, StallError)
    assert stall.kind == "read"
    assert "websocket.accept" in stall.report


async def test_timeout_left_out_is_the_clients(open_client: OpenClient) -> None:
    async with (
        open_client(accepting(), timeout=0.04) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(StallError, match=r"for 0\.04 s nothing has come"):
            await session.receive_text()


async def test_timeout_of_the_handshake_is_that_of_its_session(open_client: OpenClient) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/", timeout=0.04) as session,
    ):
        with pytest.raises(StallError, match=r"for 0\.04 s nothing has come"):
            await session.receive_text()


@pytest.mark.parametrize("timeout", [None, 10])
async def test_receive_with_more_time_than_the_client_waits_for_a_late_message(
    open_client: OpenClient, timeout: float | None
) -> None:
    async def late(_scope: object, _receive: object, send: Any) -> None:
        await open_client.sleep_in_app(0.15)
        await websockets.send_text(send, "late")
        await websockets.close(send)

    async with (
        open_client(accepting(then=late), timeout=0.1) as client,
        client.websocket_connect("/", timeout=0.1) as session,
    ):
        assert await session.receive_text(timeout=timeout) == "late"


async def test_receive_with_a_timeout_of_zero_takes_what_is_there(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting("one", "two")) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "one"
        assert await session.receive_text(timeout=0) == "two"
        with pytest.raises(StallError, match="for 0 s nothing has come"):
            await session.receive_text(timeout=0)


async def test_polling_with_a_timeout_of_zero_lets_the_app_go_on(open_client: OpenClient) -> None:
    texts: list[str] = []

    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text("hello")
        for _ in range(100):
            with suppress(StallError):
                texts.append(await session.receive_text(timeout=0))

    assert texts == ["hello"]


@pytest.mark.parametrize(
    ("timeout", "text"),
    [
        (-1, r"timeout is -1 seconds"),
        (math.nan, r"timeout is nan seconds"),
        ("1", r"timeout is '1'"),
        (True, r"timeout is True"),
    ],
)
async def test_timeout_that_is_no_length_of_time_is_refused(
    open_client: OpenClient, timeout: object, text: str
) -> None:
    async with (
        open_client(accepting("one")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError, match=text):
            await session.receive_text(timeout=timeout)

        assert await session.receive_text() == "one"


async def test_app_that_does_not_answer_the_handshake_is_a_stall(
    open_client: OpenClient,
) -> None:
    log: list[Message] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            pass
        log.append(message)

    client = open_client.without_entering(app, timeout=0.04)
    with pytest.raises(StallError, match=r"the app has not answered 'websocket.connect'"):
        async with client.websocket_connect("/"):
            pass

    assert log == [{"type": "websocket.disconnect", "code": 1006, "reason": ""}]


# -- expecting --------------------------------------------------------------------------------


async def test_expect_nothing_passes_where_nothing_comes(open_client: OpenClient) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.expect_nothing(0.01)
        await session.expect_nothing(0)
        await session.send_text("after")

        assert await session.receive_text() == "after"


async def test_expect_nothing_fails_on_a_message_and_keeps_it(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("one", b"two")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(AssertionError, match=r"send nothing for 5 s, and it sent 'one'"):
            await session.expect_nothing(5)

        assert await session.receive_text() == "one"
        assert await session.receive_bytes() == b"two"


async def test_expect_nothing_fails_on_a_close_and_keeps_it(open_client: OpenClient) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(AssertionError, match="it closed with code 4001 and reason 'bye'"):
            await session.expect_nothing(5)

        assert (await session.receive())["code"] == 4001


@pytest.mark.parametrize(
    "expected", [(), (4001,), (None, "bye"), (4001, "bye"), (4001, "bye", 5), (4001, None, None)]
)
async def test_expect_close_passes_on_the_close_it_names(
    open_client: OpenClient, expected: tuple[Any, ...]
) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.expect_close(*expected)

        assert session.closed


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ((1000,), r"was to close with code 1000, and it closed with code 4001 and reason 'bye'"),
        ((4001, "no"), r"was to close with code 4001 and reason 'no', and it closed"),
        ((None, ""), r"was to close and reason '', and it closed with code 4001"),
    ],
)
async def test_expect_close_fails_on_another_close(
    open_client: OpenClient, expected: tuple[Any, ...], text: str
) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(AssertionError, match=text):
            await session.expect_close(*expected)


async def test_expect_close_fails_on_a_message_and_keeps_it(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("one", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(AssertionError, match=r"was to close, and it sent 'one'"):
            await session.expect_close()

        assert await session.receive_text() == "one"
        await session.expect_close(4001)


async def test_expect_close_that_times_out_is_a_stall(open_client: OpenClient) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(StallError, match=r"for 0\.01 s nothing has come"):
            await session.expect_close(timeout=0.01)


@pytest.mark.parametrize(
    ("method", "arguments", "text"),
    [
        ("expect_nothing", (None,), r"expect_nothing\(\) got None; a number of seconds is wanted"),
        ("expect_nothing", ("1",), r"expect_nothing\(\) got '1'; a number of seconds is wanted"),
        ("expect_nothing", (-1,), r"timeout is -1 seconds; it must be 0 or more"),
        ("expect_close", ("4001",), r"expect_close\(\) got the code '4001'; an int is wanted"),
        (
            "receive_json",
            ("text", "binary"),
            r"receive_json\(\) got two modes: 'text' and 'binary'",
        ),
    ],
)
async def test_wrong_argument_is_refused_and_takes_no_message(
    open_client: OpenClient, method: str, arguments: tuple[Any, ...], text: str
) -> None:
    async with (
        open_client(accepting("one")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError, match=text):
            await getattr(session, method)(*arguments)

        assert await session.receive_text() == "one"
