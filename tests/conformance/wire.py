"""Requests to real servers over a socket: as many bytes as are wanted, and when they are wanted."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import h11

from tests.conformance.apps import SCENARIO
from tests.conformance.control import Control
from tests.conformance.scenario import Request, Saw

__all__ = ("WireHTTP", "connected", "head_of", "raw_answer")

_PIECE: Final = 65536
_MOST_OF_A_HEAD: Final = 1_000_000
_SHORTLY: Final = 2.0  # seconds in which comes what comes at once


class WireHTTP:
    """One request over a connection of its own."""

    def __init__(
        self, url: str, request: Request, label: bytes, control: Control, patience: float
    ) -> None:
        self.saw = Saw()
        self._url = url
        self._patience = patience
        self._request = request
        self._label = label
        self._control = control
        self._socket = connected(url, patience)
        self._parser = h11.Connection(h11.CLIENT, _MOST_OF_A_HEAD)
        self._is_chunked = isinstance(request.body, tuple) and not _has_length(request)

    def fetch(self) -> None:
        self.ask()
        self.rest()

    def ask(self) -> None:
        pieces = map(self._framed, self._request.pieces)
        self._write(b"".join([self._head(), *pieces, self._last_piece]))

    def begin(self) -> None:
        self._write(self._head())

    def piece(self, data: bytes) -> None:
        self._write(self._framed(data))

    def end(self) -> None:
        self._write(self._last_piece)

    def _head(self) -> bytes:
        self._parser.send(_understood(self._request.method))
        return head_of(self._request, self._label, _framing(self._request))

    def _framed(self, data: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(data), data) if self._is_chunked else data

    @property
    def _last_piece(self) -> bytes:
        return b"0\r\n\r\n" if self._is_chunked else b""

    def until(self, mark: str) -> None:
        if not self._control.has(mark):
            self.saw.notes.append(f"never: {mark}")

    def say(self, word: str) -> None:
        self._control.say(word)

    def head(self) -> None:
        while self.saw.status is None and self._step():
            pass

    def has_head_shortly(self) -> bool:
        self._socket.settimeout(min(self._patience, _SHORTLY))
        with suppress(TimeoutError):
            while self.saw.status is None:
                self._note(self._next_event())
        self._socket.settimeout(self._patience)
        return self.saw.status is not None

    def again(self) -> None:
        self._socket.close()
        self._socket = connected(self._url, self._patience)
        self._parser = h11.Connection(h11.CLIENT, _MOST_OF_A_HEAD)
        self.saw = Saw()

    def some(self, size: int) -> None:
        while len(self.saw.body) < size and self._step():
            pass

    def rest(self) -> None:
        while self._step():
            pass
        self._socket.close()

    def leave(self) -> None:
        self.saw.end = "left"
        self._socket.close()

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
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
        except (ConnectionResetError, h11.RemoteProtocolError):
            self.saw.end = "nothing" if self.saw.status is None else "cut"
        else:
            return self._note(event)
        return False

    def _next_event(self) -> object:
        event = self._parser.next_event()
        while event is h11.NEED_DATA:
            self._parser.receive_data(self._socket.recv(_PIECE))
            event = self._parser.next_event()
        return event

    def _note(self, event: object) -> bool:
        if isinstance(event, h11.InformationalResponse):
            self.saw.hints.append(event.status_code)
        elif isinstance(event, h11.Response):
            self.saw.status = event.status_code
            self.saw.headers = list(event.headers)
        elif isinstance(event, h11.Data):
            self.saw.body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            self.saw.end = "whole"
            return False
        else:
            return False
        return True


def connected(url: str, patience: float) -> socket.socket:
    """Return a connection to a server, whose waits end after `patience` seconds."""
    place = urlsplit(url)
    return socket.create_connection((place.hostname or "", place.port or 0), timeout=patience)


def raw_answer(url: str, data: bytes, patience: float) -> bytes:
    """Send bytes, and return all that comes until the server closes."""
    answer = b""
    with connected(url, patience) as line:
        line.sendall(data)
        while piece := line.recv(_PIECE):
            answer += piece
    return answer


def head_of(request: Request, label: bytes, framing: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Return the head of a request, as it is."""
    host = ((b"Host", b"testserver"),) if request.has_host else ()
    headers = (*host, (SCENARIO, label), *request.headers, *framing)
    lines = [b"%s %s HTTP/%s" % (request.method, request.target, request.version)]
    return b"\r\n".join([*lines, *(b"%s: %s" % pair for pair in headers), b"", b""])


def _framing(request: Request) -> tuple[tuple[bytes, bytes], ...]:
    if request.body is None or _has_length(request):
        return ()
    if isinstance(request.body, bytes):
        return ((b"Content-Length", b"%d" % len(request.body)),)
    return ((b"Transfer-Encoding", b"chunked"),)


def _has_length(request: Request) -> bool:
    return any(name.lower() == b"content-length" for name, _ in request.headers)


def _understood(method: bytes) -> h11.Request:
    """Return what the parser of the response has to know of the request."""
    return h11.Request(method=method, target="/", headers=[("Host", "testserver")])
