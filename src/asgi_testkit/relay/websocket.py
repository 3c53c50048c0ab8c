"""A WebSocket call over the wire: the handshake, then frames in both directions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import anyio
import h11
from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import (
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    TextMessage,
)
from wsproto.utilities import ProtocolError as FrameError

from asgi_testkit.relay.call import RelayedCall
from asgi_testkit.relay.http import forward_response, send_head
from asgi_testkit.relay.wire import CutError, Wire, connect
from asgi_testkit.types import Receive, Scope, Send

__all__ = ("relay_websocket",)

_LOST: Final = 1006
_NO_CODE: Final = 1005
_OF_FAILURE: Final = frozenset({_LOST, 1011, 1012})  # what servers close with when an app raises
_SWITCHED: Final = 101
_SWITCHING: Final = frozenset(
    {b"upgrade", b"connection", b"sec-websocket-accept", b"sec-websocket-protocol"}
)


async def relay_websocket(call: RelayedCall, scope: Scope, receive: Receive, send: Send) -> None:
    """Make the handshake, and hand on messages until one side has closed.

    Raises:
        CutError: the server has closed the connection without an answer.
        UsageError: the handshake cannot be said in HTTP/1.1.
    """
    await receive()  # the `websocket.connect`
    wire = await connect(call.address)
    try:
        await send_head(wire, "GET", scope, call)
        await wire.send_end()
        while isinstance(answer := await wire.next_event(), h11.InformationalResponse):
            if answer.status_code == _SWITCHED:
                await send(_accept(answer))
                await _WebSocketRelay(call, wire, receive, send).run()
                return
        assert isinstance(answer, h11.Response)
        await _deny(call, wire, answer, scope, send)
    finally:
        wire.close()


async def _deny(
    call: RelayedCall, wire: Wire, answer: h11.Response, scope: Scope, send: Send
) -> None:
    end = await call.end(now=True)
    if end.rejection is not None:
        code, reason = end.rejection
        await send({"type": "websocket.close", "code": code, "reason": reason})
    elif not end.text and "websocket.http.response" in scope["extensions"]:
        await forward_response(wire, answer, send, prefix="websocket.http.response")


def _accept(answer: h11.InformationalResponse) -> dict[str, Any]:
    given = [(bytes(name), bytes(value)) for name, value in answer.headers]
    chosen = [value.decode("latin-1") for name, value in given if name == b"sec-websocket-protocol"]
    return {
        "type": "websocket.accept",
        "subprotocol": chosen[0] if chosen else None,
        "headers": [pair for pair in given if pair[0] not in _SWITCHING],
    }


class _WebSocketRelay:
    """One open WebSocket."""

    def __init__(self, call: RelayedCall, wire: Wire, receive: Receive, send: Send) -> None:
        self._call = call
        self._wire = wire
        self._receive = receive
        self._send = send
        self._frames = Connection(ConnectionType.CLIENT)
        self._pieces: list[Any] = []  # of a message in several frames: all str, or all bytes
        self._has_left = False

    async def run(self) -> None:
        """Hand on messages, until one side has closed."""
        close: tuple[int, str] = (_LOST, "")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hand_on_clients, tasks.cancel_scope)
            with suppress(CutError):
                close = await self._hand_on_apps()
            tasks.cancel_scope.cancel()
        if not self._has_left:
            await self._tell_close(*close)

    async def _tell_close(self, code: int, reason: str) -> None:
        if code in _OF_FAILURE or (await self._call.end(now=True)).text:
            await self._call.check()
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    # -- from the client to the app ---------------------------------------------------------------

    async def _hand_on_clients(self, scope: anyio.CancelScope) -> None:
        with suppress(CutError):
            while (message := await self._receive())["type"] == "websocket.receive":
                await self._say(_frame(message))
            self._has_left = True
            if message.get("code", _NO_CODE) == _LOST:
                scope.cancel()
            else:
                code, reason = message.get("code", _NO_CODE), message.get("reason")
                await self._say(CloseConnection(code=code, reason=reason or None))

    async def _say(self, event: Event) -> None:
        if self._frames.state is ConnectionState.OPEN or isinstance(event, CloseConnection):
            with suppress(FrameError):  # both sides have closed at the same time
                await self._wire.write(self._frames.send(event))

    # -- from the app to the client ---------------------------------------------------------------

    async def _hand_on_apps(self) -> tuple[int, str]:
        """Hand on what the server sends; return how it closes."""
        data = self._wire.bytes_behind or await self._wire.read()
        while data:
            self._frames.receive_data(data)
            for event in self._frames.events():
                if isinstance(event, CloseConnection):
                    await self._say(event.response())
                    return event.code, event.reason or ""
                await self._take(event)
            data = await self._wire.read()
        return _LOST, ""

    async def _take(self, event: Event) -> None:
        if isinstance(event, Ping):
            await self._say(event.response())
        elif isinstance(event, TextMessage | BytesMessage):
            self._pieces.append(event.data)
            if event.message_finished:
                await self._send(self._whole_message(event))

    def _whole_message(self, last: TextMessage | BytesMessage) -> dict[str, Any]:
        pieces, self._pieces = self._pieces, []
        if isinstance(last, TextMessage):
            return {"type": "websocket.send", "text": "".join(pieces)}
        return {"type": "websocket.send", "bytes": b"".join(map(bytes, pieces))}


def _frame(message: dict[str, Any]) -> Event:
    text = message.get("text")
    return BytesMessage(data=message["bytes"]) if text is None else TextMessage(data=text)
