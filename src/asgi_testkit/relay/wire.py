"""One HTTP/1.1 connection to a server: bytes on one side, h11's events on the other.

A plain socket, not a stream of an event loop: where a write fails since the server has answered
early and closed, a stream would throw that answer away; a socket still has it.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from typing import Final, TypeAlias

import anyio
import h11
from anyio.lowlevel import checkpoint

from asgi_testkit.servers.listener import Address

__all__ = ("CutError", "Event", "Wire", "connect")

_READ_BYTES: Final = 64 * 1024
_HEAD_BYTES: Final = 1024 * 1024  # h11's default is meant for servers
_PENDING: Final = (errno.EINPROGRESS, errno.EWOULDBLOCK)
_NO_ANSWER: Final = "it has closed the connection without an answer"

Event: TypeAlias = h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage


class CutError(Exception):
    """The server has closed the connection before the message was whole, or said no HTTP."""


class Wire:
    """A connection, used for one request.

    Args:
        connection: a socket that does not block.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
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
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(await self._read_of_answer())
        except h11.RemoteProtocolError as error:
            raise CutError(str(error)) from None
        if isinstance(event, Event):
            return event
        raise CutError(_NO_ANSWER)

    async def _read_of_answer(self) -> bytes:
        data = await self.read()
        if not data and self._http.their_state is h11.SEND_RESPONSE:
            raise CutError(_NO_ANSWER)
        return data

    @property
    def bytes_behind(self) -> bytes:
        """What has come behind the end of HTTP: frames of a WebSocket."""
        return self._http.trailing_data[0]

    async def read(self) -> bytes:
        """Return the next bytes; none: the server has closed."""
        await checkpoint()
        while True:
            try:
                return self._connection.recv(_READ_BYTES)
            except BlockingIOError:
                await anyio.wait_readable(self._connection)
            except OSError:
                return b""

    async def write(self, data: bytes) -> None:
        """Send bytes as they are.

        Raises:
            CutError: the server has gone.
        """
        await checkpoint()
        async with self._writing:
            left = memoryview(data)
            while left:
                left = left[await self._write_some(left) :]

    async def _write_some(self, data: memoryview) -> int:
        """Send what the system takes at once; return how many bytes that were, perhaps none."""
        try:
            return self._connection.send(data)
        except BlockingIOError:
            await anyio.wait_writable(self._connection)
            return 0
        except OSError as error:
            raise CutError(str(error)) from None

    def close(self) -> None:
        """Close the connection; nobody may read or write any more."""
        self._connection.close()

    async def _say(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            await self.write(data)


async def connect(address: Address) -> Wire:
    """Return a new connection to a server.

    Raises:
        CutError: nobody listens there any more.
    """
    connection = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    try:
        await _connect(connection, address)
    except BaseException:
        connection.close()
        raise
    return Wire(connection)


async def _connect(connection: socket.socket, address: Address) -> None:
    connection.settimeout(0)  # it does not block
    if connection.family == socket.AF_INET:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    error = connection.connect_ex(address)
    if error in _PENDING:
        await anyio.wait_writable(connection)
        error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if error:
        raise CutError(os.strerror(error))
