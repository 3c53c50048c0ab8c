"""Small raw WebSocket apps that follow a script: what to send, then how to end.

Each is made anew for a test; `received` is what the test's side does with them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgi_testkit import ASGIRuleError
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.raw import App, http_app

Pause = Callable[[], Awaitable[None]]


async def no_pause() -> None:
    pass


def sending(
    *messages: Any, swallows: bool = False, pause: Pause = no_pause, returns: bool = False
) -> App:
    """Return an app that sends `messages` and then waits for the end, unless it `returns`."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            try:
                await send(message)
            except ASGIRuleError:
                if not swallows:
                    raise
            await pause()
        if not returns:
            await until_disconnect(receive)

    return app


async def until_disconnect(receive: Receive) -> Message:
    while (message := await receive())["type"] != "websocket.disconnect":
        pass
    return message


async def received(ws: Any) -> list[str | bytes]:
    """Return every message until the app closes."""
    return [message async for message in ws]


def raising(error: BaseException, *messages: Any, pause: Pause = no_pause) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            await send(message)
        await pause()
        raise error

    return app
