"""The ways in which apps end a WebSocket, and how each shows at the client."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from asgi_testkit import ASGIRuleError, WebSocketDisconnect
from asgi_testkit.types import Send
from tests.apps import websockets
from tests.apps.websockets import closes
from tests.modes import OpenClient

AtOnce: TypeAlias = Callable[[], AbstractContextManager[None]]

TIMEOUT = 30.0  # of the clients here: whoever is told only by it fails


class OwnError(Exception):
    """What apps here raise."""


async def returns(_scope: object, _receive: object, _send: object) -> None:
    """End without a word."""


async def raises(_scope: object, _receive: object, _send: object) -> None:
    raise OwnError("mine")


async def raises_in_a_group(_scope: object, _receive: object, _send: object) -> None:
    raise ExceptionGroup("tasks", [OwnError("mine")])


async def exits(_scope: object, _receive: object, _send: object) -> None:
    raise SystemExit("mine")


async def breaks_a_rule(_scope: object, _receive: object, send: Send) -> None:
    await send({"type": "websocket.accept"})


async def swallows_a_broken_rule(scope: object, receive: Any, send: Send) -> None:
    with suppress(ASGIRuleError):
        await breaks_a_rule(scope, receive, send)
    await websockets.until_disconnect(receive)


async def closes_after_a_broken_rule(scope: Any, receive: Any, send: Send) -> None:
    with suppress(ASGIRuleError):
        await breaks_a_rule(scope, receive, send)
    await closes(scope, receive, send)


@dataclass(frozen=True)
class Outcome:
    """How an ending shows: the error, and the part of its text that matters."""

    ending: websockets.Ending
    error: type[BaseException]
    text: str
    code: int = 1011  # what the browser of a server that says so would see

    def __str__(self) -> str:
        return self.ending.__name__


MINE = r"^mine$"
W08 = r"The app returned without sending 'websocket.close'\.(.|\n)*Rule W08"
W02 = r"The app sent 'websocket.accept' after it had accepted(.|\n)*Rule W02"

FAILURES = (
    Outcome(returns, ASGIRuleError, W08, 1006),
    Outcome(raises, OwnError, MINE),
    Outcome(raises_in_a_group, OwnError, MINE),
    Outcome(exits, SystemExit, MINE),
    Outcome(breaks_a_rule, ASGIRuleError, W02),
    Outcome(swallows_a_broken_rule, ASGIRuleError, W02),
)
ENDS = FAILURES[:-1]  # the last one goes on until the client leaves

CLOSED = Outcome(
    closes,
    WebSocketDisconnect,
    r"The app has closed the WebSocket, with code 4001 and reason 'bye'",
)


def when_told(ending: websockets.Ending, open_client: OpenClient) -> websockets.Ending:
    """Return an ending that comes while the client waits: it takes a message and some time."""

    async def end(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await open_client.sleep_in_app(0.002)
        await ending(scope, receive, send)

    return end


def named(value: object) -> str:
    """Return a test id: a function's name, or an outcome's."""
    return str(getattr(value, "__name__", value))
