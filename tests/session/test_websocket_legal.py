"""Behaviour that a WebSocket app may rely on, and every legal oddity, pass without a word."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import anyio
import pytest

from asgi_testkit import (
    ASGIRuleError,
    ASGIRuleWarning,
    ASGITaskLeakWarning,
    ClientDisconnectedError,
    WebSocketDenialResponse,
    WebSocketDisconnect,
)
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import http_app
from tests.apps.scripted import received, sending, until_disconnect
from tests.modes import OpenClient
from tests.protocol.websocket_exchanges import accept, close, data, denial_body, denial_start, text

SECONDS = 2  # a hang would end as a StallError, which no test here expects

DENIAL = (denial_start(), denial_body(b"no"))

# -- rules of behaviour, level F ----------------------------------------------------------


@pytest.mark.parametrize("receives", [True, False], ids=["W06-close", "W06-close_before_connect"])
async def test_close_before_the_accept_is_http_403(open_client: OpenClient, receives: bool) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if receives:
            await receive()
        await send(close(code=4003, reason="no ticket"))

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(WebSocketDisconnect, match="HTTP 403") as caught:
            async with client.websocket_connect("/"):
                pass

    assert (caught.value.code, caught.value.reason) == (4003, "no ticket")


@pytest.mark.parametrize("message", [text(""), data(b"")], ids=["W14-text", "W14-bytes"])
async def test_empty_message_is_a_message(open_client: OpenClient, message: Any) -> None:
    async with (
        open_client(sending(accept(), message, close()), timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        assert await ws.receive() == message


async def test_denial_response_reaches_the_test(open_client: OpenClient) -> None:
    cookies = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    app = sending(denial_start(401, cookies), denial_body(b"no"))

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(WebSocketDenialResponse, match="HTTP 401") as caught:
            async with client.websocket_connect("/"):
                pass

    denial = caught.value
    assert (denial.status_code, denial.content, denial.code) == (401, b"no", 1006)
    assert denial.headers.get_list("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("swallows", [True, False])
async def test_denial_response_needs_the_extension_in_the_scope(
    open_client: OpenClient, swallows: bool
) -> None:
    app = sending(*DENIAL, swallows=swallows)
    without: dict[str, Any] = {"scope": {"extensions": {}}}

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(ASGIRuleError, match="Rule H53 "):  # W31
            async with client.websocket_connect("/", extensions=without):
                pass


async def test_send_after_the_client_has_gone_raises_an_oserror_in_the_app(
    open_client: OpenClient,
) -> None:
    errors: list[BaseException] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        await until_disconnect(receive)
        try:
            await send(text("late"))
        except Exception as error:
            errors.append(error)
            raise

    async with open_client(app, timeout=SECONDS) as client, client.websocket_connect("/"):
        pass

    assert [isinstance(error, OSError) for error in errors] == [True]


async def test_app_that_sends_into_a_lost_line_is_no_failure(open_client: OpenClient) -> None:
    refused: list[str] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        try:
            while True:
                await send(text("tick"))
                await open_client.sleep_in_app(0.001)
        except OSError as error:
            refused.append(str(error))
            raise

    async with (
        open_client(app, timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        await ws.receive_text()
        await ws.disconnect()

    assert refused == ["The client has closed the WebSocket (code 1006)."]


async def test_app_that_sends_on_and_on_to_a_client_that_has_gone_is_cancelled(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        await until_disconnect(receive)
        for _ in range(100_000):  # not for ever: this would be a hang
            with suppress(OSError):
                await send(text("tick"))

    async with open_client(app, timeout=SECONDS, grace=0.02) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled"):
            async with client.websocket_connect("/"):
                pass


async def test_app_that_never_looks_for_its_disconnection_is_cancelled(
    open_client: OpenClient,
) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        while True:
            await receive()

    async with open_client(app, timeout=SECONDS, grace=0.02) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled"):
            async with client.websocket_connect("/"):
                pass


async def test_two_tasks_that_send_into_a_lost_line_are_no_failure(
    open_client: OpenClient,
) -> None:
    raised: list[type[BaseException]] = []

    async def tick(send: Send) -> None:
        with anyio.CancelScope(shield=True):  # so that each of the two fails by itself
            while True:
                await send(text("tick"))
                await open_client.sleep_in_app(0.001)

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(tick, send)
                tasks.start_soon(tick, send)
        except ExceptionGroup as group:
            raised.extend(type(error) for error in group.exceptions)
            raise

    async with (
        open_client(app, timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        await ws.receive_text()
        await ws.disconnect()

    assert raised == [ClientDisconnectedError, ClientDisconnectedError]


@pytest.mark.parametrize("code", [1005, 1006, 1011])
async def test_code_of_a_lost_line_reaches_the_app(open_client: OpenClient, code: int) -> None:
    seen: list[Any] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        seen.append(await receive())

    async with (
        open_client(app, timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        await ws.disconnect(code)

    assert seen == [{"type": "websocket.disconnect", "code": code, "reason": ""}]


# -- what must not be rejected ------------------------------------------------------------

WITH_HEADERS: dict[str, Callable[[], Any]] = {
    "list": lambda: [(b"x-a", b"1")],
    "list of lists": lambda: [[b"x-a", b"1"]],
    "tuple": lambda: ((b"x-a", b"1"),),
    "iterator": lambda: iter([(b"x-a", b"1")]),
    "generator": lambda: (pair for pair in [(b"x-a", b"1")]),
    "items": {b"x-a": b"1"}.items,
    "an empty value": lambda: [(b"x-a", b"1"), (b"x-empty", b"")],
    "a tab": lambda: [(b"x-a", b"1"), (b"x-tab", b"a\tb")],
    "latin-1": lambda: [(b"x-a", b"1"), (b"x-latin", b"caf\xe9")],
    "UTF-8": lambda: [(b"x-a", b"1"), (b"x-utf", "café".encode())],
    "repeated": lambda: [(b"set-cookie", b"a=1"), (b"x-a", b""), (b"set-cookie", b"b=2")],
    "300 headers": lambda: [(b"x-a", b"1"), *[(b"x-n%d" % n, b"n") for n in range(299)]],
    "200 kB": lambda: [(b"x-a", b"1"), (b"x-long", b"x" * 200_000)],
}  # fmt: skip
each_headers = pytest.mark.parametrize("headers", WITH_HEADERS.values(), ids=WITH_HEADERS)


@each_headers
async def test_legal_headers_of_an_accept_are_given_to_the_test_with_one_warning(
    open_client: OpenClient, headers: Callable[[], Any]
) -> None:
    app = sending(accept(headers=headers()), close())

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule W18 ") as warned:
            async with client.websocket_connect("/") as ws:
                await received(ws)

    assert len(warned) == 1

    assert ws.extra_headers == [tuple(pair) for pair in headers()]


@each_headers
async def test_legal_headers_of_a_denial_are_given_to_the_test(
    open_client: OpenClient, headers: Callable[[], Any]
) -> None:
    app = sending(denial_start(401, headers()), denial_body())

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(WebSocketDenialResponse, match="HTTP 401") as caught:
            async with client.websocket_connect("/"):
                pass

    given = [tuple(pair) for pair in headers()]
    assert [pair for pair in caught.value.headers.raw if pair in given] == given


LEGAL: dict[str, tuple[Any, ...]] = {
    "extra keys": (accept(extra=1), {**text("a"), "extra": 1}, close(extra=1)),
    "no subprotocol": (accept(subprotocol=None), text("a"), close()),
    "the offered subprotocol": (accept(subprotocol="chat"), text("a"), close()),
    "text with bytes None": (accept(), {**text("a"), "bytes": None}, close()),
    "reason None": (accept(), text("a"), close(reason=None)),
    "reason of 123 bytes": (accept(), text("a"), close(reason="é" * 61 + "x")),
    "close with 3000": (accept(), text("a"), close(code=3000)),
    "close with 4999": (accept(), text("a"), close(code=4999, reason="bye")),
}


@pytest.mark.parametrize("messages", LEGAL.values(), ids=LEGAL)
async def test_legal_messages_pass_without_a_word(
    open_client: OpenClient, messages: tuple[Any, ...]
) -> None:
    async with (
        open_client(sending(*messages), timeout=SECONDS) as client,
        client.websocket_connect("/", ["chat"]) as ws,
    ):
        arrived = await received(ws)

    assert arrived == ["a"]
    assert ws.close_code == messages[-1].get("code", 1000)
    assert ws.close_reason == (messages[-1].get("reason") or "")


async def test_bytes_with_text_none_are_bytes(open_client: OpenClient) -> None:
    app = sending(accept(), {**data(b"a"), "text": None}, close())

    async with (
        open_client(app, timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        assert await received(ws) == [b"a"]


async def test_text_of_2_mb_passes(open_client: OpenClient) -> None:
    content = "é" * 1_000_000

    async with (
        open_client(sending(accept(), text(content), close()), timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        assert await ws.receive_text() == content


LEGAL_DENIALS: dict[str, tuple[Any, ...]] = {
    "200": (denial_start(200), denial_body(b"no")),
    "299": (denial_start(299), denial_body(b"no")),
    "IntEnum": (denial_start(HTTPStatus.FORBIDDEN), denial_body(b"no")),
    "extra keys": (denial_start(403, extra=1), {**denial_body(b"no"), "extra": 1}),
}


@pytest.mark.parametrize("returns", [True, False], ids=["returns at once", "waits for the end"])
@pytest.mark.parametrize("messages", LEGAL_DENIALS.values(), ids=LEGAL_DENIALS)
async def test_legal_denial_passes_without_a_word(
    open_client: OpenClient, messages: tuple[Any, ...], returns: bool
) -> None:
    app = sending(*messages, returns=returns)

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(WebSocketDenialResponse, match="HTTP ") as caught:
            async with client.websocket_connect("/"):
                pass

    denial = caught.value
    assert (denial.status_code, denial.content) == (messages[0]["status"], b"no")


DENIALS_SOME_REFUSE: dict[str, tuple[Any, ...]] = {
    "pieces, some empty": (
        denial_start(403),
        denial_body(more=True),
        denial_body(b"n", more=True),
        denial_body(more=True),
        denial_body(b"o"),
    ),
    "no headers": ({"type": "websocket.http.response.start", "status": 403}, denial_body(b"no")),
    "no body key": (
        denial_start(403),
        denial_body(b"no", more=True),
        {"type": "websocket.http.response.body"},
    ),
}


@pytest.mark.parametrize("messages", DENIALS_SOME_REFUSE.values(), ids=DENIALS_SOME_REFUSE)
async def test_denial_that_some_servers_refuse_passes_with_one_warning(
    open_client: OpenClient, messages: tuple[Any, ...]
) -> None:
    async with open_client(sending(*messages), timeout=SECONDS) as client:
        with (
            pytest.warns(ASGIRuleWarning, match="Rule W30 ") as warned,
            pytest.raises(WebSocketDenialResponse, match="HTTP 403") as caught,
        ):
            async with client.websocket_connect("/"):
                pass

    assert (caught.value.content, len(warned)) == (b"no", 1)


async def test_several_tasks_may_send_at_the_same_time(open_client: OpenClient) -> None:
    async def tell(send: Send, number: int) -> None:
        await send(text(str(number)))

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        async with anyio.create_task_group() as tasks:
            for number in range(20):
                tasks.start_soon(tell, send, number)
        await send(close())

    async with (
        open_client(app, timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        arrived = await received(ws)

    assert sorted(arrived, key=int) == [str(number) for number in range(20)]


ENDS = {"closed": (accept(), close()), "rejected": (close(),), "denied": DENIAL}


@pytest.mark.parametrize("messages", ENDS.values(), ids=ENDS)
async def test_app_may_work_on_after_the_end_beyond_the_grace_time(
    open_client: OpenClient, messages: tuple[Any, ...]
) -> None:
    done: list[str] = []

    async def work() -> None:
        await open_client.sleep_in_app(0.05)
        done.append("work")

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            await send(message)
        await work()

    async with open_client(app, timeout=SECONDS, grace=0.01) as client:
        with suppress(WebSocketDisconnect):
            async with client.websocket_connect("/") as ws:
                await received(ws)

    assert done == ["work"]


@pytest.mark.parametrize("messages", ENDS.values(), ids=ENDS)
async def test_app_is_told_of_the_end_that_it_has_brought_about_once(
    open_client: OpenClient, messages: tuple[Any, ...]
) -> None:
    told: list[str] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            await send(message)
        with anyio.move_on_after(0.05):
            while True:
                told.append((await receive())["type"])

    async with open_client(app, timeout=SECONDS) as client:
        with suppress(WebSocketDisconnect):
            async with client.websocket_connect("/") as ws:
                await received(ws)

    assert told == ["websocket.disconnect"]


async def test_app_that_never_receives_may_close(open_client: OpenClient) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(close())

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(WebSocketDisconnect, match="HTTP 403"):
            async with client.websocket_connect("/"):
                pass
