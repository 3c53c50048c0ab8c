"""Talking over a WebSocket: standard input in one thread, the app's messages in another.

The main thread takes turns: it sends what the one has read, and prints what the other has got.
"""

from __future__ import annotations

import json
import math
import os
import queue
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import click

from asgi_testkit.cli.app_options import AppChoice
from asgi_testkit.cli.client_options import ClientChoice
from asgi_testkit.cli.exits import Exit, exit_of_status
from asgi_testkit.cli.printing import Output, standard_output
from asgi_testkit.cli.running import running
from asgi_testkit.errors import WebSocketDisconnect
from asgi_testkit.httpx2.websockets import WebSocketDenialResponse
from asgi_testkit.session.blocking_websocket import WebSocketSession

__all__ = ("Kind", "Talk", "talk")

Kind: TypeAlias = Literal["text", "binary", "json"]

_GOOD_CODES: Final = (1000, 1001)
_PIECE_BYTES: Final = 2**16
_LINES_AHEAD: Final = 64  # read from standard input before they are sent


@dataclass(frozen=True, slots=True)
class Talk:
    """A WebSocket, and how to talk over it.

    Attributes:
        path: or a whole URL.
        headers: of the handshake.
        subprotocols: offered, the best first.
        kind: what lines become.
        wait: seconds of silence after the last line, before this side closes; `inf`: it does not.
        checks_status: the status of a denial counts for the exit code.
    """

    path: str
    headers: Sequence[tuple[str, str]]
    subprotocols: Sequence[str]
    kind: Kind
    wait: float
    checks_status: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of standard input; `None`: its end."""

    text: bytes | None


# What happens: a line, a message of the app, or what has ended the waiting for messages.
_Event: TypeAlias = _Line | str | bytes | BaseException


def talk(app: AppChoice, options: ClientChoice, wanted: Talk) -> int:
    """Talk until one side has ended; return the exit code.

    Raises:
        BaseException: what the client raises, and the app.
    """
    output = standard_output()
    with running(app, options, title=f"WebSocket {wanted.path}") as client:
        session = client.websocket_connect(
            wanted.path, list(wanted.subprotocols), headers=list(wanted.headers)
        )
        try:
            with session:
                _Conversation(session, wanted, output).go_on()
        except WebSocketDenialResponse as denial:
            return _denied(denial, output, checks_status=wanted.checks_status)
        except WebSocketDisconnect as closed:
            return _closed(closed.code, closed.reason)
    return _closed(session.close_code or _GOOD_CODES[0], session.close_reason or "")


def _denied(denial: WebSocketDenialResponse, output: Output, *, checks_status: bool) -> int:
    status = denial.status_code
    click.echo(f"asgi-testkit: denied: {status} {denial.reason_phrase}".rstrip(), err=True)
    output.write_body(denial.content)
    return (exit_of_status(status) if checks_status else Exit.OK) or Exit.FAILED


def _closed(code: int, reason: str) -> int:
    if code in _GOOD_CODES:
        return Exit.OK
    why = f": {reason}" if reason else ""
    click.echo(f"asgi-testkit: closed with code {code}{why}", err=True)
    return Exit.FAILED


class _Conversation:
    """One open WebSocket."""

    def __init__(self, session: WebSocketSession, wanted: Talk, output: Output) -> None:
        self._session = session
        self._wanted = wanted
        self._output = output
        self._events: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._room = threading.Semaphore(_LINES_AHEAD)
        self._has_ended = False  # standard input
        self._number = 0

    def go_on(self) -> None:
        """Talk until the app has closed, or has nothing more to say."""
        self._start_reading()
        receiver = threading.Thread(target=self._receive, daemon=True)
        receiver.start()
        try:
            while self._take_turn():
                pass
        finally:
            self._session.close()
            receiver.join()

    def _start_reading(self) -> None:
        own = os.dup(sys.stdin.fileno())  # the thread may outlive the command
        threading.Thread(target=self._read, args=(own,), daemon=True).start()

    def _take_turn(self) -> bool:
        """Do what comes next; return whether there may be more."""
        match self._next():
            case _Line(text):
                self._take_line(text)
            case str() | bytes() as message:
                self._print(message)
            case None | WebSocketDisconnect():
                return False
            case BaseException() as error:
                raise error
        return True

    def _next(self) -> _Event | None:
        """Return what happens next; `None`: nothing has, for as long as is waited."""
        is_limited = self._has_ended and not math.isinf(self._wanted.wait)
        try:
            return self._events.get(timeout=self._wanted.wait if is_limited else None)
        except queue.Empty:
            return None

    def _take_line(self, line: bytes | None) -> None:
        if line is None:
            self._has_ended = True
            return
        self._number += 1
        self._send(line)
        self._room.release()

    def _send(self, line: bytes) -> None:
        if self._wanted.kind == "binary":
            self._session.send_bytes(line)
            return
        try:
            text = line.decode()
            if self._wanted.kind == "json":
                json.loads(text)
        except ValueError as error:
            wanted = "JSON" if self._wanted.kind == "json" else "UTF-8"
            raise click.UsageError(f"Line {self._number} is no {wanted}: {error}.") from None
        self._session.send_text(text)

    def _print(self, message: str | bytes) -> None:
        self._output.write_body((message.encode() if isinstance(message, str) else message) + b"\n")

    # -- the other threads --------------------------------------------------------------------

    def _read(self, stdin: int) -> None:
        try:
            for line in _lines(stdin):
                self._room.acquire()
                self._events.put(_Line(line.removesuffix(b"\r")))
        finally:
            self._events.put(_Line(None))
            os.close(stdin)

    def _receive(self) -> None:
        try:
            while (message := self._session.receive(timeout=None))["type"] == "websocket.send":
                text: str | None = message.get("text")
                self._events.put(message["bytes"] if text is None else text)
        except BaseException as error:  # noqa: BLE001 - raised again by the main thread
            self._events.put(error)
        else:
            self._events.put(WebSocketDisconnect(message["code"], message["reason"]))


def _lines(file: int) -> Iterator[bytes]:
    """Yield the lines of a file as they come, without their ends.

    Not by a buffered reader: a thread that waits in one cannot be left behind when Python ends.
    """
    rest = b""
    while piece := os.read(file, _PIECE_BYTES):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest
