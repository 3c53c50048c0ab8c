"""An HTTP call over HTTP/1.1: the request and the response, each in its own pace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import anyio
import h11

from asgi_testkit.errors import UsageError
from asgi_testkit.relay.call import RelayedCall
from asgi_testkit.relay.wire import CutError, Wire, connect
from asgi_testkit.types import Receive, Scope, Send

__all__ = ("forward_response", "relay_http", "send_head", "target_of")

_EARLY_HINTS: Final = 103
_HINTS: Final = "http.response.early_hint"


async def relay_http(call: RelayedCall, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand on a request, and the response to it, both directions at once.

    Raises:
        CutError: the server has closed the connection before the response was whole.
        UsageError: the request cannot be said in HTTP/1.1.
    """
    wire = await connect(call.address)
    relay = _HTTPRelay(wire, receive, send, scope["extensions"])
    try:
        await send_head(wire, scope["method"], scope, call)
        await relay.run()
    finally:
        wire.close()


async def send_head(wire: Wire, method: str, scope: Scope, call: RelayedCall) -> None:
    """Send the head of a request as the scope has it.

    Raises:
        CutError: the server has gone.
        UsageError: it cannot be said in HTTP/1.1.
    """
    try:
        await wire.send_head(method, target_of(scope), call.headers(scope))
    except h11.LocalProtocolError as error:
        raise _unsayable(error) from None


def target_of(scope: Scope) -> bytes:
    """Return the request target as it is on the wire."""
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + (b"?" + query if query else b"")


async def forward_response(
    wire: Wire, start: h11.Response, send: Send, *, prefix: str = "http.response"
) -> None:
    """Send a response whose head has come, as ASGI's messages.

    Raises:
        CutError: the server has closed the connection before it was whole.
    """
    headers = [(bytes(name), bytes(value)) for name, value in start.headers]
    has_trailers = any(name == b"trailer" for name, _ in headers)
    head = {"type": f"{prefix}.start", "status": start.status_code, "headers": headers}
    await send({**head, "trailers": True} if has_trailers else head)
    while not isinstance(event := await wire.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Data):
            piece = bytes(event.data)
            await send({"type": f"{prefix}.body", "body": piece, "more_body": True})
    await send({"type": f"{prefix}.body", "body": b"", "more_body": False})
    if has_trailers:
        trailers = [(bytes(name), bytes(value)) for name, value in event.headers]
        await send({"type": f"{prefix}.trailers", "headers": trailers, "more_trailers": False})


class _HTTPRelay:
    """One request and its response."""

    def __init__(
        self, wire: Wire, receive: Receive, send: Send, extensions: Mapping[str, Any]
    ) -> None:
        self._wire = wire
        self._receive = receive
        self._send = send
        self._offers_hints = _HINTS in extensions
        self._problem: Exception | None = None
        self._has_left = False

    async def run(self) -> None:
        """Hand on both directions, until the response is whole or the client has left."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hand_on_request, tasks.cancel_scope)
            try:
                await self._hand_on_response()
            except CutError as error:
                self._problem = self._problem or error
            tasks.cancel_scope.cancel()
        if self._problem is not None and not self._has_left:
            raise self._problem

    async def _hand_on_request(self, scope: anyio.CancelScope) -> None:
        try:
            await self._send_body()
            await self._client_leaves()
        except CutError:
            return  # whether there is a response all the same is seen by who reads it
        except h11.LocalProtocolError as error:
            self._problem = _unsayable(error)
        else:
            self._has_left = True
        scope.cancel()

    async def _send_body(self) -> None:
        while (message := await self._receive())["type"] == "http.request":
            await self._wire.send_body(message.get("body", b""))
            if not message.get("more_body", False):
                await self._wire.send_end()
                return

    async def _client_leaves(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _hand_on_response(self) -> None:
        while not isinstance(event := await self._wire.next_event(), h11.Response):
            if isinstance(event, h11.InformationalResponse) and event.status_code == _EARLY_HINTS:
                await self._hint(event)
        await forward_response(self._wire, event, self._send)

    async def _hint(self, event: h11.InformationalResponse) -> None:
        links = [bytes(value) for name, value in event.headers if name == b"link"]
        if links and self._offers_hints:
            await self._send({"type": _HINTS, "links": links})


def _unsayable(error: h11.LocalProtocolError) -> UsageError:
    return UsageError(f"This request cannot go over a server: {error}.")
