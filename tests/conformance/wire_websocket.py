"""WebSockets to real servers over a socket: our own handshake, and frames as they are."""

from __future__ import annotations

import base64
import socket
from typing import Final

import h11
from wsproto import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, TextMessage

from tests.conformance.control import Control
from tests.conformance.scenario import Request, Saw
from tests.conformance.wire import connected, head_of

__all__ = ("WireWebSocket",)

_PIECE: Final = 65536
_SWITCHED: Final = 101
_CLOSE_WITHOUT_CODE: Final = b"\x88\x80\x00\x00\x00\x00"  # wsproto would write 1000


class WireWebSocket:
    """One WebSocket over a connection of its own."""

    def __init__(
        self, url: str, request: Request, label: bytes, control: Control, patience: float
    ) -> None:
        self.saw = Saw()
        self._request = request
        self._label = label
        self._control = control
        self._socket: socket.socket = connected(url, patience)
        self._frames = Connection(ConnectionType.CLIENT)
        self._text: list[str] = []
        self._binary: list[bytes] = []
        self._events: list[Event] = []
        self._has_closed = False

    def connect(self) -> bool:
        self._socket.sendall(head_of(self._request, self._label, _handshake(self._request)))
        parser = h11.Connection(h11.CLIENT)
        parser.send(_understood())
        try:
            self._read_head(parser)
        except TimeoutError:
            self.saw.end = "hang"
        except (ConnectionResetError, h11.RemoteProtocolError):
            self.saw.end = "nothing" if self.saw.status is None else "cut"
        if self.saw.status != _SWITCHED:
            self._socket.close()
            return False
        trailing, _ = parser.trailing_data
        if trailing:
            self._frames.receive_data(trailing)
            self._events += self._frames.events()
        return True

    def _read_head(self, parser: h11.Connection) -> None:
        while True:
            event = parser.next_event()
            if event is h11.NEED_DATA:
                parser.receive_data(self._socket.recv(_PIECE))
            elif isinstance(event, h11.InformationalResponse | h11.Response):
                self.saw.status = event.status_code
                self.saw.headers = list(event.headers)
                if event.status_code == _SWITCHED:
                    return
            elif isinstance(event, h11.Data):
                self.saw.body += bytes(event.data)
            else:
                self.saw.end = "whole" if isinstance(event, h11.EndOfMessage) else "nothing"
                return

    def send(self, data: str | bytes) -> None:
        message = TextMessage(data=data) if isinstance(data, str) else BytesMessage(data=data)
        self._write(message)

    def fragments(self, *pieces: str) -> None:
        """Send a text message in several frames."""
        for number, piece in enumerate(pieces, start=1):
            self._write(TextMessage(data=piece, message_finished=number == len(pieces)))

    def message(self) -> None:
        count = len(self.saw.messages)
        while len(self.saw.messages) == count and self._step():
            pass

    def rest(self) -> None:
        while self._step():
            pass
        self._socket.close()

    def close(self, code: int | None, reason: str = "") -> None:
        self._has_closed = True
        if code is None:
            self._socket.sendall(_CLOSE_WITHOUT_CODE)
        else:
            self._write(CloseConnection(code=code, reason=reason or None))
        self.rest()

    def until(self, mark: str) -> None:
        if not self._control.has(mark):
            self.saw.notes.append(f"never: {mark}")

    def say(self, word: str) -> None:
        self._control.say(word)

    def leave(self) -> None:
        self.saw.end = "left"
        self._socket.close()

    def _write(self, event: Event) -> None:
        try:
            self._socket.sendall(self._frames.send(event))
        except (BrokenPipeError, ConnectionResetError):
            self.saw.notes.append("the server takes no more")

    def _step(self) -> bool:
        """Read one event; return whether there may be more."""
        if self.saw.end != "nothing":
            return False
        try:
            event = self._next_event()
        except TimeoutError:
            self.saw.end = "hang"
        except ConnectionResetError:
            self.saw.end = "lost"
        else:
            return self._note(event)
        return False

    def _next_event(self) -> Event | None:
        while not self._events:
            data = self._socket.recv(_PIECE)
            if not data:
                return None
            self._frames.receive_data(data)
            self._events += self._frames.events()
        return self._events.pop(0)

    def _note(self, event: Event | None) -> bool:
        if isinstance(event, TextMessage):
            self._note_text(event)
        elif isinstance(event, BytesMessage):
            self._note_bytes(event)
        elif isinstance(event, Ping):
            self._write(event.response())
        elif isinstance(event, CloseConnection):
            self._note_close(event)
            return False
        elif event is None:
            self.saw.end = "lost"
            return False
        return True

    def _note_text(self, event: TextMessage) -> None:
        self._text.append(event.data)
        if event.message_finished:
            self.saw.messages.append("".join(self._text))
            self._text.clear()

    def _note_bytes(self, event: BytesMessage) -> None:
        self._binary.append(bytes(event.data))
        if event.message_finished:
            self.saw.messages.append(b"".join(self._binary))
            self._binary.clear()

    def _note_close(self, event: CloseConnection) -> None:
        self.saw.end = f"close {int(event.code)} {event.reason or ''!r}"
        if not self._has_closed:
            self._write(event.response())


def _handshake(request: Request) -> tuple[tuple[bytes, bytes], ...]:
    headers = [
        (b"Connection", b"Upgrade"),
        (b"Upgrade", b"websocket"),
        (b"Sec-WebSocket-Key", base64.b64encode(b"0123456789abcdef")),
        (b"Sec-WebSocket-Version", b"13"),
    ]
    if request.subprotocols:
        headers.append((b"Sec-WebSocket-Protocol", ", ".join(request.subprotocols).encode()))
    return tuple(headers)


def _understood() -> h11.Request:
    """Return what the parser of the response has to know of the request."""
    headers = [("Host", "testserver"), ("Connection", "Upgrade"), ("Upgrade", "websocket")]
    return h11.Request(method="GET", target="/", headers=headers)
