"""What becomes of app calls inside a server: noted there, and told to the relay that asks.

A wire shows neither an app's exception nor the end of its call. So a call that bears a name (a
header that the app never sees) is noted by that name, and asked for by a path of ours.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from asgi_testkit.types import ASGI3App, Message, Receive, Scope, Send

__all__ = ("NAME_HEADER", "CallEnd", "CallsInServer")

NAME_HEADER: Final = b"x-asgi-testkit-call"
_KEPT_CALLS: Final = 1_000


@dataclass(slots=True)
class CallEnd:
    """What has become of one app call.

    Attributes:
        is_over: it has returned or raised.
        exception: what it has raised.
        text: the traceback of that; empty: none.
        rejection: code and reason of a close before the accept, which is a plain 403 on the wire.
    """

    is_over: bool = False
    exception: BaseException | None = None
    text: str = ""
    rejection: tuple[int, str] | None = None

    def as_json(self) -> bytes:
        """Return what can cross to another process."""
        named = {"is_over": self.is_over, "text": self.text, "rejection": self.rejection}
        return json.dumps(named).encode()

    @classmethod
    def from_json(cls, text: bytes) -> CallEnd:
        """Return what `as_json` wrote."""
        read = json.loads(text)
        rejection = read["rejection"]
        return cls(read["is_over"], None, read["text"], rejection and (rejection[0], rejection[1]))


@dataclass(slots=True)
class CallsInServer:
    """The app calls of one server, in the process that it runs in.

    Attributes:
        state: keys of the lifespan state that are there before startup.
        lifespan_state: the lifespan's state, once it has begun.
        lifespan_end: what the lifespan has come to.
        failure_message: what the app gave as the reason of a failed startup or shutdown.
        loop: the server's event loop, once the app was called.
    """

    state: dict[str, Any] = field(default_factory=dict[str, Any])
    lifespan_state: dict[str, Any] | None = None
    lifespan_end: CallEnd = field(default_factory=CallEnd)
    failure_message: str | None = None
    loop: asyncio.AbstractEventLoop | None = None
    _ends: OrderedDict[str, CallEnd] = field(default_factory=OrderedDict[str, CallEnd])
    _waiters: dict[str, list[asyncio.Event]] = field(default_factory=dict[str, list[asyncio.Event]])

    def find(self, name: str) -> CallEnd:
        """Return what is known of a call."""
        return self._ends.get(name) or CallEnd()

    def forget(self, name: str) -> None:
        """Let go of a call, and of what it has raised."""
        self._ends.pop(name, None)

    async def wait_for(self, name: str) -> CallEnd:
        """Wait for the end of a call, in the server's loop; one that never came is over."""
        end = self._ends.get(name) or CallEnd(is_over=True)
        if not end.is_over:
            ended = asyncio.Event()
            self._waiters.setdefault(name, []).append(ended)
            await ended.wait()
        return end

    def watching(self, app: ASGI3App) -> ASGI3App:
        """Return `app`, with its calls noted."""

        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            self.loop = asyncio.get_running_loop()
            if scope["type"] == "lifespan":
                await self._call_lifespan(app, scope, receive, send)
                return
            name = _name_in(scope)
            if name is None:
                await app(scope, receive, send)
            else:
                await self._call_named(name, app, _without_name(scope), receive, send)

        return call

    async def _call_lifespan(
        self, app: ASGI3App, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if "state" in scope:
            scope["state"].update(self.state)
            self.lifespan_state = scope["state"]
        self.lifespan_end, self.failure_message = CallEnd(), None

        cause: BaseException | None = None

        async def noting_send(message: Message) -> None:
            nonlocal cause
            if message["type"].endswith(".failed"):
                self.failure_message, cause = message.get("message", ""), sys.exception()
            await send(message)

        try:
            await _run(self.lifespan_end, app, scope, receive, noting_send)
        finally:
            if cause is not None:  # Hypercorn raises an error of its own out of `send`
                self.lifespan_end.exception = cause

    async def _call_named(
        self, name: str, app: ASGI3App, scope: Scope, receive: Receive, send: Send
    ) -> None:
        end = self._ends[name] = CallEnd()
        while len(self._ends) > _KEPT_CALLS:
            self._ends.popitem(last=False)
        if scope["type"] == "websocket":
            send = _noting_rejection(end, send)
        try:
            await _run(end, app, scope, receive, send)
        finally:
            for waiter in self._waiters.pop(name, ()):
                waiter.set()


async def _run(end: CallEnd, app: ASGI3App, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await app(scope, receive, send)
    except BaseException as error:
        if not isinstance(error, asyncio.CancelledError):  # the server's doing, not the app's
            end.exception = error
            end.text = "".join(traceback.format_exception(error))
        raise
    finally:
        end.is_over = True


def _noting_rejection(end: CallEnd, send: Send) -> Send:
    is_answered = False

    async def noting(message: Message) -> None:
        nonlocal is_answered
        if not is_answered and message["type"] == "websocket.close":
            end.rejection = (message.get("code") or 1000, message.get("reason") or "")
        is_answered = True
        await send(message)

    return noting


def _name_in(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if bytes(name) == NAME_HEADER:
            return bytes(value).decode("ascii")
    return None


def _without_name(scope: Scope) -> Scope:
    headers = [pair for pair in scope["headers"] if bytes(pair[0]) != NAME_HEADER]
    return {**scope, "headers": headers}
