"""Apps for the lifespan: each is served by itself, answers requests, and prints what it sees.

A server's log has what is printed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from asgi_testkit.types import Message, Receive, Scope, Send

__all__ = ("MARK",)

MARK: Final = "lifespan: "

_Lifespan: TypeAlias = Callable[[Any, Receive, Send], Awaitable[None]]


def _tell(line: str) -> None:
    print(f"{MARK}{line}", flush=True)


def _app(lifespan: _Lifespan) -> Any:  # an app
    """Return an app with this lifespan, which answers requests with its state."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, _told_receive(receive), _told_send(send))
            return
        state = {key: value for key, value in scope.get("state", {}).items() if key == "set"}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": repr(state).encode()})

    return app


def _told_receive(receive: Receive) -> Receive:
    async def told() -> Message:
        message = await receive()
        _tell(str(message["type"]))
        return message

    return told


def _told_send(send: Send) -> Send:
    async def told(message: Message) -> None:
        try:
            await send(message)
        except BaseException:
            _tell(f"{message['type']}: raised")
            raise
        _tell(f"{message['type']}: ok")

    return told


async def _start(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})


async def _stop(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@_app
async def complete(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer both."""
    scope.get("state", {})["set"] = 1
    await _start(receive, send)
    await _stop(receive, send)


@_app
async def raises_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """Know no lifespan."""
    raise ValueError("no lifespan here")


@_app
async def raises_in_startup(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail in startup, without a word."""
    await receive()
    raise ValueError("no database")


@_app
async def returns_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """Pass over the lifespan."""


@_app
async def startup_failed(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail in startup, and say so."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


@_app
async def startup_twice(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer startup twice."""
    await _start(receive, send)
    await send({"type": "lifespan.startup.complete"})
    await _stop(receive, send)


@_app
async def unknown_message(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer startup with a message that nobody knows."""
    await receive()
    await send({"type": "lifespan.startup.done"})


@_app
async def raises_after_startup(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail between startup and shutdown."""
    await _start(receive, send)
    raise ValueError("lost")


@_app
async def raises_in_shutdown(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail in shutdown."""
    await _start(receive, send)
    await receive()
    raise ValueError("cannot close")


@_app
async def shutdown_failed(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail in shutdown, and say so."""
    await _start(receive, send)
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "cannot close"})


@_app
async def returns_from_shutdown(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive the shutdown, and return without an answer."""
    await _start(receive, send)
    await receive()


@_app
async def state_replaced(scope: Scope, receive: Receive, send: Send) -> None:
    """Put another state in the place of that which it was given."""
    scope["state"] = {"set": 1}
    await _start(receive, send)
    await _stop(receive, send)
