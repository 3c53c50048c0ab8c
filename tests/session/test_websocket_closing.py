"""Closing a WebSocket from this side, and sessions outside their block, alike in every mode."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from asgi_testkit import ClientStateError, UsageError, WebSocketDisconnect
from asgi_testkit.types import Message
from tests.apps import websockets
from tests.apps.websockets import accepting, closes
from tests.modes import OpenClient

# -- closing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "arguments", "code", "reason"),
    [
        ("close", (), 1000, ""),
        ("close", (1001,), 1001, ""),
        ("close", (4999, "far away"), 4999, "far away"),
        ("disconnect", (), 1006, ""),
        ("disconnect", (1005,), 1005, ""),
        ("disconnect", (1011,), 1011, ""),
    ],
)
async def test_app_is_told_how_this_side_closed(
    open_client: OpenClient, method: str, arguments: tuple[Any, ...], code: int, reason: str
) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text("last")
        await getattr(session, method)(*arguments)

    assert log == [
        {"type": "websocket.receive", "text": "last"},
        {"type": "websocket.disconnect", "code": code, "reason": reason},
    ]


async def test_leaving_the_block_closes_with_1000(open_client: OpenClient) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/"),
    ):
        pass

    assert log == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]


async def test_closing_twice_tells_the_app_once(open_client: OpenClient) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close(4000, "first")
        await session.close(4001, "second")
        await session.disconnect()

    assert log == [{"type": "websocket.disconnect", "code": 4000, "reason": "first"}]


@pytest.mark.parametrize("method", ["receive", "receive_text", "receive_bytes", "receive_json"])
async def test_receiving_after_this_side_has_closed_says_so(
    open_client: OpenClient, method: str
) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close(4000, "enough")

        for _ in range(2):
            with pytest.raises(
                WebSocketDisconnect, match=r"This side has closed .* 4000"
            ) as caught:
                await getattr(session, method)()
            assert (caught.value.code, caught.value.reason) == (4000, "enough")


@pytest.mark.parametrize(
    ("method", "value"), [("send_text", "x"), ("send_bytes", b"x"), ("send_json", [])]
)
async def test_sending_after_this_side_has_closed_says_so(
    open_client: OpenClient, method: str, value: object
) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close()

        with pytest.raises(WebSocketDisconnect, match="This side has closed"):
            await getattr(session, method)(value)


async def test_sending_after_this_side_has_closed_is_refused_though_nothing_was_expected(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close(4000)
        with pytest.raises(AssertionError, match="this side closed with code 4000"):
            await session.expect_nothing(0.01)

        with pytest.raises(WebSocketDisconnect, match="This side has closed"):
            await session.send_text("x")


async def test_sending_after_the_app_is_known_to_have_closed_says_so(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.expect_close(4001)

        with pytest.raises(WebSocketDisconnect, match=r"The app has closed .* 4001"):
            await session.send_text("x")


async def test_messages_from_before_the_apps_close_are_received_first(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting("one", "two", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        first = await session.receive_text()
        await session.send_text("not known to be closed")
        before = (session.closed, session.close_code, session.close_reason)
        second = await session.receive_text()

        with pytest.raises(WebSocketDisconnect, match="4001"):
            await session.receive_text()
        assert (first, before, second) == ("one", (False, None, None), "two")


async def test_code_that_no_close_frame_holds_is_refused(open_client: OpenClient) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        for code in (0, 999, 1004, 1005, 1006, 1015, 2000, 5000):
            with pytest.raises(UsageError, match=rf"close\(\) got the code {code}; it may be"):
                await session.close(code)
        await session.send_text("still open")

        assert await session.receive_text() == "still open"


async def test_reason_that_no_close_frame_holds_is_refused(open_client: OpenClient) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(ValueError, match="a reason of more than 123 bytes"):
            await session.close(1000, "ü" * 62)
        await session.close(1000, "x" + "ü" * 61)

    assert log == [{"type": "websocket.disconnect", "code": 1000, "reason": "x" + "ü" * 61}]


# -- outside the block ------------------------------------------------------------------------


USES: dict[str, tuple[Any, ...]] = {
    "send_text": ("x",),
    "send_bytes": (b"x",),
    "send_json": ([],),
    "send": ({"type": "websocket.disconnect"},),
    "receive": (),
    "receive_text": (),
    "receive_bytes": (),
    "receive_json": (),
    "expect_nothing": (0,),
    "expect_close": (),
    "close": (),
    "disconnect": (),
}


@pytest.mark.parametrize(("method", "arguments"), USES.items(), ids=USES)
async def test_session_before_its_block_is_refused(
    open_client: OpenClient, method: str, arguments: tuple[Any, ...]
) -> None:
    async with open_client(websockets.echo) as client:
        session = client.websocket_connect("/")

        with pytest.raises(UsageError, match="used outside its block: there was no handshake"):
            await getattr(session, method)(*arguments)


async def test_facts_of_a_session_before_its_block_are_refused(open_client: OpenClient) -> None:
    names = ("accepted_subprotocol", "extra_headers", "closed", "close_code", "close_reason")

    async with open_client(websockets.echo) as client:
        session = client.websocket_connect("/")

        for name in (*names, "scope", "subprotocol"):
            with pytest.raises(UsageError, match="outside its block"):
                getattr(session, name)


async def test_session_after_its_block_is_for_looking_only(open_client: OpenClient) -> None:
    async with open_client(websockets.echo) as client:
        async with client.websocket_connect("/") as session:
            pass

        for method, arguments in USES.items():
            with pytest.raises(ClientStateError, match="is used after its block"):
                await getattr(session, method)(*arguments)
        with pytest.raises(ClientStateError, match="is used after its block"):
            await anext(session)
        assert (session.closed, session.close_code) == (True, 1000)


async def test_session_knows_at_once_that_this_side_has_closed(open_client: OpenClient) -> None:
    async with open_client(websockets.echo) as client, client.websocket_connect("/") as session:
        await session.close(4000, "bye")

        known = (session.closed, session.close_code, session.close_reason)
        assert known == (True, 4000, "bye")


async def test_session_knows_at_once_that_this_side_has_dropped_the_line(
    open_client: OpenClient,
) -> None:
    async with open_client(websockets.echo) as client, client.websocket_connect("/") as session:
        await session.disconnect()

        assert (session.closed, session.close_code, session.close_reason) == (True, 1006, "")


async def test_session_that_was_closed_twice_knows_the_first(open_client: OpenClient) -> None:
    async with open_client(websockets.echo) as client, client.websocket_connect("/") as session:
        await session.close(4000, "first")
        await session.close(4001, "second")

        assert (session.close_code, session.close_reason) == (4000, "first")


@pytest.mark.parametrize(
    ("method", "arguments", "text"),
    [
        ("close", ("1000",), r"close\(\) got the code '1000'; an int is wanted"),
        ("close", (None,), r"close\(\) got the code None; an int is wanted"),
        ("close", (1000, 5), r"close\(\) got the reason 5; a str is wanted"),
        ("disconnect", ("1000",), r"disconnect\(\) got the code '1000'; an int is wanted"),
        ("disconnect", (None,), r"disconnect\(\) got the code None; an int is wanted"),
    ],
)
async def test_wrong_value_of_a_close_is_refused_and_the_session_goes_on(
    open_client: OpenClient, method: str, arguments: tuple[Any, ...], text: str
) -> None:
    async with open_client(websockets.echo) as client, client.websocket_connect("/") as session:
        with pytest.raises(UsageError, match=text):
            await getattr(session, method)(*arguments)
        await session.send_text("well")

        assert await session.receive_text() == "well"


@pytest.mark.parametrize("when", ["inside", "after"])
async def test_session_is_not_entered_twice(open_client: OpenClient, when: str) -> None:
    async with open_client(websockets.echo) as client:
        session = client.websocket_connect("/")
        async with session:
            if when == "inside":
                with pytest.raises(ClientStateError, match="was entered before"):
                    await session.__aenter__()
            await session.send_text("still open")
            assert await session.receive_text() == "still open"

        with pytest.raises(ClientStateError, match="was entered before"):
            await session.__aenter__()


async def test_entering_gives_the_session_itself(open_client: OpenClient) -> None:
    async with open_client(websockets.echo) as client:
        session = client.websocket_connect("/")
        async with session as entered:
            pass

    assert entered is session


async def test_client_that_is_left_leaves_its_open_sessions(open_client: OpenClient) -> None:
    log: list[Message] = []

    async with open_client(websockets.logs_messages(log)) as client:
        session = await client.websocket_connect("/").__aenter__()

    assert log == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]
    assert session.closed
    await session.__aexit__(None, None, None)


async def test_client_that_was_never_entered_leaves_its_sessions_when_it_is_closed(
    open_client: OpenClient,
) -> None:
    log: list[Message] = []
    client = open_client.without_entering(websockets.logs_messages(log))
    session = await client.websocket_connect("/").__aenter__()

    await client.aclose()

    assert log == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]
    assert session.closed


async def test_exception_of_an_open_session_is_raised_when_its_client_is_left(
    open_client: OpenClient,
) -> None:
    with pytest.raises(LookupError, match="mine"):
        async with open_client(websockets.raises_when_told(LookupError("mine"))) as client:
            session = await client.websocket_connect("/").__aenter__()

    assert session.closed


async def test_open_session_that_nobody_holds_is_left_with_its_client(
    open_client: OpenClient,
) -> None:
    log: list[Message] = []

    async with open_client(websockets.logs_messages(log)) as client:
        await client.websocket_connect("/").__aenter__()
        gc.collect()

    assert log == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]


async def test_session_of_a_closed_client_is_refused(open_client: OpenClient) -> None:
    client = open_client.without_entering(websockets.echo)
    await client.aclose()

    with pytest.raises(ClientStateError, match="The client is closed"):
        async with client.websocket_connect("/"):
            pass


async def test_session_works_without_entering_the_client(open_client: OpenClient) -> None:
    client = open_client.without_entering(websockets.echo)

    async with client.websocket_connect("/") as session:
        await session.send_text("hello")

        assert await session.receive_text() == "hello"
