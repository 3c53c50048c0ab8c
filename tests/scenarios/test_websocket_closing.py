"""How WebSockets end, from either side, spelled alike for every library."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit import ClientStateError, UsageError, WebSocketDisconnect
from asgi_testkit.types import Message
from tests.apps import websockets
from tests.apps.raw import Gate
from tests.apps.websockets import accepting, closes
from tests.scenarios.libraries import OpenAnyClient


async def enter(client: Any) -> None:
    async with client.websocket_connect("/"):
        pass


# -- the app closes ----------------------------------------------------------------------------


async def test_close_of_the_app_is_raised_after_its_messages(open_client: OpenAnyClient) -> None:
    async with (
        open_client(accepting("one", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "one"
        with pytest.raises(WebSocketDisconnect, match="code 4001 and reason 'bye'") as caught:
            await session.receive_text()

    assert (caught.value.code, caught.value.reason) == (4001, "bye")
    assert (session.closed, session.close_code, session.close_reason) == (True, 4001, "bye")


async def test_close_of_the_app_is_received_as_asgi_has_it_once(
    open_client: OpenAnyClient,
) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive() == {
            "type": "websocket.close",
            "code": 4001,
            "reason": "bye",
        }
        with pytest.raises(WebSocketDisconnect, match="4001"):
            await session.receive()


@pytest.mark.in_process_only("Granian closes without a code", over="granian")
@pytest.mark.in_process_only("Hypercorn closes with 1011", over="hypercorn")
async def test_app_that_returns_without_a_close_drops_the_line(
    open_client: OpenAnyClient,
) -> None:
    async def returns(_scope: object, _receive: object, _send: object) -> None:
        pass

    async with (
        open_client(accepting("one", then=returns), ignore_rules={"W08"}) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "one"
        with pytest.raises(WebSocketDisconnect, match="without closing") as caught:
            await session.receive_text()

    assert caught.value.code == 1006


# -- this side closes ---------------------------------------------------------------------------


@pytest.mark.in_process_only("servers differ in what they make of a lost line")
@pytest.mark.parametrize(
    ("method", "arguments", "told"),
    [
        ("close", (), (1000, "")),
        ("close", (4000, "enough"), (4000, "enough")),
        ("disconnect", (), (1006, "")),
        ("disconnect", (1001,), (1001, "")),
    ],
)
async def test_app_is_told_how_this_side_has_gone(
    open_client: OpenAnyClient, method: str, arguments: tuple[Any, ...], told: tuple[int, str]
) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text("one")
        await getattr(session, method)(*arguments)

    assert [message["type"] for message in log] == ["websocket.receive", "websocket.disconnect"]
    assert (
        (log[-1]["code"], log[-1].get("reason") or "")
        == told
        == (*(session.close_code, session.close_reason),)
    )


async def test_messages_that_came_before_are_read_after_a_close(
    open_client: OpenAnyClient,
) -> None:
    all_sent = Gate()

    async def waits(_scope: object, receive: Any, _send: object) -> None:
        await all_sent.open()
        await websockets.until_disconnect(receive)

    async with (
        open_client(accepting("one", "two", then=waits)) as client,
        client.websocket_connect("/") as session,
    ):
        await client.run(all_sent.wait)
        await session.close(4000)

        assert (await session.receive_text(), await session.receive_text()) == ("one", "two")
        with pytest.raises(WebSocketDisconnect, match="This side has closed"):
            await session.receive_text()


@pytest.mark.in_process_only("Hypercorn tells its app 1006 of every close", over="hypercorn")
async def test_disconnect_can_be_sent_as_asgi_has_it(open_client: OpenAnyClient) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send({"type": "websocket.disconnect", "code": 1001})

    assert (log[-1]["type"], log[-1]["code"]) == ("websocket.disconnect", 1001)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [((7,), "code"), (("1000",), "code"), ((4000, "x" * 124), "reason"), ((4000, b"x"), "reason")],
)
async def test_close_that_no_frame_holds_is_refused(
    open_client: OpenAnyClient, arguments: tuple[Any, ...], text: str
) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError, match=text):
            await session.close(*arguments)
        await session.send_text("still open")

        assert await session.receive_text() == "still open"


@pytest.mark.in_process_only("Hypercorn tells its app 1006 of every close", over="hypercorn")
async def test_leaving_the_block_closes_with_1000(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    async with open_client(websockets.cleans_up(log)) as client:
        await enter(client)

    assert log == ["told 1000", "cleaned up"]


async def test_leaving_the_client_leaves_its_open_sessions(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    async with open_client(websockets.cleans_up(log)) as client:
        session = client.websocket_connect("/")
        await session.__aenter__()

    assert log[-1] == "cleaned up"
    assert session.closed


@pytest.mark.parametrize("method", ["send_text", "send_bytes"])
async def test_nothing_is_sent_after_a_close(open_client: OpenAnyClient, method: str) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close(4000)
        with pytest.raises(WebSocketDisconnect, match="This side has closed") as caught:
            await getattr(session, method)("late" if method == "send_text" else b"late")

    assert caught.value.code == 4000


@pytest.mark.in_process_only("Granian lets an app send to nobody", over="granian")
@pytest.mark.in_process_only("Hypercorn lets an app send to nobody", over="hypercorn")
async def test_app_that_sends_into_the_void_gets_an_os_error(open_client: OpenAnyClient) -> None:
    log: list[str] = []

    async with open_client(websockets.sends_after_disconnect(log, catches=True)) as client:
        await enter(client)

    assert [entry.partition(":")[0] for entry in log] == ["OSError"]


async def test_session_is_used_inside_its_block_only(open_client: OpenAnyClient) -> None:
    async with open_client(websockets.echo) as client:
        session = client.websocket_connect("/")
        with pytest.raises(UsageError, match="used outside its block"):
            await session.send_text("early")
        async with session:
            pass
        with pytest.raises(UsageError, match="used after its block"):
            await session.send_text("late")
        with pytest.raises(UsageError, match="entered before"):
            await session.__aenter__()


async def test_closed_client_opens_no_websocket(open_client: OpenAnyClient) -> None:
    client = open_client.without_entering(websockets.echo)
    for _ in range(2):
        await enter(client)
    await client.aclose()

    with pytest.raises(ClientStateError, match="a closed client stays closed"):
        await enter(client)
