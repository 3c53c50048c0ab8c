"""One app call over a server: its name, and the question what has become of it."""

from __future__ import annotations

import secrets

import h11

from asgi_testkit.errors import AppFailed
from asgi_testkit.relay.wire import CutError, connect
from asgi_testkit.servers.calls import NAME_HEADER, CallEnd
from asgi_testkit.servers.listener import Address
from asgi_testkit.servers.serving import RunningServer
from asgi_testkit.types import HeaderPairs, Scope

__all__ = ("RelayedCall",)


class RelayedCall:
    """A call that a server makes for us.

    Attributes:
        server: which it is.
    """

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self._name = secrets.token_hex(8)

    @property
    def address(self) -> Address:
        """Where the server is."""
        return self.server.address

    def headers(self, scope: Scope) -> HeaderPairs:
        """Return the headers of the request, with the name of the call."""
        return [*scope["headers"], (NAME_HEADER, self._name.encode())]

    async def check(self) -> None:
        """Wait for the end of the app call.

        Raises:
            AppFailed: it has raised in another process.
            BaseException: it has raised this in a thread of ours.
            ServerFailed: the server is gone.
        """
        end = await self.end()
        self.server.calls.forget(self._name)
        if end.exception is not None:
            raise end.exception
        if end.text:
            raise AppFailed.told_by(self.server.kind.title, end.text, log=self.server.log)

    async def end(self, *, now: bool = False) -> CallEnd:
        """Return what has become of the app call; `now`: without waiting for its end.

        Raises:
            ServerFailed: the server is gone.
        """
        calls, is_ours = self.server.calls, self.server.where == "thread"
        if is_ours and (now or calls.find(self._name).is_over):
            return calls.find(self._name)
        try:
            told = CallEnd.from_json(await self._ask("/now" if now else ""))
        except CutError as error:
            raise self.server.failure(f"is gone: {error}") from None
        return calls.find(self._name) if is_ours else told

    async def _ask(self, when: str) -> bytes:
        target = f"{self.server.question}/{self._name}{when}".encode()
        wire = await connect(self.address)
        try:
            await wire.send_head("GET", target, [(b"host", b"localhost")])
            await wire.send_end()
            body = b""
            while not isinstance(event := await wire.next_event(), h11.EndOfMessage):
                body += bytes(event.data) if isinstance(event, h11.Data) else b""
            return body
        finally:
            wire.close()
