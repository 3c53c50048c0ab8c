"""One HTTP/1.1 connection to a server: bytes on one side, h11's events on the other."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import anyio
import h11
from anyio.abc import ByteStream

from asgi_testkit.servers.listener import Address

__all__ = ("CutError", "Event", "Wire", "connect")

_READ_BYTES: Final = 64 * 1024
_GONE: Final = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError)

Event: TypeAlias = h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage


class CutError(Exception):
    """The server has closed the connection before the message was whole, or said no HTTP."""


class Wire:
    """A connection, used for one request."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._http = h11.Connection(h11.CLIENT)
        self._writing = anyio.Lock()  # both directions may have something to say

    async def send_head(
        self, method: str, target: bytes, headers: Sequence[tuple[bytes, bytes]]
    ) -> None:
        """Send the head of the request.

        Raises:
            h11.LocalProtocolError: it cannot be said in HTTP/1.1.
            CutError: the server has gone.
        """
        await self._say(h11.Request(method=method, target=target, headers=list(headers)))

    async def send_body(self, piece: bytes) -> None:
        """Send a piece of the request body; raises as `send_head`."""
        if piece:
            await self._say(h11.Data(data=piece))

    async def send_end(self) -> None:
        """Send the end of the request; raises as `send_head`."""
        await self._say(h11.EndOfMessage())

    async def next_event(self) -> Event:
        """Return what the server says next.

        Raises:
            CutError: it says nothing more.
        """
        while True:
            try:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._http.receive_data(await self.read())
                    continue
            except h11.RemoteProtocolError as error:
                raise CutError(str(error)) from None
            if isinstance(event, Event):
                return event
            raise CutError("the connection was closed without an answer")

    @property
    def bytes_behind(self) -> bytes:
        """What has come behind the end of HTTP: frames of a WebSocket."""
        return self._http.trailing_data[0]

    async def read(self) -> bytes:
        """Return the next bytes; none: the server has closed."""
        try:
            return await self._stream.receive(_READ_BYTES)
        except _GONE:
            return b""

    async def write(self, data: bytes) -> None:
        """Send bytes as they are.

        Raises:
            CutError: the server has gone.
        """
        try:
            async with self._writing:
                await self._stream.send(data)
        except _GONE as error:
            raise CutError(str(error)) from None

    async def close(self) -> None:
        """Close the connection, also in a cancelled scope."""
        with anyio.CancelScope(shield=True), suppress(*_GONE):
            await self._stream.aclose()

    async def _say(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            await self.write(data)


async def connect(address: Address) -> Wire:
    """Return a new connection to a server.

    Raises:
        CutError: nobody listens there any more.
    """
    try:
        if isinstance(address, str):
            return Wire(await anyio.connect_unix(address))
        return Wire(await anyio.connect_tcp(*address))
    except OSError as error:
        raise CutError(str(error)) from None
