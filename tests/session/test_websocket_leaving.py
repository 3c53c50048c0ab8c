"""Leaving a WebSocket: the app may clean up, is cancelled only then, and what it raised is told."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from starlette.websockets import WebSocketDisconnect as StarlettesDisconnect

from asgi_testkit import ASGITaskLeakWarning, StallError
from tests.apps import raw, websockets
from tests.apps.raw import Gate
from tests.apps.websockets import accepting, closes
from tests.lines import line_of
from tests.modes import OpenClient
from tests.session.endings import (
    OwnError,
    raises,
    returns,
)

# -- leaving ----------------------------------------------------------------------------------


async def test_app_cleans_up_with_awaits_before_leaving_is_done(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(websockets.cleans_up(log)) as client:
        async with client.websocket_connect("/"):
            pass

        assert log == ["told 1000", "cleaned up"]


async def test_app_that_ignores_the_disconnect_is_cancelled_after_the_grace(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    app = websockets.ignores_the_client(log, Gate())

    async with open_client(app, grace=0.01) as client:
        with pytest.warns(ASGITaskLeakWarning) as warned:
            async with client.websocket_connect("/"):
                pass

        assert log == ["cancelled"]
    text = (
        "The app had to be cancelled: it went on for the grace time after websocket / was left.\n"
        f"It stood at {line_of(raw.__file__, 'await self._event.wait()', 'wait')}.\n"
        "Pass grace=... to the client for more time or less."
    )
    assert [str(one.message) for one in warned] == [text]


async def test_app_that_receives_on_after_its_disconnect_is_cancelled_after_the_grace(
    open_client: OpenClient,
) -> None:
    log: list[str] = []

    async def deaf(_scope: object, receive: Any, _send: object) -> None:
        while True:
            log.append((await receive())["type"])

    async with open_client(accepting(then=deaf), grace=0.01) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled"):
            async with client.websocket_connect("/"):
                pass

        assert log == ["websocket.disconnect"]


async def test_grace_of_zero_cancels_at_once(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(websockets.ignores_the_client(log, Gate()), grace=0.0) as client:
        async with client.websocket_connect("/"):
            pass

        assert log == ["cancelled"]


async def test_app_that_swallows_its_cancellation_is_warned_about(
    open_client: OpenClient,
) -> None:
    gate = Gate()

    async def stays(_scope: object, _receive: object, _send: object) -> None:
        try:
            await gate.wait()
        except anyio.get_cancelled_exc_class():
            with anyio.CancelScope(shield=True):
                await gate.wait()

    async with open_client(accepting(then=stays), grace=0.01) as client:
        with pytest.warns(ASGITaskLeakWarning, match=r"went on after the client had left"):
            async with client.websocket_connect("/"):
                pass
        await client.run(gate.open)


async def test_app_that_goes_on_after_its_close_is_waited_for(open_client: OpenClient) -> None:
    log: list[str] = []

    async def end(scope: Any, receive: Any, send: Any) -> None:
        await closes(scope, receive, send)
        await open_client.sleep_in_app(0.01)
        log.append("worked")

    async with open_client(accepting(then=end), grace=0.001) as client:
        async with client.websocket_connect("/") as session:
            await session.expect_close(4001)

        assert log == ["worked"]


async def test_app_that_never_returns_after_its_close_is_a_stall(open_client: OpenClient) -> None:
    async def end(scope: Any, receive: Any, send: Any) -> None:
        await closes(scope, receive, send)
        await Gate().wait()

    async with open_client(accepting(then=end), timeout=0.2, grace=0.01) as client:
        with pytest.raises(StallError, match="not returned after it had closed") as caught:
            async with client.websocket_connect("/") as session:
                await session.expect_close(4001)

    assert caught.value.kind == "background"


async def test_exception_on_being_left_is_raised_by_leaving(open_client: OpenClient) -> None:
    error = OwnError("mine")

    async with open_client(websockets.raises_when_told(error)) as client:
        with pytest.raises(OwnError, match="mine") as caught:
            async with client.websocket_connect("/"):
                pass

    assert caught.value is error


async def test_without_raising_an_exception_on_being_left_is_not_seen(
    open_client: OpenClient,
) -> None:
    app = websockets.raises_when_told(OwnError("mine"))

    async with (
        open_client(app, raise_server_exceptions=False) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close(4000)

    assert session.close_code == 4000


async def test_exception_after_the_apps_own_close_is_raised_by_leaving(
    open_client: OpenClient,
) -> None:
    async def end(scope: Any, receive: Any, send: Any) -> None:
        await closes(scope, receive, send)
        await raises(scope, receive, send)

    async with open_client(accepting(then=end)) as client:
        with pytest.raises(OwnError, match="mine"):
            async with client.websocket_connect("/") as session:
                await session.expect_close(4001)


async def test_exception_that_was_caught_at_receive_is_not_raised_by_leaving(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting(then=raises)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(OwnError, match="mine"):
            await session.receive_text()


@pytest.mark.parametrize("error", [OwnError("mine"), SystemExit("mine")], ids=type)
async def test_exception_of_the_test_stays_and_the_apps_is_in_its_notes(
    open_client: OpenClient, error: BaseException
) -> None:
    async with open_client(websockets.raises_when_told(error)) as client:
        with pytest.raises(KeyError, match="of the test") as caught:
            async with client.websocket_connect("/"):
                raise KeyError("of the test")

    assert caught.value.__notes__ == [f"Then, when the WebSocket was left: {error!r}"]


async def test_failed_assertion_of_the_test_stays_though_the_app_broke_a_rule(
    open_client: OpenClient,
) -> None:
    async with open_client(accepting("one", then=returns)) as client:
        with pytest.raises(AssertionError, match="of the test") as caught:
            async with client.websocket_connect("/"):
                raise AssertionError("of the test")

    (note,) = caught.value.__notes__
    assert "without sending 'websocket.close'" in note


async def test_send_to_a_client_that_has_gone_is_an_os_error_in_the_app(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    app = websockets.sends_after_disconnect(log, catches=True)

    async with open_client(app) as client:
        async with client.websocket_connect("/") as session:
            await session.close(4000)

        assert log == ["OSError: The client has closed the WebSocket (code 4000)."]


@pytest.mark.parametrize("wrapped", [False, True])
async def test_send_to_a_client_that_has_gone_is_no_failure_of_the_app(
    open_client: OpenClient, wrapped: bool
) -> None:
    log: list[str] = []
    app = websockets.sends_after_disconnect(log, catches=False)

    async def wrapping(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except OSError as error:
            raise OwnError("of a framework") from error

    async with (
        open_client(wrapping if wrapped else app) as client,
        client.websocket_connect("/"),
    ):
        pass

    assert len(log) == 1


async def test_close_to_a_client_that_has_gone_does_no_harm(open_client: OpenClient) -> None:
    async def end(_scope: object, receive: Any, send: Any) -> None:
        await websockets.until_disconnect(receive)
        await websockets.close(send, 4001)

    async with (
        open_client(accepting(then=end)) as client,
        client.websocket_connect("/") as session,
    ):
        await session.close(4000)

    assert session.close_code == 4000


async def test_starlettes_disconnect_out_of_an_endpoint_is_no_failure(
    open_client: OpenClient,
) -> None:
    log: list[int] = []

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text("tick")
                await open_client.sleep_in_app(0)
        except StarlettesDisconnect as error:
            log.append(error.code)
            raise

    app = Starlette(routes=[WebSocketRoute("/", endpoint)])
    async with open_client(app) as client:
        async with client.websocket_connect("/") as session:
            assert await session.receive_text() == "tick"

        assert log == [1006]


async def test_disconnect_that_a_starlette_endpoint_lets_out_is_raised_as_starlettes_client_does(
    open_client: OpenClient,
) -> None:
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.send_text(await websocket.receive_text())

    app = Starlette(routes=[WebSocketRoute("/", endpoint)])
    async with open_client(app) as client:
        with pytest.raises(StarlettesDisconnect, match="1000") as caught:  # noqa: PT012
            async with client.websocket_connect("/") as session:
                await session.send_text("hello")
                assert await session.receive_text() == "hello"

    assert caught.value.code == 1000
