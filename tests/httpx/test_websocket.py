# Generated from tests/session/test_websocket.py by scripts/write_httpx.py.
"""An open WebSocket: what is sent and received behaves alike in every mode."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asgi_testkit import StallError, UsageError, WebSocketDisconnect
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps import websockets
from tests.apps.raw import COLOUR, answer_lifespan
from tests.apps.websockets import accepting, closes
from tests.httpx.modes import OpenClient

# -- sending and receiving --------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "hello", "ü 🚀 \x00", "x" * 100_000])
async def test_text_comes_back_as_it_was_sent(open_client: OpenClient, text: str) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text(text)

        assert await session.receive_text() == text


@pytest.mark.parametrize("data", [b"", b"hello", bytes(range(256)), b"x" * 100_000])
async def test_bytes_come_back_as_they_were_sent(open_client: OpenClient, data: bytes) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_bytes(data)

        assert await session.receive_bytes() == data


@pytest.mark.parametrize("kind", [bytearray, memoryview])
async def test_bytes_like_values_reach_the_app_as_bytes(
    open_client: OpenClient, kind: type
) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_bytes(kind(b"hello"))

    assert log[0] == {"type": "websocket.receive", "bytes": b"hello"}
    assert type(log[0]["bytes"]) is bytes


@pytest.mark.parametrize("value", [None, 1.5, "ü", [], {"a": [1, {"b": None}]}])
@pytest.mark.parametrize("mode", ["text", "binary"])
async def test_json_comes_back_in_either_mode(
    open_client: OpenClient, value: object, mode: str
) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_json(value, mode=mode)

        assert await session.receive_json(mode=mode) == value


async def test_json_travels_in_the_kind_of_message_its_mode_names(
    open_client: OpenClient,
) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_json({"a": "ü"})
        await session.send_json({"a": "ü"}, "binary")

    assert log[:2] == [
        {"type": "websocket.receive", "text": '{"a":"ü"}'},
        {"type": "websocket.receive", "bytes": b'{"a":"\xc3\xbc"}'},
    ]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("binary", 5), {}),
        ((5, "binary"), {}),
        (("binary",), {"timeout": 5}),
        ((None, "binary"), {}),
        (("binary", None), {}),
        (("binary",), {}),
        ((), {"timeout": 5, "mode": "binary"}),
    ],
)
async def test_mode_and_timeout_of_receive_json_stand_in_either_order(
    open_client: OpenClient, arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    async with (
        open_client(accepting(b"[1]")) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_json(*arguments, **options) == [1]


async def test_timeout_alone_may_be_the_first_argument_of_receive_json(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting("[1]")) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_json(5) == [1]
        with pytest.raises(StallError, match=r"for 0\.01 s nothing has come"):
            await session.receive_json(0.01)


async def test_unknown_json_mode_is_refused_by_both_directions(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("[1]")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError, match=r"mode is 'bytes'; it may be: 'text', 'binary'"):
            await session.send_json([1], mode="bytes")
        with pytest.raises(UsageError, match=r"mode is 'bytes'; it may be: 'text', 'binary'"):
            await session.receive_json("bytes")

        assert await session.receive_json() == [1]


async def test_message_that_is_no_json_is_shown_in_a_note(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("no json")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(json.JSONDecodeError, match="Expecting value") as caught:
            await session.receive_json()

    assert caught.value.__notes__ == ["The app's message was 'no json'."]


@pytest.mark.parametrize(
    ("method", "value", "text"),
    [
        ("send_text", b"x", r"send_text\(\) got bytes; a str is wanted"),
        ("send_text", None, r"send_text\(\) got NoneType; a str is wanted"),
        ("send_bytes", "x", r"send_bytes\(\) got str; bytes are wanted"),
        ("send_bytes", [1], r"send_bytes\(\) got list; bytes are wanted"),
        ("send", {"type": "websocket.send", "text": "x"}, r"send\(\) got .*'websocket.send'"),
        ("send", {"type": "websocket.receive"}, r"send\(\) got .* with 'text' or 'bytes'"),
        ("send", {"type": "websocket.connect"}, r"A client sends 'websocket.receive'"),
        ("send", {}, r"A client sends 'websocket.receive'"),
        ("send", None, r"send\(\) got None; a message is wanted, or send_text\(\)"),
        ("send", "x", r"send\(\) got 'x'; a message is wanted, or send_text\(\)"),
    ],
)
async def test_wrong_value_is_refused_and_the_session_goes_on(
    open_client: OpenClient, method: str, value: object, text: str
) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError, match=text):
            await getattr(session, method)(value)
        await session.send_text("well")

        assert await session.receive_text() == "well"


async def test_raw_messages_are_sent_and_received(open_client: OpenClient) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send({"type": "websocket.receive", "text": "one"})
        await session.send({"type": "websocket.receive", "bytes": b"two", "text": None})
        received = [await session.receive(), await session.receive()]

    assert received == [
        {"type": "websocket.send", "text": "one"},
        {"type": "websocket.send", "bytes": b"two"},
    ]


async def test_raw_disconnect_reaches_the_app_with_its_code(open_client: OpenClient) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send({"type": "websocket.disconnect", "code": 3001, "reason": "enough"})

    assert log == [{"type": "websocket.disconnect", "code": 3001, "reason": "enough"}]


@pytest.mark.parametrize("parts", [{}, {"code": None, "reason": None}])
async def test_raw_disconnect_without_a_code_is_1005(
    open_client: OpenClient, parts: dict[str, None]
) -> None:
    log: list[Message] = []

    async with (
        open_client(websockets.logs_messages(log)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send({"type": "websocket.disconnect", **parts})

    assert log == [{"type": "websocket.disconnect", "code": 1005, "reason": ""}]


async def test_close_of_the_app_is_received_raw_once_and_then_raised(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting(then=closes)) as c,
        c.websocket_connect("/") as session,
    ):
        assert await session.receive() == {
            "type": "websocket.close",
            "code": 4001,
            "reason": "bye",
        }
        with pytest.raises(WebSocketDisconnect, match=r"with code 4001 and reason 'bye'"):
            await session.receive()


@pytest.mark.parametrize(
    ("method", "message", "text", "other"),
    [
        ("receive_text", b"x", r"receive_text\(\) got a bytes message: b'x'", "receive_bytes"),
        ("receive_bytes", "x", r"receive_bytes\(\) got a text message: 'x'", "receive_text"),
        ("receive_json", b"[1]", r"receive_json\(\) got a bytes message", "receive_bytes"),
    ],
)
async def test_message_of_the_wrong_type_is_refused_and_stays_the_next(
    open_client: OpenClient, method: str, message: str | bytes, text: str, other: str
) -> None:
    async with (
        open_client(accepting(message, "after")) as client,
        client.websocket_connect("/") as session,
    ):
        for _ in range(2):
            with pytest.raises(UsageError, match=text):
                await getattr(session, method)()

        assert await getattr(session, other)() == message
        assert await session.receive_text() == "after"


async def test_wrong_type_error_is_a_type_error_too(open_client: OpenClient) -> None:
    async with (
        open_client(accepting(b"x")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(TypeError, match="The message stays queued"):
            await session.receive_text()


# -- iterating --------------------------------------------------------------------------------


async def test_iteration_yields_text_and_bytes_until_the_app_closes(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting("one", b"two", "three", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        messages = [message async for message in session]

        assert messages == ["one", b"two", "three"]
        assert (session.closed, session.close_code, session.close_reason) == (True, 4001, "bye")


@pytest.mark.parametrize(
    ("method", "messages", "values"),
    [
        ("iter_text", ("one", "two"), ["one", "two"]),
        ("iter_bytes", (b"one", b"two"), [b"one", b"two"]),
        ("iter_json", ("[1]", '"two"'), [[1], "two"]),
    ],
)
async def test_iterator_of_one_kind_ends_when_the_app_closes(
    open_client: OpenClient, method: str, messages: tuple[str | bytes, ...], values: list[object]
) -> None:
    async with (
        open_client(accepting(*messages, then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        assert [value async for value in getattr(session, method)()] == values


async def test_iter_json_takes_a_mode(open_client: OpenClient) -> None:
    async with (
        open_client(accepting(b"[1]", b"[2]", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        assert [value async for value in session.iter_json("binary")] == [[1], [2]]


async def test_iteration_that_is_left_is_taken_up_where_it_was(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("one", "two", "three", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        async for first in session:  # noqa: B007
            break

        assert (first, await session.receive_text()) == ("one", "two")
        assert [text async for text in session.iter_text()] == ["three"]


async def test_iterator_of_texts_refuses_bytes_and_keeps_them(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("one", b"two", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(UsageError, match="got a bytes message"):
            [text async for text in session.iter_text()]

        assert await session.receive_bytes() == b"two"


async def test_iteration_after_the_close_ends_at_once(open_client: OpenClient) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(WebSocketDisconnect, match="4001"):
            await session.receive_text()

        assert [message async for message in session] == []
        assert [text async for text in session.iter_text()] == []


async def test_silence_amid_an_iteration_is_a_stall(open_client: OpenClient) -> None:
    async with (
        open_client(accepting("one"), timeout=0.04) as client,
        client.websocket_connect("/") as session,
    ):
        texts = aiter(session)
        assert await anext(texts) == "one"

        with pytest.raises(StallError, match=r"for 0\.04 s nothing has come"):
            await anext(texts)


# -- what the session knows -------------------------------------------------------------------


async def test_session_knows_what_the_app_has_accepted_with(open_client: OpenClient) -> None:
    headers = [(b"x-one", b"1"), (b"x-one", b"2")]
    app = accepting(subprotocol="chat.v2", headers=headers)

    async with (
        open_client(app, ignore_rules={"W18"}) as client,
        client.websocket_connect("/room", ["chat.v1", "chat.v2"]) as session,
    ):
        assert (session.accepted_subprotocol, session.subprotocol) == ("chat.v2", "chat.v2")
        assert session.extra_headers == headers
        assert (session.scope["type"], session.scope["path"]) == ("websocket", "/room")
        assert session.scope["subprotocols"] == ["chat.v1", "chat.v2"]


async def test_session_without_subprotocol_and_headers_has_none(open_client: OpenClient) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/") as session,
    ):
        assert (session.accepted_subprotocol, session.extra_headers) == (None, [])
        assert (session.closed, session.close_code, session.close_reason) == (False, None, None)


async def test_session_that_this_side_has_closed_knows_its_code(open_client: OpenClient) -> None:
    async with (
        open_client(accepting()) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close(4000, "enough")
        with pytest.raises(WebSocketDisconnect, match="4000"):
            await session.receive()

    assert (session.closed, session.close_code, session.close_reason) == (True, 4000, "enough")


async def test_app_sees_the_lifespans_state_and_the_tests_context(open_client: OpenClient) -> None:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["name"] = "db"
        await answer_lifespan(receive, send)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await life(scope, receive, send)
        else:
            await accepting(scope["state"]["name"], COLOUR.get())(scope, receive, send)

    async with open_client(app) as client:
        COLOUR.set("blue")
        async with client.websocket_connect("/") as session:
            texts = [await session.receive_text(), await session.receive_text()]

    assert texts == ["db", "blue"]
