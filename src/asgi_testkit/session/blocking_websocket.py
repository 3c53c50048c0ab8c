"""`WebSocketSession`: the blocking twin of `AsyncWebSocketSession`, one line a method."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from asgi_testkit.drive.driver import finish
from asgi_testkit.errors import WebSocketDisconnect
from asgi_testkit.protocol.websocket_events import Close
from asgi_testkit.protocol.websocket_values import Payload
from asgi_testkit.session.async_websocket import AsyncWebSocketSession, JSONMode
from asgi_testkit.session.handshake import SessionFacts
from asgi_testkit.session.timeouts import DEFAULT, Default, Timeout, seconds_of
from asgi_testkit.types import Message

__all__ = ("WebSocketSession",)

T = TypeVar("T")


class WebSocketSession(SessionFacts):
    """A WebSocket of a blocking test, inside `with client.websocket_connect(...)`.

    Entering makes the handshake, leaving closes with code 1000 and lets the app end.

    Raises, on entering: as `AsyncWebSocketSession`.
    """

    @cached_property
    def _twin(self) -> AsyncWebSocketSession:
        return AsyncWebSocketSession(self._handshake)

    def send_text(self, data: str) -> None:
        """Send a text message to the app.

        Raises:
            WebSocketDisconnect: it is known to this side that the WebSocket is closed.
        """
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        if line.give_text(data):
            finish(line.wait_taken())

    def send_bytes(self, data: bytes) -> None:
        """Send a bytes message to the app; raises as `send_text`."""
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        if line.give_bytes(data):
            finish(line.wait_taken())

    def send_json(self, data: Any, mode: JSONMode | Default = DEFAULT) -> None:
        """Send a value as JSON, in a text or a binary message; raises as `send_text`.

        Args:
            data: the value.
            mode: `"text"` or `"binary"`; left out: text, and binary for a double-callable app, as
                Starlette had it in those days.
        """
        __tracebackhide__ = True
        finish(self._twin.send_json(data, mode))

    def send(self, message: Message) -> None:
        """Send a raw message: `websocket.receive` or `websocket.disconnect`.

        Raises:
            UsageError: the message is neither, or lacks what it needs.
        """
        __tracebackhide__ = True
        finish(self._twin.send(message))

    def receive(self, timeout: Timeout = DEFAULT) -> Message:
        """Return the app's next message as ASGI has it: `websocket.send`, `websocket.close`.

        Args:
            timeout: seconds to wait; left out: the client's; `None`: no limit; 0: do not wait.

        Raises:
            WebSocketDisconnect: the close was received before, or this side has closed.
            StallError: nothing came in time; the session is as it was.
        """
        __tracebackhide__ = True
        return finish(self._twin.receive(timeout))

    def receive_text(self, timeout: Timeout = DEFAULT) -> str:
        """Return the app's next message, which has to be text.

        Args:
            timeout: seconds to wait; left out: the client's; `None`: no limit; 0: do not wait.

        Raises:
            WebSocketDisconnect: the WebSocket is closed; holds code and reason.
            UsageError: the next message is bytes. It stays queued.
            StallError: nothing came in time; the session is as it was.
        """
        __tracebackhide__ = True
        message = self._next(timeout)
        return message if type(message) is str else self._text_of(message)

    def receive_bytes(self, timeout: Timeout = DEFAULT) -> bytes:
        """Return the app's next message, which has to be bytes; see `receive_text`."""
        __tracebackhide__ = True
        message = self._next(timeout)
        return message if type(message) is bytes else self._bytes_of(message)

    def receive_json(
        self, mode: JSONMode | Timeout = DEFAULT, timeout: Timeout | JSONMode = DEFAULT
    ) -> Any:
        """Return the value in the app's next message, a JSON text.

        Args:
            mode: `"text"` or `"binary"`: what kind of message it has to be; left out: text, and
                either for a double-callable app.
            timeout: as in `receive_text`. The two may stand in either order.

        Raises:
            json.JSONDecodeError: the message is no JSON; a note shows it.
        """
        __tracebackhide__ = True
        return finish(self._twin.receive_json(mode, timeout))

    def __iter__(self) -> Self:
        """Iterate over the messages, text as str and binary as bytes, until the close."""
        return self

    def __next__(self) -> str | bytes:
        """Return the next message; the client's timeout counts for each."""
        __tracebackhide__ = True
        try:
            return finish(self._twin.__anext__())
        except StopAsyncIteration:
            raise StopIteration from None

    def iter_text(self) -> Iterator[str]:
        """Iterate over the messages until the close; all have to be text."""
        return _UntilClosedBlocking(self.receive_text)

    def iter_bytes(self) -> Iterator[bytes]:
        """Iterate over the messages until the close; all have to be bytes."""
        return _UntilClosedBlocking(self.receive_bytes)

    def iter_json(self, mode: JSONMode | Default = DEFAULT) -> Iterator[Any]:
        """Iterate over the values in the messages until the close; all have to be JSON."""
        return _UntilClosedBlocking(lambda: self.receive_json(mode))

    def expect_nothing(self, seconds: float) -> None:
        """Wait, and fail where anything comes; a message that has come stays queued.

        Raises:
            AssertionError: the app has sent a message, or closed.
        """
        __tracebackhide__ = True
        finish(self._twin.expect_nothing(seconds))

    def expect_close(
        self, code: int | None = None, reason: str | None = None, timeout: Timeout = DEFAULT
    ) -> None:
        """Wait for the app to close; a message that comes instead stays queued.

        Args:
            code: what the code has to be; `None`: any.
            reason: what the reason has to be; `None`: any.
            timeout: as in `receive_text`.

        Raises:
            AssertionError: the app has sent a message, or closed otherwise.
        """
        __tracebackhide__ = True
        finish(self._twin.expect_close(code, reason, timeout))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close from this side; without effect where the WebSocket is closed.

        Raises:
            UsageValueError: no close frame can hold the code, or the reason is too long.
        """
        __tracebackhide__ = True
        finish(self._twin.close(code, reason))

    def disconnect(self, code: int = 1006) -> None:
        """Drop the line, without a close frame; 1005: close without a code.

        Any code that a server gives its apps may stand here, such as 1011 for a lost ping.
        """
        __tracebackhide__ = True
        finish(self._twin.disconnect(code))

    def __enter__(self) -> Self:
        """Make the handshake; see the class for what it raises."""
        __tracebackhide__ = True
        finish(self._handshake.make())
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Close with 1000, let the app end in its grace time, and raise what it raised."""
        __tracebackhide__ = True
        finish(self._handshake.leave(exc_value))

    def _next(self, timeout: Timeout) -> Payload | Close:
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        seconds = line.limits.read if timeout is DEFAULT else seconds_of(timeout)
        message = line.take() if line.exchange.unread else None
        return line.block(seconds) if message is None else message


class _UntilClosedBlocking(Generic[T]):
    """The blocking twin of `_UntilClosed`."""

    def __init__(self, receive: Callable[[], T]) -> None:
        self._receive = receive

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        __tracebackhide__ = True
        try:
            return self._receive()
        except WebSocketDisconnect:
            raise StopIteration from None
