"""Leaving a WebSocket is itself cut short, by the test's cancellation: the app ends in order."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from tests.apps import websockets
from tests.apps.websockets import accepting
from tests.modes import ASYNC_MODES, OpenClient
from tests.session.endings import OwnError

pytestmark = pytest.mark.parametrize("open_client", ASYNC_MODES, indirect=True)


async def cut_short(session: Any, receives: bool) -> None:
    """Let a limit ring, either amid the block or while that is left."""
    with anyio.CancelScope() as scope:
        async with session:
            scope.deadline = anyio.current_time() + 0.01
            if receives:
                await session.receive_text(timeout=None)
    assert scope.cancelled_caught


IN_EITHER_PLACE = pytest.mark.parametrize("receives", [True, False], ids=["amid", "leaving"])


@IN_EITHER_PLACE
async def test_app_whose_leaving_was_cut_short_cleans_up_before_the_client_is_left(
    open_client: OpenClient, receives: bool
) -> None:
    log: list[str] = []

    async with open_client(websockets.cleans_up(log, steps=30), grace=5.0) as client:
        await cut_short(client.websocket_connect("/"), receives)

    assert log == ["told 1000", "cleaned up"]


@IN_EITHER_PLACE
async def test_exception_after_a_leaving_that_was_cut_short_is_raised_by_the_client(
    open_client: OpenClient, receives: bool
) -> None:
    async def end(_scope: object, receive: Any, _send: object) -> None:
        await websockets.until_disconnect(receive)
        await open_client.sleep_in_app(0.03)
        raise OwnError("in cleanup")

    with pytest.raises(OwnError, match="in cleanup"):
        async with open_client(accepting(then=end), grace=5.0) as client:
            await cut_short(client.websocket_connect("/"), receives)


async def test_session_whose_leaving_was_cut_short_is_closed(open_client: OpenClient) -> None:
    async with open_client(websockets.cleans_up([], steps=30), grace=5.0) as client:
        session = client.websocket_connect("/")
        await cut_short(session, receives=False)

        assert (session.closed, session.close_code) == (True, 1000)
