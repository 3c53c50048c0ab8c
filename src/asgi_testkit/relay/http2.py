"""An HTTP call over HTTP/2, by prior knowledge: one connection and one stream on it for each."""

from __future__ import annotations

from typing import Final

import anyio
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
    WindowUpdated,
)
from h2.exceptions import ProtocolError

from asgi_testkit.errors import UsageError
from asgi_testkit.relay.call import RelayedCall
from asgi_testkit.relay.http import target_of
from asgi_testkit.relay.wire import CutError, Wire, connect
from asgi_testkit.types import HeaderPairs, Receive, Scope, Send

__all__ = ("relay_http2",)

_OF_HTTP1: Final = frozenset(  # RFC 9113 section 8.2.2
    {b"connection", b"host", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)


async def relay_http2(call: RelayedCall, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand on a request, and the response to it, both directions at once.

    Raises:
        CutError: the server has ended the stream before the response was whole.
        UsageError: the request cannot be said in HTTP/2.
    """
    wire = await connect(call.address)
    try:
        await _HTTP2Relay(wire, receive, send).run(_head(call, scope))
    finally:
        wire.close()


def _head(call: RelayedCall, scope: Scope) -> HeaderPairs:
    headers = call.headers(scope)
    hosts = [value for name, value in headers if name == b"host"]
    pseudo = [
        (b":method", scope["method"].encode()),
        (b":scheme", b"http"),
        (b":authority", hosts[0] if hosts else b"localhost"),
        (b":path", target_of(scope)),
    ]
    return [*pseudo, *(pair for pair in headers if pair[0] not in _OF_HTTP1)]


class _Connection(H2Connection):
    DEFAULT_MAX_HEADER_LIST_SIZE = 1024 * 1024  # as over HTTP/1.1


class _HTTP2Relay:
    """One request and its response."""

    def __init__(self, wire: Wire, receive: Receive, send: Send) -> None:
        self._wire = wire
        self._receive = receive
        self._send = send
        self._http = _Connection(H2Configuration(client_side=True, header_encoding=None))
        self._stream = 0
        self._window_changed = anyio.Event()
        self._has_trailers = False
        self._is_whole = False
        self._has_left = False
        self._cut: CutError | None = None

    async def run(self, head: HeaderPairs) -> None:
        """Hand on both directions, until the response is whole or the client has left."""
        self._http.initiate_connection()
        self._stream = self._http.get_next_available_stream_id()
        self._send_head(head)
        await self._flush()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._hand_on_request, tasks.cancel_scope)
            try:
                await self._hand_on_response()
            except CutError as error:
                self._cut = error
            tasks.cancel_scope.cancel()
        if self._cut is not None and not self._has_left:
            raise self._cut

    def _send_head(self, head: HeaderPairs) -> None:
        try:
            self._http.send_headers(self._stream, head)
        except ProtocolError as error:
            raise UsageError(f"This request cannot go over HTTP/2: {error}.") from None

    async def _flush(self) -> None:
        if data := self._http.data_to_send():
            await self._wire.write(data)

    # -- the request ------------------------------------------------------------------------------

    async def _hand_on_request(self, scope: anyio.CancelScope) -> None:
        try:
            while (message := await self._receive())["type"] == "http.request":
                await self._send_body(message.get("body", b""))
                if not message.get("more_body", False):
                    self._http.end_stream(self._stream)
                    await self._flush()
            self._has_left = True
            scope.cancel()
        except (CutError, ProtocolError):
            return  # whether there is a response all the same is seen by who reads it

    async def _send_body(self, piece: bytes) -> None:
        while piece:
            room = self._http.local_flow_control_window(self._stream)
            size = min(room, self._http.max_outbound_frame_size)
            if size <= 0:
                self._window_changed = anyio.Event()
                await self._window_changed.wait()
                continue
            self._http.send_data(self._stream, piece[:size])
            await self._flush()
            piece = piece[size:]

    # -- the response -----------------------------------------------------------------------------

    async def _hand_on_response(self) -> None:
        while not self._is_whole:
            data = await self._wire.read()
            if not data:
                raise CutError("the connection was closed before the response was whole")
            try:
                events = self._http.receive_data(data)
            except ProtocolError as error:
                raise CutError(str(error)) from None
            for event in events:
                await self._take(event)
            await self._flush()

    async def _take(self, event: Event) -> None:
        match event:
            case ResponseReceived(headers=headers):
                await self._start([(bytes(name), bytes(value)) for name, value in headers or ()])
            case DataReceived(data=piece, flow_controlled_length=length):
                await self._send_piece(bytes(piece or b""))
                self._http.acknowledge_received_data(length or 0, self._stream)
            case TrailersReceived(headers=headers) if self._has_trailers:
                await self._end([(bytes(name), bytes(value)) for name, value in headers or ()])
            case StreamEnded() if not self._is_whole:
                await self._end([])
            case WindowUpdated() | RemoteSettingsChanged():
                self._window_changed.set()
            case StreamReset() | ConnectionTerminated() if not self._is_whole:
                raise CutError("the stream was ended before the response was whole")
            case _:
                pass

    async def _start(self, fields: HeaderPairs) -> None:
        headers = [pair for pair in fields if not pair[0].startswith(b":")]
        self._has_trailers = any(name == b"trailer" for name, _ in headers)
        start = {"type": "http.response.start", "status": int(dict(fields)[b":status"])}
        await self._send({**start, "headers": headers, "trailers": self._has_trailers})

    async def _send_piece(self, piece: bytes) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _end(self, trailers: HeaderPairs) -> None:
        self._is_whole = True
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        if self._has_trailers:
            last = {"headers": trailers, "more_trailers": False}
            await self._send({"type": "http.response.trailers", **last})
