"""The same lines over our engine: `TestClient` in the wire view, with the app in this process."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import httpx2

from asgi_testkit import (
    ASGIRuleError,
    StallError,
    TestClient,
    WebSocketDenialResponse,
    WebSocketDisconnect,
)
from asgi_testkit.errors import TestkitWarning
from tests.conformance.apps import SCENARIO
from tests.conformance.control import Control
from tests.conformance.scenario import Request, Saw

__all__ = ("EngineHTTP", "EngineWebSocket", "open_engine")

_SWITCHED = 101


@contextmanager
def open_engine(app: Any) -> Iterator[TestClient]:
    """Give a client whose requests have no headers but their own."""
    with TestClient(
        app, raise_server_exceptions=False, follow_redirects=False, timeout=10.0
    ) as client:
        client.headers.clear()
        yield client


class _EngineLine:
    def __init__(
        self, client: TestClient, request: Request, label: bytes, control: Control
    ) -> None:
        self.saw = Saw()
        self._client = client
        self._request = request
        self._headers = [(SCENARIO, label), *request.headers]
        self._control = control
        self._open = ExitStack()

    def until(self, mark: str) -> None:
        if not self._control.has(mark):
            self.saw.notes.append(f"never: {mark}")

    def say(self, word: str) -> None:
        self._control.say(word)

    @property
    def _extensions(self) -> dict[str, Any]:
        extensions: dict[str, Any] = {"target": self._request.target}
        if self._request.version != b"1.1":
            extensions["scope"] = {"http_version": self._request.version.decode()}
        return extensions

    def _try(self, act: Callable[[], Any], missing: str) -> Any:
        """Do it; `missing`: the end where the app fails in the middle."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TestkitWarning)
                return act()
        except (ASGIRuleError, StallError, httpx2.RemoteProtocolError) as error:
            self.saw.end = _end_of(error, missing)
        return None

    def _leave_open(self) -> None:
        self._try(self._open.close, "cut")


class EngineHTTP(_EngineLine):
    """One request over our engine."""

    _exchange: Any
    _pieces: Iterator[bytes]

    def fetch(self) -> None:
        self._try(self._fetch, "cut")

    def _fetch(self) -> None:
        with self._client.stream(
            self._request.method.decode(),
            "/",
            headers=self._headers,
            content=self._content,
            extensions=self._extensions,
        ) as response:
            self._note_head(response)
            self.saw.body = response.read()
            self.saw.end = "whole"

    @property
    def _content(self) -> bytes | Iterator[bytes] | None:
        body = self._request.body
        return iter(body) if isinstance(body, tuple) else body

    def ask(self) -> None:
        self.begin()
        for piece in self._request.pieces:
            self.piece(piece)
        if self._request.body is not None:
            self.end()

    def begin(self) -> None:
        self._try(self._begin, "cut")

    def _begin(self) -> None:
        self._exchange = self._client.exchange(
            self._request.method.decode(),
            "/",
            headers=self._headers,
            extensions=self._extensions,
        )
        self._open.enter_context(self._exchange)
        if self._request.body is None:
            self._exchange.end()

    def piece(self, data: bytes) -> None:
        self._try(lambda: self._exchange.send(data), "cut")

    def end(self) -> None:
        self._try(self._exchange.end, "cut")

    def head(self) -> None:
        response = self._try(lambda: self._exchange.response, "cut")
        if response is not None and self.saw.status is None:
            self._note_head(response)

    def has_head_shortly(self) -> bool:
        self.head()
        return self.saw.status is not None

    def again(self) -> None:
        self.saw = Saw()

    def some(self, size: int) -> None:
        self.head()
        while len(self.saw.body) < size and self._read():
            pass

    def rest(self) -> None:
        self.head()
        while self._read():
            pass
        self._leave_open()

    def _read(self) -> bool:
        if self.saw.end != "nothing":
            return False
        self._try(self._read_piece, "cut")
        return self.saw.end == "nothing"

    def _read_piece(self) -> None:
        piece = next(self._exchange, None)
        if piece is None:
            self.saw.end = "whole"
        else:
            self.saw.body += piece

    def leave(self) -> None:
        self._try(self._exchange.disconnect, "cut")
        self._leave_open()
        self.saw.end = "left"

    def _note_head(self, response: httpx2.Response) -> None:
        self.saw.status = response.status_code
        self.saw.headers = [(name.lower(), value) for name, value in response.headers.raw]


class EngineWebSocket(_EngineLine):
    """One WebSocket over our engine."""

    _session: Any

    def connect(self) -> bool:
        return bool(self._try(self._connect, "nothing"))

    def _connect(self) -> bool:
        opening: AbstractContextManager[Any] = self._client.websocket_connect(
            "/",
            list(self._request.subprotocols),
            headers=self._headers,
            extensions=self._extensions,
        )
        try:
            self._session = self._open.enter_context(opening)
        except WebSocketDenialResponse as denial:
            self._note_denial(denial)
            return False
        except WebSocketDisconnect as error:
            # A close before the accept is a response to the client; the session has no number.
            self.saw.status, self.saw.end = 403, "whole"
            if "500" in str(error):
                self.saw.status = 500
            return False
        self._note_accepted()
        return True

    def _note_denial(self, denial: WebSocketDenialResponse) -> None:
        self.saw.status, self.saw.end = denial.status_code, "whole"
        self.saw.headers = [(name.lower(), value) for name, value in denial.headers.raw]
        self.saw.body = denial.content

    def _note_accepted(self) -> None:
        self.saw.status = _SWITCHED
        self.saw.headers = [*self._session.extra_headers]
        if self._session.accepted_subprotocol is not None:
            protocol = self._session.accepted_subprotocol.encode()
            self.saw.headers.append((b"sec-websocket-protocol", protocol))

    def send(self, data: str | bytes) -> None:
        name = "send_text" if isinstance(data, str) else "send_bytes"
        self._try_open(lambda: getattr(self._session, name)(data))

    def fragments(self, *pieces: str) -> None:
        """Send a text message; an app never sees its frames."""
        self.send("".join(pieces))

    def message(self) -> None:
        self._try_open(self._receive)

    def rest(self) -> None:
        while self.saw.end == "nothing":
            self._try_open(self._receive)
        self._leave_open()

    def close(self, code: int | None, reason: str = "") -> None:
        if code is None:
            self._try(lambda: self._session.disconnect(1005), "lost")
        else:
            self._try(lambda: self._session.close(code, reason), "lost")
        if self.saw.end == "nothing":
            self.saw.end = f"close {1005 if code is None else code} {reason!r}"
        self._leave_open()

    def leave(self) -> None:
        self._try(lambda: self._session.disconnect(1006), "lost")
        self._leave_open()
        self.saw.end = "left"

    def _receive(self) -> None:
        message = self._session.receive()
        if message["type"] == "websocket.close":
            self.saw.end = _closed(message["code"], message["reason"])
        else:
            self.saw.messages.append(message.get("text", message.get("bytes")))

    def _try_open(self, act: Callable[[], Any]) -> None:
        try:
            self._try(act, "lost")
        except WebSocketDisconnect as error:
            self.saw.end = _closed(error.code, error.reason)


def _end_of(error: Exception, missing: str) -> str:
    if isinstance(error, ASGIRuleError):
        return f"rule {error.rule}"
    return "hang" if isinstance(error, StallError) else missing


def _closed(code: int, reason: str | None) -> str:
    return "lost" if code == 1006 else f"close {code} {reason or ''!r}"
