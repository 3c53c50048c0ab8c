"""The handshake of a WebSocket session, made once, and what a session can do without waiting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from asgi_testkit.errors import ClientStateError, UsageError, UsageTypeError
from asgi_testkit.protocol.fields import is_bytes_like
from asgi_testkit.session.websocket import WebSocketLine
from asgi_testkit.types import HeaderPairs, Scope

__all__ = ("Handshake", "OpenLine", "SessionFacts")

OpenLine: TypeAlias = Callable[[], Awaitable[WebSocketLine]]
"""Makes the handshake; raises where the app does not accept."""


class Handshake:
    """A handshake that is made once, and the WebSocket that came of it.

    Attributes:
        open_line: the WebSocket while it may be talked on; else `None`, and `line` says why.
    """

    def __init__(self, open_line: OpenLine) -> None:
        self.open_line: WebSocketLine | None = None
        self._make_line = open_line
        self._is_begun = False
        self._line: WebSocketLine | None = None
        self._is_over = False

    async def make(self) -> None:
        """Make it.

        Raises:
            ClientStateError: it was made before.
        """
        __tracebackhide__ = True
        if self._is_begun:
            raise ClientStateError(
                "The WebSocket session was entered before, and has had its handshake.\n"
                "Call websocket_connect() again for another one."
            )
        self._is_begun = True
        self._line = self.open_line = await self._make_line()

    def end(self) -> WebSocketLine:
        """Note that the session's block has ended, and return the WebSocket that is to be left."""
        line = self.past_line
        self._is_over, self.open_line = True, None
        return line

    @property
    def line(self) -> WebSocketLine:
        """The WebSocket, to talk on.

        Raises:
            UsageError: there was no handshake yet, or the block has ended.
        """
        if self._is_over:
            raise ClientStateError(
                "The WebSocket session is used after its block, which has closed it.\n"
                "Talk inside 'with client.websocket_connect(url) as session:'."
            )
        return self.past_line

    @property
    def past_line(self) -> WebSocketLine:
        """The WebSocket, to look at; also when the block has ended.

        Raises:
            UsageError: there was no handshake yet.
        """
        if self._line is None:
            raise UsageError(
                "The WebSocket session is used outside its block: there was no handshake yet.\n"
                "Write 'with client.websocket_connect(url) as session:', in async tests"
                " 'async with'."
            )
        return self._line


class SessionFacts:
    """What both sessions know and do without waiting."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake

    @property
    def scope(self) -> Scope:
        """The scope that the app was called with."""
        return self._handshake.past_line.exchange.scope

    @property
    def accepted_subprotocol(self) -> str | None:
        """The subprotocol that the app has chosen; `None`: none."""
        accepted = self._handshake.past_line.exchange.accepted
        return None if accepted is None else accepted.subprotocol

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the app has chosen, by httpx2's name."""
        return self.accepted_subprotocol

    @property
    def extra_headers(self) -> HeaderPairs:
        """The headers that the app has accepted with, as pairs of bytes."""
        accepted = self._handshake.past_line.exchange.accepted
        return [] if accepted is None else list(accepted.headers)

    @property
    def closed(self) -> bool:
        """Whether either side has closed, and all messages from before are read."""
        return self._handshake.past_line.is_closed

    @property
    def close_code(self) -> int | None:
        """The code it was closed with, by whichever side; `None` while it is open."""
        close = self._handshake.past_line.close_seen
        return None if close is None or not self.closed else close.code

    @property
    def close_reason(self) -> str | None:
        """The reason it was closed for, empty if none was given; `None` while it is open."""
        close = self._handshake.past_line.close_seen
        return None if close is None or not self.closed else close.reason

    def _give_text(self, data: str) -> bool:
        """Send a text; return whether the app is behind by so much that it is to be waited for."""
        __tracebackhide__ = True
        if not isinstance(data, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageTypeError(f"send_text() got {type(data).__name__}; a str is wanted.")
        line = self._handshake.open_line or self._handshake.line
        return line.give({"type": "websocket.receive", "text": data}, data)

    def _give_bytes(self, data: bytes) -> bool:
        """Send bytes, likewise."""
        __tracebackhide__ = True
        if not is_bytes_like(data):
            raise UsageTypeError(f"send_bytes() got {type(data).__name__}; bytes are wanted.")
        whole = bytes(data)
        return self._handshake.line.give({"type": "websocket.receive", "bytes": whole}, whole)
