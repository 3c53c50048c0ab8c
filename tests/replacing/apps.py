"""Apps that the tests of the drop-in call."""

from __future__ import annotations

import asyncio

from asgi_testkit.types import Message, Receive, Scope, Send

__all__ = ("doubtful", "no_lifespan", "slow_start", "slow_stop", "unending", "until_told")

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
WHOLE: Message = {"type": "http.response.body", "body": b"whole"}


async def doubtful(scope: Scope, receive: Receive, send: Send) -> None:
    """Break rule H27, which is warned of: a header name in upper case."""
    await send({**START, "headers": [(b"X-Upper", b"case")]})
    await send(WHOLE)


async def unending(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin a response and never end it, deaf to the client's leaving."""
    await send(START)
    await send({**WHOLE, "more_body": True})
    await asyncio.Event().wait()


async def until_told(scope: Scope, receive: Receive, send: Send) -> None:
    """Send over a WebSocket the code that it is closed with, to whom it may concern."""
    await receive()
    await send({"type": "websocket.accept"})
    code = (await receive())["code"]
    CODES.append(code)


CODES: list[int] = []


async def no_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """Take HTTP only."""
    assert scope["type"] == "http"
    await send(START)
    await send(WHOLE)


async def slow_start(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive the startup, and never answer."""
    await receive()
    await asyncio.Event().wait()


async def slow_stop(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the startup, and never the shutdown."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await asyncio.Event().wait()
