"""Waiting on WebSockets, what goes wrong on them, and several at once, alike for every library."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit import (
    ASGIRuleError,
    ASGITaskLeakWarning,
    StallError,
    UsageError,
    WebSocketDisconnect,
)
from tests.apps import raw, websockets
from tests.apps.raw import Gate, http_app
from tests.apps.websockets import accepting, closes
from tests.scenarios.libraries import ENDS_HYPERCORN, OpenAnyClient
from tests.together import together


async def enter(client: Any, **options: Any) -> None:
    async with client.websocket_connect("/", **options):
        pass


def raises(exception: BaseException, *, accepts: bool) -> raw.App:
    """Return an app that raises, at once or after it has accepted and sent a message."""

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if accepts:
            await websockets.accept(receive, send)
            await websockets.send_text(send, "one")
        raise exception

    return app


def speaks_late(open_client: OpenAnyClient) -> raw.App:
    """Return an app that is silent for 0.15 s before it sends a message."""

    async def late(_scope: object, _receive: object, send: Any) -> None:
        await open_client.sleep_in_app(0.15)
        await websockets.send_text(send, "late")
        await websockets.close(send)

    return accepting(then=late)


def sleeps(open_client: OpenAnyClient) -> raw.App:
    """Return an app that accepts and sleeps, so that only a limit tells of its silence."""

    async def sleep(_scope: object, _receive: object, _send: object) -> None:
        await open_client.sleep_in_app(60)

    return accepting(then=sleep)


# -- expecting --------------------------------------------------------------------------------


async def test_expect_nothing_passes_where_nothing_comes(open_client: OpenAnyClient) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        await session.expect_nothing(0.01)
        await session.send_text("after")

        assert await session.receive_text() == "after"


async def test_expect_nothing_fails_on_a_message_and_keeps_it(open_client: OpenAnyClient) -> None:
    async with (
        open_client(accepting("one")) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(AssertionError, match=r"send nothing for 5 s, and it sent 'one'"):
            await session.expect_nothing(5)

        assert await session.receive_text() == "one"


@pytest.mark.parametrize("expected", [(), (4001,), (4001, "bye"), (None, "bye")])
async def test_expect_close_passes_on_the_close_that_it_names(
    open_client: OpenAnyClient, expected: tuple[Any, ...]
) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.expect_close(*expected)

        assert (session.closed, session.close_code) == (True, 4001)


async def test_expect_close_fails_on_another_close(open_client: OpenAnyClient) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(AssertionError, match="was to close with code 1000, and it closed"):
            await session.expect_close(1000)


async def test_expect_close_fails_on_a_message_and_keeps_it(open_client: OpenAnyClient) -> None:
    async with (
        open_client(accepting("one", then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(AssertionError, match=r"was to close, and it sent 'one'"):
            await session.expect_close()

        assert await session.receive_text() == "one"
        await session.expect_close(4001)


# -- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["receive", "receive_text", "receive_bytes", "receive_json"])
@pytest.mark.parametrize("timeout", [0, 0.01])
async def test_silence_leaves_the_session_whole(
    open_client: OpenAnyClient, method: str, timeout: float
) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(StallError, match=f"for {timeout:g} s nothing has come"):
            await getattr(session, method)(timeout=timeout)
        await session.send_text("after")

        assert await session.receive_text() == "after"


@pytest.mark.parametrize(
    ("of_client", "of_handshake"), [({"timeout": 0.3}, {}), ({}, {"timeout": 0.3})]
)
async def test_timeout_left_out_is_that_of_the_handshake_or_the_client(
    open_client: OpenAnyClient, of_client: dict[str, Any], of_handshake: dict[str, Any]
) -> None:
    client = open_client.without_entering(sleeps(open_client), grace=0, **of_client)

    async with client.websocket_connect("/", **of_handshake) as session:
        with pytest.raises(StallError, match=r"for 0\.3 s nothing has come"):
            await session.receive_text()
    await client.aclose()


@pytest.mark.parametrize("timeout", [None, 10])
async def test_message_that_comes_late_is_waited_for(
    open_client: OpenAnyClient, timeout: float | None
) -> None:
    async with (
        open_client(speaks_late(open_client), timeout=0.1) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text(timeout=timeout) == "late"


async def test_no_timeout_of_a_handshake_is_no_limit_of_its_session(
    open_client: OpenAnyClient,
) -> None:
    async with (
        open_client(speaks_late(open_client), timeout=0.1) as client,
        client.websocket_connect("/", timeout=None) as session,
    ):
        assert await session.receive_text() == "late"


async def test_handshake_that_is_not_answered_is_the_librarys_read_timeout(
    open_client: OpenAnyClient,
) -> None:
    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    async with open_client(app) as client:
        with pytest.raises(open_client.library.read_timeout, match=r"for 0\.02 s") as caught:
            await enter(client, timeout=0.02)

    assert isinstance(caught.value, StallError)


async def test_app_that_goes_on_after_its_client_has_gone_is_warned_of(
    open_client: OpenAnyClient,
) -> None:
    log: list[str] = []

    async with open_client(websockets.ignores_the_client(log, Gate()), grace=0.01) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled"):
            await enter(client)

    assert log == ["cancelled"]


@pytest.mark.parametrize("timeout", [-1, "1", float("nan")])
async def test_timeout_that_is_no_length_of_time_is_refused(
    open_client: OpenAnyClient, timeout: Any
) -> None:
    async with open_client(accepting("one")) as client:
        with pytest.raises(UsageError, match="timeout is"):
            client.websocket_connect("/", timeout=timeout)
        async with client.websocket_connect("/") as session:
            with pytest.raises(UsageError, match="timeout is"):
                await session.receive_text(timeout=timeout)


# -- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LookupError, OSError, TimeoutError, ENDS_HYPERCORN])
async def test_exception_before_the_accept_is_raised_as_it_is(
    open_client: OpenAnyClient, kind: type[BaseException]
) -> None:
    exception = kind("own")

    async with open_client(raises(exception, accepts=False)) as client:
        with pytest.raises(kind, match="own") as caught:
            await enter(client)

    assert caught.value is exception


@pytest.mark.parametrize("kind", [LookupError, OSError, TimeoutError])
async def test_exception_of_an_open_websocket_is_raised_after_its_messages(
    open_client: OpenAnyClient, kind: type[Exception]
) -> None:
    exception = kind("own")

    async with (
        open_client(raises(exception, accepts=True)) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "one"
        with pytest.raises(kind, match="own") as caught:
            await session.receive_text()

    assert caught.value is exception


async def test_exception_that_nobody_has_received_is_raised_by_the_block(
    open_client: OpenAnyClient,
) -> None:
    exception = LookupError("while leaving")

    async with open_client(websockets.raises_when_told(exception)) as client:
        with pytest.raises(LookupError, match="while leaving") as caught:
            await enter(client)

    assert caught.value is exception


async def test_exception_before_the_accept_is_a_denial_where_it_is_not_raised(
    open_client: OpenAnyClient,
) -> None:
    app = raises(LookupError("own"), accepts=False)

    async with open_client(app, raise_server_exceptions=False) as client:
        with pytest.raises(open_client.library.denial, match="HTTP 500") as caught:
            await enter(client)

    assert repr(caught.value.__cause__) == "LookupError('own')"


async def test_later_exception_is_a_close_with_1011_where_it_is_not_raised(
    open_client: OpenAnyClient,
) -> None:
    app = raises(LookupError("own"), accepts=True)

    async with (
        open_client(app, raise_server_exceptions=False) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "one"
        with pytest.raises(WebSocketDisconnect, match="1011") as caught:
            await session.receive_text()

    assert (caught.value.code, repr(caught.value.__cause__)) == (1011, "LookupError('own')")


async def test_failing_test_leaves_the_session_and_keeps_its_error(
    open_client: OpenAnyClient,
) -> None:
    log: list[str] = []

    async with open_client(websockets.cleans_up(log)) as client:
        with pytest.raises(LookupError, match="of the test"):
            async with client.websocket_connect("/"):
                raise LookupError("of the test")

    assert log[-1] == "cleaned up"


@pytest.mark.in_process_only("the server judges what its app does")
async def test_broken_rule_is_raised_where_the_test_receives(open_client: OpenAnyClient) -> None:
    async def accepts_again(_scope: object, _receive: object, send: Any) -> None:
        await send({"type": "websocket.accept"})

    async with (
        open_client(accepting("one", then=accepts_again)) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "one"
        with pytest.raises(ASGIRuleError, match=r"'websocket\.accept'"):
            await session.receive_text()


@pytest.mark.in_process_only("the server judges what its app does")
async def test_rule_that_servers_forgive_is_strict_clients_error(
    open_client: OpenAnyClient,
) -> None:
    app = accepting(headers=[(b"x-a", b"1")])

    async with open_client(app, strict=True) as client:
        with pytest.raises(ASGIRuleError, match="Rule W18 "):
            await enter(client)


# -- several at once --------------------------------------------------------------------------


async def test_two_websockets_are_talked_on_in_turns(open_client: OpenAnyClient) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/one") as one,
        client.websocket_connect("/two") as two,
    ):
        await one.send_text("to one")
        await two.send_text("to two")

        assert (await two.receive_text(), await one.receive_text()) == ("to two", "to one")


async def test_many_websockets_are_talked_on_at_once(open_client: OpenAnyClient) -> None:
    texts: list[str] = []

    async with open_client(websockets.echo) as client:

        async def talk(text: str) -> None:
            async with client.websocket_connect("/") as session:
                await session.send_text(text)
                texts.append(await session.receive_text())

        await together(open_client, *[lambda n=n: talk(f"{n}") for n in range(4)])

    assert sorted(texts) == ["0", "1", "2", "3"]


async def test_requests_are_answered_while_a_websocket_is_open(
    open_client: OpenAnyClient,
) -> None:
    async with (
        open_client(websockets.echo) as client,
        client.websocket_connect("/") as session,
    ):
        response = await client.get("/shelf")
        await session.send_text("still here")

        assert (response.text, await session.receive_text()) == ("/shelf", "still here")


async def test_two_users_talk_through_one_app(open_client: OpenAnyClient) -> None:
    sends: list[Any] = []

    @http_app
    async def room(scope: Any, receive: Any, send: Any) -> None:
        await websockets.accept(receive, send)
        sends.append(send)
        while (message := await receive())["type"] == "websocket.receive":
            for each in sends:
                await websockets.send_text(each, message["text"])

    async with (
        open_client(room) as ann,
        ann.websocket_connect("/") as anns,
        ann.new_client().websocket_connect("/") as bobs,
    ):
        await anns.send_text("hello, Bob")
        texts = await anns.receive_text(), await bobs.receive_text()

    assert texts == ("hello, Bob", "hello, Bob")


async def test_transcript_shows_a_websocket(open_client: OpenAnyClient) -> None:
    async with open_client(accepting("one", then=closes)) as client:
        async with client.websocket_connect("/room") as session:
            await session.receive_text()
        text = str(client.transcript)

    assert "/room" in text
    assert "websocket.accept" in text
