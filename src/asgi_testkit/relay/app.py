"""The relay: an ASGI app whose every call goes over the wire to a real server, and comes back.

To the client it is the app; so whatever a client can do in process, it does over a server. The
lifespan starts the server and stops it.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

from asgi_testkit.errors import ServerFailed, UsageError
from asgi_testkit.relay.call import RelayedCall
from asgi_testkit.relay.http import relay_http
from asgi_testkit.relay.wire import CutError
from asgi_testkit.servers.calls import CallEnd
from asgi_testkit.servers.serving import RunningServer, in_worker_thread
from asgi_testkit.types import Receive, Scope, Send

__all__ = ("Relay",)

_RelayOfCall: TypeAlias = Callable[[RelayedCall, Scope, Receive, Send], Awaitable[None]]


class Relay:
    """An ASGI app that hands its calls on to a server, which it starts when it is needed."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self._starting = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one call on.

        Raises:
            AppFailed: the app has raised in a process of its own.
            BaseException: what the app has raised in a thread of this one.
            ServerFailed: the server did not start, or hung up.
        """
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if not self.server.is_running:
            await in_worker_thread(self.start)
        call = RelayedCall(self.server)
        relay = _relay_of(scope)
        try:
            await relay(call, scope, receive, send)
        except CutError as error:
            await call.check()
            raise self.server.failure(f"hung up: {error}") from None
        await call.check()

    def start(self) -> None:
        """Start the server, unless it runs.

        Raises:
            ServerFailed: it did not start.
        """
        with self._starting:
            if not self.server.is_running:
                self.server.start()

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if not await self._goes_well("startup", self.start, send):
            return
        calls = self.server.calls
        if calls.lifespan_end.is_over:  # the app has none: what it raised said so
            calls.lifespan_end = CallEnd()
        scope["state"].update(calls.lifespan_state or {})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if await self._goes_well("shutdown", self.server.stop, send):
            await send({"type": "lifespan.shutdown.complete"})

    async def _goes_well(
        self, part: Literal["startup", "shutdown"], step: Callable[[], None], send: Send
    ) -> bool:
        """Take a step; of one that fails, send and raise what the app itself has, if it is known.

        Raises:
            ServerFailed: nothing is known of the app.
        """
        failure: ServerFailed | None = None
        try:
            await in_worker_thread(step)
        except ServerFailed as error:
            failure = error
        calls = self.server.calls
        raised, reason = calls.lifespan_end.exception, calls.failure_message
        if failure is None and reason is None and (raised is None or part == "startup"):
            return True
        reason = str(raised or failure) if reason is None else reason
        await send({"type": f"lifespan.{part}.failed", "message": reason})
        if raised is not None:
            raise raised
        if failure is not None and calls.failure_message is None:
            raise failure
        return False


def _relay_of(scope: Scope) -> _RelayOfCall:
    """Return what relays a call; what needs a further library is imported here.

    Raises:
        UsageError: that library is not installed.
    """
    if scope["type"] == "http" and scope["http_version"] != "2":
        return relay_http
    try:
        if scope["type"] == "http":
            from asgi_testkit.relay.http2 import relay_http2  # noqa: PLC0415 - see above

            return relay_http2
        from asgi_testkit.relay.websocket import relay_websocket  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        if error.name not in ("h2", "wsproto"):
            raise
        raise UsageError(
            f"This call over a server needs {error.name}, which is not installed."
            f" Install it: pip install {error.name}."
        ) from None
    return relay_websocket
