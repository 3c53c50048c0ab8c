"""`AsyncWebSocketSession`: what a test calls while a WebSocket is open.

The meaning of every method is here, once; the blocking session runs these to their end.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Generic, Literal, Self, TypeAlias, TypeVar

from asgi_testkit.errors import (
    StallError,
    UsageTypeError,
    UsageValueError,
    WebSocketDisconnect,
)
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.protocol.websocket_events import Close
from asgi_testkit.protocol.websocket_values import (
    LINE_LOST,
    MOST_REASON_BYTES,
    NO_CODE,
    Payload,
    is_sendable_code,
)
from asgi_testkit.session.disconnected import disconnected
from asgi_testkit.session.handshake import SessionFacts
from asgi_testkit.session.timeouts import DEFAULT, Default, Timeout, seconds_of
from asgi_testkit.settings import SETTINGS
from asgi_testkit.types import Message

__all__ = ("AsyncWebSocketSession", "JSONMode")

T = TypeVar("T")

JSONMode: TypeAlias = Literal["text", "binary"]

_MODES: Final = ("text", "binary")
_LOWEST_CODE: Final = 1000


class _UnsendableError(UsageValueError, RuntimeError):
    """No client sends such a message; Starlette's apps raise `RuntimeError` where one does."""


class AsyncWebSocketSession(SessionFacts):
    """A WebSocket of an async test, inside `async with client.websocket_connect(...)`.

    Entering makes the handshake, leaving closes with code 1000 and lets the app end.

    Raises, on entering:
        WebSocketDisconnect: the app has closed the WebSocket instead of accepting it.
        WebSocketDenialResponse: the app has answered with an HTTP response.
        ASGIRuleError: the app broke a rule, or returned without an answer.
        StallError: the app has not answered in time.
        BaseException: the app's own exception, as it was raised.
    """

    # -- sending ------------------------------------------------------------------------------

    async def send_text(self, data: str) -> None:
        """Send a text message to the app.

        Raises:
            WebSocketDisconnect: it is known to this side that the WebSocket is closed.
        """
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        if line.give_text(data):
            await line.wait_taken()

    async def send_bytes(self, data: bytes) -> None:
        """Send a bytes message to the app; raises as `send_text`."""
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        if line.give_bytes(data):
            await line.wait_taken()

    async def send_json(self, data: Any, mode: JSONMode | Default = DEFAULT) -> None:
        """Send a value as JSON, in a text or a binary message; raises as `send_text`.

        Args:
            data: the value.
            mode: `"text"` or `"binary"`; left out: text, and binary for a double-callable app, as
                Starlette had it in those days.
        """
        __tracebackhide__ = True
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        if mode is DEFAULT:
            mode = "binary" if self._handshake.line.is_of_asgi_2 else "text"
        if _checked_mode(mode) == "text":
            await self.send_text(text)
        else:
            await self.send_bytes(text.encode())

    async def send(self, message: Message) -> None:
        """Send a raw message: `websocket.receive` or `websocket.disconnect`.

        Raises:
            UsageError: the message is neither, or lacks what it needs.
        """
        __tracebackhide__ = True
        if not isinstance(message, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageTypeError(f"send() got {cut(message)}; a message is wanted, or send_text().")
        kind = message.get("type")
        if kind == "websocket.disconnect":
            code = message.get("code")
            code = _checked_code("send()", NO_CODE if code is None else code)
            reason = _checked_reason("send()", message.get("reason"))
            await self._handshake.line.close(code, reason)
        elif kind == "websocket.receive" and message.get("text") is not None:
            await self.send_text(message["text"])
        elif kind == "websocket.receive" and message.get("bytes") is not None:
            await self.send_bytes(message["bytes"])
        else:
            raise _UnsendableError(
                f"send() got {cut(message)}. A client sends 'websocket.receive' with 'text' or"
                " 'bytes', or 'websocket.disconnect'."
            )

    # -- receiving ------------------------------------------------------------------------------

    async def receive(self, timeout: Timeout = DEFAULT) -> Message:
        """Return the app's next message as ASGI has it: `websocket.send`, `websocket.close`.

        Args:
            timeout: seconds to wait; left out: the client's; `None`: no limit; 0: do not wait.

        Raises:
            WebSocketDisconnect: the close was received before, or this side has closed.
            StallError: nothing came in time; the session is as it was.
        """
        __tracebackhide__ = True
        knew = self._handshake.line.knows_of_close
        event = await self._event(timeout)
        if isinstance(event, Close):
            if knew or event.closer == "client":
                raise disconnected(event)
            return {"type": "websocket.close", "code": event.code, "reason": event.reason}
        return {"type": "websocket.send", "text" if isinstance(event, str) else "bytes": event}

    async def receive_text(self, timeout: Timeout = DEFAULT) -> str:
        """Return the app's next message, which has to be text.

        Args:
            timeout: seconds to wait; left out: the client's; `None`: no limit; 0: do not wait.

        Raises:
            WebSocketDisconnect: the WebSocket is closed; holds code and reason.
            UsageError: the next message is bytes. It stays queued.
            StallError: nothing came in time; the session is as it was.
        """
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        seconds = line.limits.read if timeout is DEFAULT else seconds_of(timeout)
        message: Payload | Close | None = line.take() if line.exchange.unread else None
        if message is None:
            message = await line.wait(seconds)
        return message if type(message) is str else self._text_of(message)

    async def receive_bytes(self, timeout: Timeout = DEFAULT) -> bytes:
        """Return the app's next message, which has to be bytes; see `receive_text`."""
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        seconds = line.limits.read if timeout is DEFAULT else seconds_of(timeout)
        message: Payload | Close | None = line.take() if line.exchange.unread else None
        if message is None:
            message = await line.wait(seconds)
        return message if type(message) is bytes else self._bytes_of(message)

    async def receive_json(
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
        kind, wait = _in_order(mode, timeout)
        message = await self._event(wait)
        if kind is DEFAULT and self._handshake.line.is_of_asgi_2:
            kind = "text" if isinstance(message, str) else "binary"
        if isinstance(message, bytes if kind == "binary" else str):
            return _loaded(message)
        other = "text" if kind == "binary" else "binary"
        raise self._unexpected("receive_json()", f"receive_json(mode={other!r})", message)

    def __aiter__(self) -> Self:
        """Iterate over the messages, text as str and binary as bytes, until the close."""
        return self

    async def __anext__(self) -> str | bytes:
        """Return the next message; the client's timeout counts for each."""
        __tracebackhide__ = True
        event = await self._event(DEFAULT)
        if isinstance(event, Close):
            raise StopAsyncIteration
        return event

    def iter_text(self) -> AsyncIterator[str]:
        """Iterate over the messages until the close; all have to be text."""
        return _UntilClosed(self.receive_text)

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the messages until the close; all have to be bytes."""
        return _UntilClosed(self.receive_bytes)

    def iter_json(self, mode: JSONMode | Default = DEFAULT) -> AsyncIterator[Any]:
        """Iterate over the values in the messages until the close; all have to be JSON."""
        return _UntilClosed(lambda: self.receive_json(mode))

    # -- expecting ------------------------------------------------------------------------------

    async def expect_nothing(self, seconds: float) -> None:
        """Wait, and fail where anything comes; a message that has come stays queued.

        Raises:
            AssertionError: the app has sent a message, or closed.
        """
        __tracebackhide__ = True
        if not isinstance(seconds, int | float):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageTypeError(
                f"expect_nothing() got {seconds!r}; a number of seconds is wanted."
            )
        try:
            event = await self._event(seconds)
        except StallError:
            return
        self._handshake.line.put_back(event)
        came = _described(event)
        raise AssertionError(f"The app was to send nothing for {seconds:g} s, and {came}.")

    async def expect_close(
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
        if code is not None:
            _checked_code("expect_close()", code)
        if reason is not None:
            _checked_reason("expect_close()", reason)
        event = await self._event(timeout)
        wanted = _wanted_close(code, reason)
        if not isinstance(event, Close):
            self._handshake.line.put_back(event)
            raise AssertionError(f"The app was to close{wanted}, and {_described(event)}.")
        if code not in (None, event.code) or reason not in (None, event.reason):
            raise AssertionError(f"The app was to close{wanted}, and {_described(event)}.")

    # -- closing ------------------------------------------------------------------------------

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close from this side; without effect where the WebSocket is closed.

        Raises:
            UsageValueError: no close frame can hold the code, or the reason is too long.
        """
        __tracebackhide__ = True
        if code in (NO_CODE, LINE_LOST) and SETTINGS.is_drop_in:  # as Starlette's client had it
            await self.disconnect(code)
            return
        if not is_sendable_code(_int_code("close()", code)):
            raise UsageValueError(
                f"close() got the code {code!r}; it may be 1000-1003, 1007-1014 and 3000-4999.\n"
                "For a lost line (1006) or a close without a code (1005) use disconnect()."
            )
        reason = _checked_reason("close()", reason)
        if len(reason.encode("utf-8", "replace")) > MOST_REASON_BYTES:
            raise UsageValueError(f"close() got a reason of more than {MOST_REASON_BYTES} bytes.")
        await self._handshake.line.close(code, reason)

    async def disconnect(self, code: int = 1006) -> None:
        """Drop the line, without a close frame; 1005: close without a code.

        Any code that a server gives its apps may stand here, such as 1011 for a lost ping.
        """
        __tracebackhide__ = True
        await self._handshake.line.close(_checked_code("disconnect()", code), "")

    async def __aenter__(self) -> Self:
        """Make the handshake; see the class for what it raises."""
        __tracebackhide__ = True
        await self._handshake.make()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Close with 1000, let the app end in its grace time, and raise what it raised."""
        __tracebackhide__ = True
        await self._handshake.leave(exc_value)

    # -- parts ----------------------------------------------------------------------------------

    async def _event(self, timeout: Timeout) -> Payload | Close:
        __tracebackhide__ = True
        line = self._handshake.open_line or self._handshake.line
        seconds = line.limits.read if timeout is DEFAULT else seconds_of(timeout)
        event = line.take() if line.exchange.unread else None
        return event if event is not None else await line.wait(seconds)


class _UntilClosed(Generic[T]):
    """Receives until the WebSocket is closed; a generator would leave one behind on `break`."""

    def __init__(self, receive: Callable[[], Awaitable[T]]) -> None:
        self._receive = receive

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        __tracebackhide__ = True
        try:
            return await self._receive()
        except WebSocketDisconnect:
            raise StopAsyncIteration from None


def _checked_mode(mode: object) -> str:
    if mode not in _MODES:
        raise UsageValueError(f"mode is {mode!r}; it may be: 'text', 'binary'.")
    return str(mode)


def _in_order(mode: object, timeout: object) -> tuple[str | Default, Any]:
    """Return mode and timeout, which callers give in Starlette's or in httpx2's order."""
    if isinstance(mode, str) and isinstance(timeout, str):
        raise UsageTypeError(f"receive_json() got two modes: {mode!r} and {timeout!r}.")
    if not isinstance(mode, str) and (mode is not DEFAULT or isinstance(timeout, str)):
        mode, timeout = timeout, mode
    return DEFAULT if mode is DEFAULT else _checked_mode(mode), timeout


def _int_code(called: str, code: object) -> int:
    if isinstance(code, bool) or not isinstance(code, int):
        raise UsageTypeError(f"{called} got the code {code!r}; an int is wanted.")
    return code


def _checked_code(called: str, code: object) -> int:
    checked = _int_code(called, code)
    if checked < _LOWEST_CODE:
        raise UsageValueError(f"{called} got the code {checked}; codes begin at {_LOWEST_CODE}.")
    return checked


def _checked_reason(called: str, reason: object) -> str:
    if reason is not None and not isinstance(reason, str):
        raise UsageTypeError(f"{called} got the reason {reason!r}; a str is wanted.")
    return reason or ""


def _loaded(text: str | bytes) -> Any:  # whatever JSON holds
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        error.add_note(f"The app's message was {cut(text)}.")
        raise


def _described(event: Payload | Close) -> str:
    if isinstance(event, Close):
        who = "it" if event.closer == "app" else "this side"
        return f"{who} closed with code {event.code} and reason {event.reason!r}"
    return f"it sent {cut(event)}"


def _wanted_close(code: int | None, reason: str | None) -> str:
    with_code = "" if code is None else f" with code {code}"
    with_reason = "" if reason is None else f" and reason {reason!r}"
    return with_code + with_reason
