"""Much at once over WebSockets: unread messages, waiting senders, several callers and sessions."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import anyio
import pytest

from asgi_testkit import ClientStateError, StallError, TestClient
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps import websockets
from tests.apps.raw import Gate, http_app
from tests.apps.websockets import MIB, accepting
from tests.modes import OpenClient
from tests.session.endings import AtOnce
from tests.together import together

# -- unread messages --------------------------------------------------------------------------


async def test_thousand_unread_messages_keep_their_order(open_client: OpenClient) -> None:
    texts = [str(number) for number in range(1000)]

    async with (
        open_client(accepting(*texts)) as client,
        client.websocket_connect("/") as session,
    ):
        received = [await session.receive_text() for _ in texts]

    assert received == texts


async def test_thousand_messages_reach_the_app_unanswered_and_in_order(
    open_client: OpenClient,
) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        for number in range(1000):
            await session.send_text(str(number))

    texts = [message.get("text") for message in log]
    assert texts == [*map(str, range(1000)), None]


async def test_thousand_messages_are_echoed_though_none_is_read_meanwhile(
    open_client: OpenClient,
) -> None:
    texts = [str(number) for number in range(1000)]

    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        for text in texts:
            await session.send_text(text)
        received = [await session.receive_text() for _ in texts]

    assert received == texts


async def test_unread_messages_do_not_hold_up_leaving(open_client: OpenClient) -> None:
    async with (
        open_client(accepting(*["x"] * 1000)) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "x"


# -- senders that wait ------------------------------------------------------------------------


async def test_app_waits_above_4_mib_and_goes_on_when_they_are_read(
    open_client: OpenClient,
) -> None:
    made: list[int] = []
    full = Gate()
    app = websockets.pushes(count=8, size=MIB, made=made, full=full)

    async with open_client(app) as client, client.websocket_connect("/") as session:
        await client.run(full.wait)
        made_unread = list(made)
        sizes = [len(message) async for message in session]

    assert (made_unread, sizes) == ([1, 2, 3, 4, 5], [MIB] * 8)


async def test_app_that_waits_to_send_is_freed_when_the_client_leaves(
    open_client: OpenClient,
) -> None:
    made: list[int] = []
    full = Gate()
    app = websockets.pushes(count=6, size=MIB, made=made, full=full)

    async with open_client(app) as client:
        async with client.websocket_connect("/"):
            await client.run(full.wait)

        assert made == [1, 2, 3, 4, 5, 6]


async def test_message_larger_than_4_mib_is_received_whole(open_client: OpenClient) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_bytes(bytes(5 * MIB))

        assert len(await session.receive_bytes()) == 5 * MIB


async def test_client_waits_above_4_mib_until_the_app_takes_them(
    open_client: OpenClient, at_once: AtOnce
) -> None:
    sent: list[int] = []
    sent_before_the_first_was_taken: list[int] = []
    taken: list[int] = []

    async def takes_late(_scope: object, receive: Receive, send: object) -> None:
        while len(sent) < 4:
            await open_client.sleep_in_app(0.001)
        await open_client.sleep_in_app(0.02)
        sent_before_the_first_was_taken.extend(sent)
        while (message := await receive())["type"] == "websocket.receive":
            taken.append(len(message["bytes"]))

    async with (
        open_client(accepting(then=takes_late)) as client,
        client.websocket_connect("/") as session,
    ):
        with at_once():
            for _ in range(5):
                await session.send_bytes(bytes(MIB))
                sent.append(MIB)

    assert sent_before_the_first_was_taken == [MIB] * 4
    assert taken == [MIB] * 5


async def test_app_that_never_takes_is_a_stall_of_writing(open_client: OpenClient) -> None:
    log: list[str] = []
    app = websockets.ignores_the_client(log, Gate())

    async with (
        open_client(app, timeout=0.2, grace=0) as client,
        client.websocket_connect("/") as session,
    ):
        for _ in range(4):
            await session.send_bytes(bytes(MIB))
        with pytest.raises(StallError, match="left more than 4194304 bytes unread") as caught:
            await session.send_bytes(b"x")

    assert (caught.value.kind, isinstance(caught.value, TimeoutError)) == ("write", True)


async def test_session_goes_on_after_a_stall_of_writing(open_client: OpenClient) -> None:
    gate = Gate()

    async with (
        open_client(websockets.takes_behind(gate), timeout=5) as client,
        client.websocket_connect("/", timeout=0.2) as session,
    ):
        with pytest.raises(StallError, match="left more than 4194304 bytes unread"):  # noqa: PT012
            for _ in range(5):
                await session.send_bytes(bytes(MIB))
        await client.run(gate.open)
        await session.send_bytes(b"more")
        sizes = [await session.receive_text(timeout=5) for _ in range(6)]

    assert sizes == [*[str(MIB)] * 5, "4"]


async def test_sender_is_freed_when_the_app_ends_without_taking(
    open_client: OpenClient, at_once: AtOnce
) -> None:
    async def leaves(_scope: object, _receive: object, send: Send) -> None:
        await open_client.sleep_in_app(0.01)
        await websockets.close(send, 4002)

    async with (
        open_client(accepting(then=leaves)) as client,
        client.websocket_connect("/") as session,
    ):
        with at_once():
            for _ in range(5):
                await session.send_bytes(bytes(MIB))

        await session.expect_close(4002)


# -- several callers of one session -----------------------------------------------------------


async def test_second_receive_at_a_time_is_refused_and_the_first_goes_on(
    open_client: OpenClient,
) -> None:
    outcomes: list[str] = []

    async with (
        open_client(websockets.echo, timeout=5) as client,
        client.websocket_connect("/") as session,
    ):

        async def receive_or_send() -> None:
            try:
                outcomes.append(await session.receive_text())
            except ClientStateError as error:
                outcomes.append(str(error).split("\n", maxsplit=1)[0])
                await session.send_text("for the first")

        await together(open_client, receive_or_send, receive_or_send)

    refused, received = outcomes
    assert refused.startswith("Two callers receive from one WebSocket session at the same time")
    assert received == "for the first"


async def test_one_caller_sends_while_another_receives(open_client: OpenClient) -> None:
    count = 50
    received: list[str] = []

    async with (
        open_client(websockets.echo, timeout=5) as client,
        client.websocket_connect("/") as session,
    ):

        async def send() -> None:
            for number in range(count):
                await session.send_text(str(number))

        async def receive() -> None:
            for _ in range(count):
                received.append(await session.receive_text())  # noqa: PERF401

        await together(open_client, receive, send)

    assert received == [str(number) for number in range(count)]


async def test_waiting_receiver_is_told_when_another_caller_closes(
    open_client: OpenClient,
) -> None:
    messages: list[str | bytes] = []

    async with (
        open_client(accepting("one"), timeout=5) as client,
        client.websocket_connect("/") as session,
    ):

        async def iterate() -> None:
            async for message in session:
                messages.append(message)  # noqa: PERF401

        await together(open_client, iterate, session.close)

    assert messages in ([], ["one"])
    assert session.close_code == 1000


async def test_sender_waits_above_4_mib_for_an_app_that_waits_for_the_receiver(
    open_client: OpenClient,
) -> None:
    count = 12
    sizes: list[int] = []

    async with (
        open_client(websockets.echo, timeout=5) as client,
        client.websocket_connect("/") as session,
    ):

        async def send() -> None:
            for _ in range(count):
                await session.send_bytes(bytes(MIB))

        async def receive() -> None:
            for _ in range(count):
                sizes.append(len(await session.receive_bytes()))  # noqa: PERF401

        await together(open_client, receive, send)

    assert sizes == [MIB] * count


# -- several sessions of one client -----------------------------------------------------------


async def test_sessions_and_requests_of_one_client_take_turns(open_client: OpenClient) -> None:
    async with open_client(websockets.echo) as client:
        async with client.websocket_connect("/a") as a, client.websocket_connect("/b") as b:
            await a.send_text("to a")
            await b.send_text("to b")
            from_b = await b.receive_text()
            page = (await client.get("/page")).text
            from_a = await a.receive_text()

        assert (from_a, from_b, page) == ("to a", "to b", "/page")


async def test_sessions_end_in_any_order(open_client: OpenClient) -> None:
    async with open_client(websockets.echo) as client:
        first, second = client.websocket_connect("/"), client.websocket_connect("/")
        await first.__aenter__()
        await second.__aenter__()
        await first.__aexit__(None, None, None)
        await second.send_text("still open")

        assert await second.receive_text() == "still open"
        await second.__aexit__(None, None, None)


async def test_many_sessions_and_requests_at_once_do_not_mix(open_client: OpenClient) -> None:
    count = 20
    answers: dict[str, str] = {}

    async with open_client(websockets.echo, timeout=10) as client:

        async def talk(name: str) -> None:
            async with client.websocket_connect(f"/{name}") as session:
                for number in range(5):
                    await session.send_text(f"{name} {number}")
                texts = [await session.receive_text() for _ in range(5)]
            answers[name] = ",".join(texts)

        async def fetch(name: str) -> None:
            answers[name] = (await client.get(f"/{name}")).text

        talks = [partial(talk, f"talk{i}") for i in range(count)]
        fetches = [partial(fetch, f"page{i}") for i in range(count)]
        await together(open_client, *talks, *fetches)

    expected = {f"talk{i}": ",".join(f"talk{i} {n}" for n in range(5)) for i in range(count)}
    assert answers == {**expected, **{f"page{i}": f"/page{i}" for i in range(count)}}


async def test_app_passes_messages_from_one_session_to_another(open_client: OpenClient) -> None:
    rooms: dict[str, Send] = {}

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await websockets.accept(receive, send)
        rooms[scope["path"]] = send
        while (message := await receive())["type"] == "websocket.receive":
            await websockets.send_text(rooms["/listener"], message["text"])

    async with (
        open_client(app) as client,
        client.websocket_connect("/listener") as listener,
        client.websocket_connect("/speaker") as speaker,
    ):
        await speaker.send_text("hear me")

        assert await listener.receive_text() == "hear me"


async def test_users_of_one_running_app_talk_to_each_other(open_client: OpenClient) -> None:
    members: list[Send] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await websockets.accept(receive, send)
        members.append(send)
        while (message := await receive())["type"] == "websocket.receive":
            for member in members:
                await websockets.send_text(member, message["text"])

    async with open_client(app) as client:
        other = client.new_client(headers={"x-user": "bob"})
        async with client.websocket_connect("/") as ann, other.websocket_connect("/") as bob:
            await bob.send_text("hello")
            heard = [await ann.receive_text(), await bob.receive_text()]
            members.clear()

    assert heard == ["hello", "hello"]


# -- tasks of async tests ---------------------------------------------------------------------


async def test_cancelled_test_leaves_its_session_properly(open_client: OpenClient) -> None:
    log: list[Message] = []
    if open_client.is_blocking:
        return  # nothing cancels a thread

    async with open_client(websockets.logs_messages(log), timeout=5) as client:
        with anyio.move_on_after(0.15) as scope:
            async with client.websocket_connect("/") as session:
                await session.receive_text(timeout=None)

        assert scope.cancelled_caught

    assert log == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]


async def test_receive_that_is_cancelled_leaves_the_session_whole(
    open_client: OpenClient,
) -> None:
    if open_client.is_blocking:
        return  # nothing cancels a thread

    async with (
        open_client(websockets.echo, timeout=5) as client,
        client.websocket_connect("/") as session,
    ):
        with anyio.move_on_after(0.01):
            await session.receive_text(timeout=None)
        await session.send_text("after")

        assert await session.receive_text() == "after"


async def test_handshake_that_is_cancelled_tells_the_app(open_client: OpenClient) -> None:
    log: list[Message] = []
    if open_client.is_blocking:
        return  # nothing cancels a thread

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while not log or log[-1]["type"] != "websocket.disconnect":
            log.append(await receive())

    async with open_client(app, timeout=5) as client:
        with anyio.move_on_after(0.15):
            await client.websocket_connect("/").__aenter__()

    assert log == [
        {"type": "websocket.connect"},
        {"type": "websocket.disconnect", "code": 1006, "reason": ""},
    ]


async def test_session_is_entered_in_one_task_and_left_in_another(
    open_client: OpenClient,
) -> None:
    async with open_client(websockets.echo) as client:
        session = client.websocket_connect("/")

        async def enter() -> None:
            await session.__aenter__()

        async def leave() -> None:
            await session.__aexit__(None, None, None)

        await together(open_client, enter)
        await session.send_text("hello")
        assert await session.receive_text() == "hello"
        await together(open_client, leave)

        assert session.closed


# -- blocking clients in a running loop -------------------------------------------------------


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_blocking_session_works_inside_a_running_loop(driver: Any) -> None:
    async def main() -> str:
        with (
            TestClient(websockets.echo, driver=driver) as client,
            client.websocket_connect("/") as session,
        ):
            session.send_text("hello")
            return session.receive_text()

    assert asyncio.run(main()) == "hello"
