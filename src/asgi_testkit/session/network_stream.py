"""A WebSocket as a network stream of frames, for sessions that client libraries bring themselves.

Such a session (of httpx2's `client.websocket`, of httpx-ws) reads and writes the stream that a 101
response holds in `extensions["network_stream"]`. Here its bytes become messages of the app and
back, as on a server. Frames are wsproto's affair, which such sessions need anyway: it is imported
where one is opened. Source: RFC 6455; httpcore's network streams.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from asgi_testkit.drive.driver import finish
from asgi_testkit.errors import StallError, UsageError
from asgi_testkit.protocol.exchange import add_note_once
from asgi_testkit.protocol.websocket_events import Close
from asgi_testkit.protocol.websocket_values import LINE_LOST, NO_CODE, Payload
from asgi_testkit.session.websocket import WebSocketLine

if TYPE_CHECKING:
    from wsproto.connection import Connection
    from wsproto.events import Event

__all__ = ("AsyncNetworkStream", "NetworkStream")

_ERRORS_OF_A_LINE: Final = frozenset({"WebSocketDisconnect", "WebSocketNetworkError"})
"""What the libraries' sessions raise when a WebSocket has ended, by their classes' names."""


class _Frames(bytes):
    """Frames that are no message of the app: an answer to a ping, or to a close."""


class AsyncNetworkStream:
    """As much of httpcore's `AsyncNetworkStream` as WebSocket sessions use.

    Nothing that goes wrong in the app is raised by `read`, which runs in a task or thread of the
    session: the session is told as a server would tell it, and `leave` raises.

    Raises:
        UsageError: wsproto is not installed.
    """

    def __init__(self, line: WebSocketLine) -> None:
        self._line = line
        self._frames = _server_side()
        self._coding = threading.Lock()  # sessions read in one thread and write in others
        self._answers: list[_Frames] = []
        self._unread = b""
        self._is_at_end = False
        self._parts: list[Payload] = []
        self._failure: BaseException | None = None

    # -- what sessions call -------------------------------------------------------------------

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes from the app's side; empty at the end.

        Raises:
            StallError: nothing has come within `timeout`.
        """
        if not self._unread and not self._is_at_end:
            self._unread = self._encoded(await self._event(timeout))
        piece, self._unread = self._unread[:max_bytes], self._unread[max_bytes:]
        return piece

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ARG002 - the handshake's `write` limit counts
    ) -> None:
        """Give the app what the frames in `buffer` hold; after the close nothing.

        Raises:
            StallError: the app does not take it.
        """
        for event in self._decoded(buffer):
            await self._give(event)

    async def aclose(self) -> None:
        """Drop the line, where it was not closed before."""
        await self._line.close(LINE_LOST, "")

    def get_extra_info(self, info: str) -> Any:  # noqa: ARG002 - there is no socket below
        """Return what is known of the socket: `None`, always."""
        return None

    # -- what the transport calls -------------------------------------------------------------

    async def leave(self, because_of: BaseException | None) -> None:
        """Let the app end in its grace time, and raise what it raised.

        Args:
            because_of: what is being raised already. It stays what is seen, but for the session's
                own word that the WebSocket has ended.
        """
        __tracebackhide__ = True
        failure, self._failure = self._failure, None
        if because_of is None or _is_of_a_line(because_of):
            await self._line.leave(LINE_LOST)
            if failure is not None:
                raise failure
            return
        await self._line.leave_because_of(because_of, LINE_LOST)
        if failure is not None:
            add_note_once(because_of, f"Before that the app had raised {failure!r}.")

    # -- from the app -------------------------------------------------------------------------

    async def _event(self, timeout: float | None) -> Payload | Close:
        exchange = self._line.exchange
        try:
            return await self._line.wait(timeout, self._next)
        except StallError as stall:
            if timeout is not None:
                raise
            self._failure = stall
            return Close(LINE_LOST, "", "client")
        except BaseException as error:
            if error is not exchange.app_exception and error is not exchange.violation:
                raise
            self._failure = error
            return await self._line.wait(timeout)  # how a server ends it

    def _next(self) -> Payload | Close | None:
        if self._answers:
            return self._answers.pop(0)
        return self._line.exchange.client_receive()

    def _encoded(self, event: Payload | Close) -> bytes:
        """Return an event as frames; at the end of the line none."""
        from wsproto.connection import ConnectionState  # noqa: PLC0415 - only where it is used

        if isinstance(event, _Frames):
            return event
        with self._coding:
            if self._frames.state is ConnectionState.OPEN and (frame := _as_frame(event)):
                return self._frames.send(frame)
        self._is_at_end = True
        return b""

    # -- to the app ---------------------------------------------------------------------------

    def _decoded(self, buffer: bytes) -> list[Event]:
        from wsproto.connection import ConnectionState  # noqa: PLC0415 - only where it is used

        with self._coding:
            if self._frames.state is ConnectionState.CLOSED:
                return []
            self._frames.receive_data(buffer)
            return list(self._frames.events())

    async def _give(self, event: Event) -> None:
        from wsproto import events  # noqa: PLC0415 - only where it is used

        if isinstance(event, events.Message):
            await self._give_part(event)
        elif isinstance(event, events.Ping):
            self._answer(event.response())
        elif isinstance(event, events.CloseConnection):
            self._answer(event.response())
            await self._line.close(event.code, event.reason or "")

    async def _give_part(self, event: Any) -> None:  # wsproto's Message, of either type
        data: Payload = event.data if isinstance(event.data, str) else bytes(event.data)
        self._parts.append(data)
        if not event.message_finished:
            return
        whole = data[:0].join(self._parts)  # type: ignore[arg-type] # all of one type
        self._parts.clear()
        if self._line.knows_of_close:
            return
        give: Any = self._line.give_text if isinstance(whole, str) else self._line.give_bytes
        if give(whole):
            await self._line.wait_taken()

    def _answer(self, event: Event) -> None:
        """Let the session read an answer, if it may be given yet."""
        from wsproto.utilities import LocalProtocolError  # noqa: PLC0415 - only where it is used

        with self._coding:
            try:
                self._answers.append(_Frames(self._frames.send(event)))
            except LocalProtocolError:  # the app has closed before
                return
        self._line.notify()


class NetworkStream:
    """The blocking twin of `AsyncNetworkStream`."""

    def __init__(self, twin: AsyncNetworkStream) -> None:
        self._twin = twin

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the next bytes from the app's side; empty at the end.

        Raises:
            StallError: nothing has come within `timeout`.
        """
        return finish(self._twin.read(max_bytes, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Give the app what the frames in `buffer` hold; after the close nothing.

        Raises:
            StallError: the app does not take it.
        """
        finish(self._twin.write(buffer, timeout))

    def close(self) -> None:
        """Drop the line, where it was not closed before."""
        finish(self._twin.aclose())

    def get_extra_info(self, info: str) -> Any:
        """Return what is known of the socket: `None`, always."""
        return self._twin.get_extra_info(info)


def _server_side() -> Connection:
    try:
        from wsproto.connection import Connection, ConnectionType  # noqa: PLC0415 - see above
    except ImportError:
        raise UsageError(
            "The request asks for a WebSocket, whose frames need wsproto, which is not installed.\n"
            "Install it: pip install wsproto. Our own clients' websocket_connect() needs none."
        ) from None
    return Connection(ConnectionType.SERVER)


def _as_frame(event: Payload | Close) -> Event | None:
    """Return what goes over the wire; `None`: the line ends without a word."""
    from wsproto import events  # noqa: PLC0415 - only where it is used
    from wsproto.frame_protocol import CloseReason  # noqa: PLC0415

    if isinstance(event, str):
        return events.TextMessage(event.encode("utf-8", "replace").decode())
    if isinstance(event, bytes):
        return events.BytesMessage(event)
    if event.closer == "client" or event.code == LINE_LOST:
        return None
    code = CloseReason.NO_STATUS_RCVD if event.code == NO_CODE else event.code
    return events.CloseConnection(code, event.reason or None)


def _is_of_a_line(error: BaseException) -> bool:
    """Return whether an error says no more than that the WebSocket has ended."""
    if isinstance(error, BaseExceptionGroup):
        inner: tuple[BaseException, ...] = error.exceptions  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return all(map(_is_of_a_line, inner))
    return type(error).__name__ in _ERRORS_OF_A_LINE
