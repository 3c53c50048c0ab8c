"""However an app ends an open WebSocket, whoever waits is told at once, and once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

import pytest

from asgi_testkit import ASGIRuleError, WebSocketDisconnect
from tests.apps import websockets
from tests.apps.websockets import accepting, closes
from tests.modes import OpenClient
from tests.session.endings import (
    CLOSED,
    ENDS,
    FAILURES,
    TIMEOUT,
    W02,
    W08,
    AtOnce,
    Outcome,
    OwnError,
    closes_after_a_broken_rule,
    named,
    raises,
    raises_in_a_group,
    returns,
    swallows_a_broken_rule,
    when_told,
)

Wait: TypeAlias = Callable[[Any], Coroutine[Any, Any, object]]

# -- the ways to wait -------------------------------------------------------------------------


async def receive(session: Any) -> object:
    return await session.receive()


async def receive_text(session: Any) -> object:
    return await session.receive_text()


async def receive_bytes(session: Any) -> object:
    return await session.receive_bytes()


async def receive_json(session: Any) -> object:
    return await session.receive_json()


async def iterate(session: Any) -> object:
    return [message async for message in session]


async def iterate_text(session: Any) -> object:
    return [text async for text in session.iter_text()]


async def iterate_bytes(session: Any) -> object:
    return [data async for data in session.iter_bytes()]


async def iterate_json(session: Any) -> object:
    return [value async for value in session.iter_json()]


async def expect_close(session: Any) -> object:
    return await session.expect_close()


async def expect_nothing(session: Any) -> object:
    return await session.expect_nothing(TIMEOUT)


RECEIVES = (receive_text, receive_bytes, receive_json)
ITERATES = (iterate, iterate_text, iterate_bytes, iterate_json)
WAITS = (receive, *RECEIVES, *ITERATES, expect_close, expect_nothing)


# -- after the accept -------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", FAILURES, ids=named)
@pytest.mark.parametrize("wait", WAITS, ids=named)
async def test_waiting_caller_is_told_at_once_of_a_failure(
    open_client: OpenClient, wait: Wait, outcome: Outcome, at_once: AtOnce
) -> None:
    app = accepting(then=when_told(outcome.ending, open_client))

    async with (
        open_client(app, timeout=TIMEOUT) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text("end")
        with at_once(), pytest.raises(outcome.error, match=outcome.text):
            await wait(session)


@pytest.mark.parametrize("outcome", FAILURES, ids=named)
@pytest.mark.parametrize("wait", WAITS, ids=named)
async def test_caller_that_waits_after_a_failure_is_told_at_once(
    open_client: OpenClient, wait: Wait, outcome: Outcome, at_once: AtOnce
) -> None:
    async with (
        open_client(accepting(then=outcome.ending), timeout=TIMEOUT) as client,
        client.websocket_connect("/") as session,
    ):
        with at_once(), pytest.raises(outcome.error, match=outcome.text):
            await wait(session)


@pytest.mark.parametrize("wait", RECEIVES, ids=named)
@pytest.mark.parametrize("while_waiting", [True, False])
async def test_receiving_caller_is_told_at_once_of_a_close(
    open_client: OpenClient, wait: Wait, while_waiting: bool, at_once: AtOnce
) -> None:
    ending = when_told(closes, open_client) if while_waiting else closes

    async with (
        open_client(accepting(then=ending), timeout=TIMEOUT) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text("end")
        with at_once(), pytest.raises(CLOSED.error, match=CLOSED.text) as caught:
            await wait(session)

    assert isinstance(caught.value, WebSocketDisconnect)
    assert (caught.value.code, caught.value.reason) == (4001, "bye")


@pytest.mark.parametrize("wait", ITERATES, ids=named)
async def test_iteration_ends_at_once_when_the_app_closes(
    open_client: OpenClient, wait: Wait, at_once: AtOnce
) -> None:
    app = accepting(then=when_told(closes, open_client))

    async with (
        open_client(app, timeout=TIMEOUT) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text("end")
        with at_once():
            assert await wait(session) == []


async def test_raw_receive_and_expectations_see_the_close_at_once(
    open_client: OpenClient, at_once: AtOnce
) -> None:
    app = accepting(then=when_told(closes, open_client))

    async with (
        open_client(app, timeout=TIMEOUT) as client,
        client.websocket_connect("/") as session,
    ):
        await session.send_text("end")
        with at_once():
            with pytest.raises(AssertionError, match="closed with code 4001 and reason 'bye'"):
                await session.expect_nothing(TIMEOUT)
            await session.expect_close(4001, "bye")


@pytest.mark.parametrize("outcome", FAILURES, ids=named)
async def test_leaving_tells_at_once_of_a_failure_that_nobody_waited_for(
    open_client: OpenClient, outcome: Outcome, at_once: AtOnce
) -> None:
    async with open_client(accepting(then=outcome.ending), timeout=TIMEOUT) as client:
        session = await client.websocket_connect("/").__aenter__()

        with at_once(), pytest.raises(outcome.error, match=outcome.text):
            await session.__aexit__(None, None, None)


async def test_leaving_a_closed_session_is_done_at_once(
    open_client: OpenClient, at_once: AtOnce
) -> None:
    async with open_client(accepting(then=closes), timeout=TIMEOUT) as client:
        session = await client.websocket_connect("/").__aenter__()

        with at_once():
            await session.__aexit__(None, None, None)
        assert (session.close_code, session.close_reason) == (4001, "bye")


async def test_exception_of_the_app_is_the_same_object(open_client: OpenClient) -> None:
    error = OwnError("mine")

    async def end(_scope: object, _receive: object, _send: object) -> None:
        raise error

    async with (
        open_client(accepting(then=end)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(OwnError, match="mine") as caught:
            await session.receive_text()

    assert caught.value is error


@pytest.mark.parametrize("outcome", ENDS, ids=named)
async def test_session_whose_app_has_failed_is_closed_with_the_code_that_browsers_see(
    open_client: OpenClient, outcome: Outcome
) -> None:
    async with (
        open_client(accepting(then=outcome.ending)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(outcome.error, match=outcome.text):
            await session.receive_text()

        known = (session.closed, session.close_code, session.close_reason)
        assert known == (True, outcome.code, "")


@pytest.mark.parametrize("outcome", FAILURES, ids=named)
async def test_messages_from_before_a_failure_are_received_first(
    open_client: OpenClient, outcome: Outcome
) -> None:
    async with (
        open_client(accepting("one", "two", then=outcome.ending)) as client,
        client.websocket_connect("/") as session,
    ):
        texts = [await session.receive_text(), await session.receive_text()]

        with pytest.raises(outcome.error, match=outcome.text):
            await session.receive_text()

    assert texts == ["one", "two"]


@pytest.mark.parametrize("outcome", ENDS, ids=named)
async def test_failure_is_raised_once_and_then_the_line_is_lost(
    open_client: OpenClient, outcome: Outcome, at_once: AtOnce
) -> None:
    async with (
        open_client(accepting(then=outcome.ending), timeout=TIMEOUT) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(outcome.error, match=outcome.text):
            await session.receive_text()

        with at_once(), pytest.raises(WebSocketDisconnect, match=f"code {outcome.code}"):
            await session.receive_text()
        with pytest.raises(WebSocketDisconnect, match=f"code {outcome.code}"):
            await session.send_text("x")


@pytest.mark.parametrize("outcome", FAILURES, ids=named)
async def test_failure_that_the_block_does_not_catch_is_what_leaves_it(
    open_client: OpenClient, outcome: Outcome
) -> None:
    async with open_client(accepting(then=outcome.ending)) as client:
        with pytest.raises(outcome.error, match=outcome.text) as caught:
            async with client.websocket_connect("/") as session:
                await session.receive_text()

    assert caught.value.__notes__ == []


async def test_close_that_the_block_does_not_catch_is_what_leaves_it(
    open_client: OpenClient,
) -> None:
    async with open_client(accepting(then=closes)) as client:
        with pytest.raises(WebSocketDisconnect, match="4001"):
            async with client.websocket_connect("/") as session:
                await session.receive_text()


@pytest.mark.parametrize("wait", RECEIVES, ids=named)
@pytest.mark.parametrize("ending", [raises, raises_in_a_group], ids=named)
async def test_without_raising_a_failure_is_a_close_that_holds_what_the_app_raised(
    open_client: OpenClient, wait: Wait, ending: websockets.Ending, at_once: AtOnce
) -> None:
    app = accepting("one", then=when_told(ending, open_client))

    async with (
        open_client(app, timeout=TIMEOUT, raise_server_exceptions=False) as client,
        client.websocket_connect("/") as session,
    ):
        assert await session.receive_text() == "one"
        await session.send_text("end")
        with (
            at_once(),
            pytest.raises(WebSocketDisconnect, match=r"raised .* a browser sees code 1011") as lost,
        ):
            await wait(session)
        assert (lost.value.code, session.close_code) == (1011, 1011)
        assert isinstance(lost.value.__cause__, OwnError)


async def test_without_raising_a_broken_rule_is_raised_all_the_same(
    open_client: OpenClient,
) -> None:
    app = accepting(then=returns)

    async with (
        open_client(app, raise_server_exceptions=False) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(ASGIRuleError, match=W08):
            await session.receive_text()


async def test_broken_rule_is_raised_by_leaving_though_the_app_has_closed_since(
    open_client: OpenClient,
) -> None:
    async with open_client(accepting(then=closes_after_a_broken_rule)) as client:
        with pytest.raises(ASGIRuleError, match=W02):
            async with client.websocket_connect("/") as session:
                await session.expect_close(4001)


async def test_rule_error_names_rule_message_and_state(open_client: OpenClient) -> None:
    async with (
        open_client(accepting(then=swallows_a_broken_rule)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(ASGIRuleError, match="Rule W02") as caught:
            await session.receive_text()

    error = caught.value
    assert (error.rule, error.message, error.state) == (
        "W02",
        {"type": "websocket.accept"},
        "OPEN",
    )
