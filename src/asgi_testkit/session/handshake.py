"""The handshake of a WebSocket session, made once, and what a session can do without waiting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from asgi_testkit.errors import ClientStateError, UsageError, UsageTypeError
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.protocol.websocket_events import Close
from asgi_testkit.protocol.websocket_values import Payload
from asgi_testkit.session.disconnected import disconnected
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

    def leave(self, because_of: BaseException | None) -> Coroutine[Any, Any, None]:
        """Note that the session's block has ended, and return what leaves the WebSocket."""
        line = self.past_line
        self._is_over, self.open_line = True, None
        return line.leave() if because_of is None else line.leave_because_of(because_of)

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

    def _text_of(self, message: Payload | Close) -> str:
        """Return a text; raise for a close, or for bytes, which are put back."""
        __tracebackhide__ = True
        if type(message) is str:
            return message
        raise self._unexpected("receive_text()", "receive_bytes()", message)

    def _bytes_of(self, message: Payload | Close) -> bytes:
        """Return bytes, likewise."""
        __tracebackhide__ = True
        if type(message) is bytes:
            return message
        raise self._unexpected("receive_bytes()", "receive_text()", message)

    def _unexpected(self, called: str, other: str, message: Payload | Close) -> Exception:
        """Return the error for a close, or for a message of the other type, which is put back."""
        if isinstance(message, Close):
            return disconnected(message)
        self._handshake.line.put_back(message)
        kind = "text" if isinstance(message, str) else "bytes"
        return UsageTypeError(
            f"{called} got a {kind} message: {cut(message)}.\n"
            f"Use {other} or receive(). The message stays queued."
        )
