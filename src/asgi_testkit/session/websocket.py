"""One WebSocket as its test holds it: the handshake, messages both ways, and leaving.

Waiting is here; what a message means is the exchange's affair, how one waits the driver's. What
users call is in `async_websocket`.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, TypeVar

from asgi_testkit.drive.application import AppCall
from asgi_testkit.drive.caller_warnings import (
    Leak,
    note_leaks,
    note_rules,
    warn_of_leaks,
    warn_of_rules,
)
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.silence import SilenceError
from asgi_testkit.drive.stalls import explain, interruption_note, stall_error
from asgi_testkit.errors import ClientStateError, StallError, UsageTypeError
from asgi_testkit.protocol.exchange import add_note_once
from asgi_testkit.protocol.fields import is_bytes_like
from asgi_testkit.protocol.websocket import WEBSOCKET_HIGH_WATER_BYTES, WebSocketExchange
from asgi_testkit.protocol.websocket_events import Accept, Answer, Close, client_close
from asgi_testkit.protocol.websocket_values import LINE_LOST, NORMAL, Payload, size_bytes
from asgi_testkit.session.disconnected import disconnected
from asgi_testkit.session.http import Limits
from asgi_testkit.session.leaving import disconnect
from asgi_testkit.types import Message

__all__ = ("WebSocketLine",)

T = TypeVar("T")

_NOTHING_CAME: Final = "nothing has come from the app"
_TWO_RECEIVERS: Final = (
    "Two callers receive from one WebSocket session at the same time; which of them would get the"
    " next message is not decided.\nReceive in one task or thread and share what comes, or open a"
    " session for each."
)


class WebSocketLine:
    """One WebSocket of a test, from the handshake to the end of the app call.

    Attributes:
        exchange: what has crossed, and how it stands.
        limits: how long its methods may wait.
        when_left: called once the test has left it.
    """

    def __init__(
        self, call: AppCall, exchange: WebSocketExchange, driver: Driver, *, limits: Limits
    ) -> None:
        self.exchange = exchange
        self.limits = limits
        self._call = call
        self._driver = driver
        self._wake_app = call.wake_app  # made once, as it is posted with every message
        self._is_awaited = False  # a caller waits for a message
        self._told: Close | None = None
        self._told_before: Close | None = None
        self._is_left = False
        self.when_left: Callable[[], object] | None = None

    @property
    def is_of_asgi_2(self) -> bool:
        """Whether the app is double-callable."""
        return bool(self._call.scope.get("asgi", {}).get("version") == "2.0")

    @property
    def knows_of_close(self) -> bool:
        """Whether the test knows that the WebSocket is closed."""
        return self._told is not None

    @property
    def is_closed(self) -> bool:
        """Whether either side has closed, and all messages before that are read."""
        return self.close_seen is not None and not self.exchange.client_has_messages()

    @property
    def close_seen(self) -> Close | None:
        """How it was closed; this side's close counts at once."""
        return self.exchange.close or self._told or self.exchange.client_sees_lost

    @property
    def goes_on(self) -> bool:
        """Whether the app runs and is still to be left."""
        return not (self._is_left or self._call.task is None or self.exchange.app_is_over)

    # -- the handshake ------------------------------------------------------------------------

    async def connect(self) -> Answer:
        """Start the app and return its answer; any but an accept ends the app call.

        Raises:
            StallError: there was no answer in time.
            BaseException: what the app raised, as it was raised.
        """
        __tracebackhide__ = True
        try:
            self._driver.start(self._call)
            answer: Answer = await self._driver.watch(
                self._call, self.exchange.client_wait_answer, seconds=self.limits.read
            )
        except SilenceError as silence:
            stall = self._stall("the app has not answered 'websocket.connect'", silence)
            await self.leave_because_of(stall, LINE_LOST)
            raise stall from None
        except BaseException as error:
            self._note_interruption(error)
            await self.leave_because_of(error, LINE_LOST)
            raise
        if not isinstance(answer, Accept):
            await self.leave()
        return answer

    # -- messages -------------------------------------------------------------------------------

    def give_text(self, text: str) -> bool:
        """Send a text; return whether `wait_taken` is to be awaited.

        Raises:
            WebSocketDisconnect: the test knows that the WebSocket is closed.
            UsageTypeError: it is no text.
        """
        __tracebackhide__ = True
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageTypeError(f"send_text() got {type(text).__name__}; a str is wanted.")
        size = len(text) if text.isascii() else size_bytes(text)
        return self._give({"type": "websocket.receive", "text": text}, size)

    def give_bytes(self, data: bytes) -> bool:
        """Send bytes, likewise."""
        __tracebackhide__ = True
        if not is_bytes_like(data):
            raise UsageTypeError(f"send_bytes() got {type(data).__name__}; bytes are wanted.")
        whole = bytes(data)
        return self._give({"type": "websocket.receive", "bytes": whole}, len(whole))

    def _give(self, message: Message, size: int) -> bool:
        __tracebackhide__ = True
        if self._told is not None:
            raise disconnected(self._told)
        is_too_much = self.exchange.client_send(message, size)
        if not self.exchange.app_is_over:  # else nobody might come to what was posted, or drop it
            self._driver.post(self._wake_app)
        return is_too_much

    async def wait_taken(self) -> None:
        """Wait until the app has taken all but a few megabytes of what was sent.

        Raises:
            StallError: it does not.
        """
        __tracebackhide__ = True
        try:
            await self._driver.watch(
                self._call, self.exchange.client_may_send, seconds=self.limits.write
            )
        except SilenceError as silence:
            what = f"the app has left more than {WEBSOCKET_HIGH_WATER_BYTES} bytes unread"
            raise self._stall(what, silence, kind="write") from None

    def take(self) -> Payload | None:
        """Return the app's next message if it is there.

        Raises:
            ClientStateError: another caller is waiting for it.
        """
        if self._is_awaited:
            raise ClientStateError(_TWO_RECEIVERS)
        payload = self.exchange.client_take()
        if payload is not None and self.exchange.app_waits:
            self._driver.post(self._wake_app)
        return payload

    async def wait(
        self, seconds: float | None, poll: Callable[[], Payload | Close | None] | None = None
    ) -> Payload | Close:
        """Return the app's next message or, after the last one, how it was closed.

        Args:
            seconds: how long to wait; `None`: no limit.
            poll: looks for more than the exchange has; left out: its `client_receive`.

        Raises:
            ClientStateError: another caller is receiving.
            StallError: nothing came in time; the session is as it was.
            BaseException: what the app raised, as it was raised.
        """
        __tracebackhide__ = True
        if self._is_awaited:
            raise ClientStateError(_TWO_RECEIVERS)
        self._is_awaited = True
        look = poll or self.exchange.client_receive
        try:
            await self._driver.step()  # most apps answer in their next one
            seen = look()
            event = seen if seen is not None else await self._watch(look, seconds)
        except SilenceError as silence:
            raise self._stall(_NOTHING_CAME, silence) from None
        except BaseException as error:
            self._note_interruption(error)
            raise
        finally:
            self._is_awaited = False
        if isinstance(event, Close):
            self._note_close(event)
        elif self.exchange.app_waits:
            self._driver.post(self._wake_app)
        return event

    def _watch(
        self, look: Callable[[], Payload | Close | None], seconds: float | None
    ) -> Coroutine[Any, Any, Payload | Close]:
        return self._driver.watch(self._call, look, seconds=seconds)

    def block(self, seconds: float | None) -> Payload | Close:
        """Do what `wait` does, on a blocking driver and without a coroutine."""
        __tracebackhide__ = True
        if self._is_awaited:
            raise ClientStateError(_TWO_RECEIVERS)
        self._is_awaited = True
        exchange = self.exchange
        try:
            event: Payload | Close = self._driver.block(
                self._call, exchange.client_receive, seconds
            )
        except SilenceError as silence:
            raise self._stall(_NOTHING_CAME, silence) from None
        except BaseException as error:
            self._note_interruption(error)
            raise
        finally:
            self._is_awaited = False
        if isinstance(event, Close):
            self._note_close(event)
        elif exchange.app_waits:
            self._driver.post(self._wake_app)
        return event

    def _note_close(self, close: Close) -> None:
        self._told_before, self._told = self._told, close

    def notify(self) -> None:
        """Let whoever waits look again; from any thread."""
        self._driver.post(self._call.notify)

    def put_back(self, event: Payload | Close) -> None:
        """Undo `take` or `wait`."""
        if isinstance(event, Close):
            self._told = self._told_before
        else:
            self.exchange.client_put_back(event)

    # -- the end ------------------------------------------------------------------------------

    async def close(self, code: int, reason: str) -> None:
        """Close from this side; without effect where it is closed."""
        if self._is_left:
            return
        if self.exchange.app_is_over:
            self._give_close(code, reason)
        else:
            self._driver.post(self._give_close, code, reason)
        if self._told is None:
            self._told = client_close(code, reason)

    def _give_close(self, code: int, reason: str) -> None:
        self.exchange.client_disconnect(code, reason)
        self._call.wake_app()
        self._call.notify()

    async def leave(self, code: int = NORMAL) -> None:
        """Close, let the app end within the grace time, and raise what it raised.

        An app that has closed by itself is waited for as background work is.

        Raises:
            StallError: an app that had closed did not end.
            BaseException: what the app raised, if it was not raised before.
        """
        __tracebackhide__ = True
        if self._is_left:
            return
        leaks = await self._leave(code)
        try:
            self._check_end()
        except BaseException as error:
            note_leaks(error, leaks)
            raise
        if leaks:
            warn_of_leaks(leaks)

    async def _leave(self, code: int) -> list[Leak]:
        """Close and wait; return what to say of an app that did not end by itself."""
        __tracebackhide__ = True
        exchange, leak = self.exchange, None
        self._told = self._told or client_close(code)
        # If this is cut short, whoever comes next goes on waiting.
        if not exchange.app_is_over and exchange.app_has_ended_it:
            await self._wait_over()
        elif not exchange.app_is_over:
            tell = partial(exchange.client_disconnect, code)
            leak = await disconnect(self._call, self._driver, grace=self.limits.grace, tell=tell)
        self._is_left = True
        when_left, self.when_left = self.when_left, None
        if when_left is not None:
            when_left()
        return [] if leak is None else [Leak(leak)]

    async def leave_because_of(self, error: BaseException, code: int = NORMAL) -> None:
        """Leave where something has gone wrong already, which must stay what is seen."""
        if self._is_left:
            return
        try:
            note_leaks(error, await self._leave(code))
            note_rules(error, self.exchange)
            self._check_end()
        except BaseException as late:
            if not isinstance(late, Exception) and late is not self.exchange.app_exception:
                raise
            if late is not error and "Disconnect" not in type(late).__name__:
                error.add_note(f"Then, when the WebSocket was left: {late!r}")

    async def _wait_over(self) -> None:
        __tracebackhide__ = True
        try:
            await self._driver.watch(
                self._call, self.exchange.client_wait_over, seconds=self.limits.background
            )
        except SilenceError as silence:
            what = "the app has not returned after it had closed"
            stall = self._stall(what, silence, kind="background")
            if leak := await disconnect(self._call, self._driver, grace=self.limits.grace):
                stall.add_note(leak)
            raise stall from None

    def _check_end(self) -> None:
        __tracebackhide__ = True
        exchange = self.exchange
        has_failed = exchange.violation is not None or exchange.app_exception is not None
        try:
            if has_failed and not self._was_cancelled_by_us():
                exchange.client_check()
        except BaseException as error:
            note_rules(error, exchange)
            raise
        if exchange.warned:
            warn_of_rules(exchange)

    def _was_cancelled_by_us(self) -> bool:
        """Return whether nothing has gone wrong in the app but for that."""
        if self.exchange.violation is not None:
            return False
        task, exception = self._call.task, self.exchange.app_exception
        return task is not None and task.ran_out_of_grace and not isinstance(exception, Exception)

    # -- waiting ------------------------------------------------------------------------------

    def _stall(self, what: str, silence: SilenceError, *, kind: str = "read") -> StallError:
        what = f"{what} (state {self.exchange.state_name})"
        explained = explain(self._driver, self._call, silence)
        return stall_error(self._call, silence, explained, what, kind=kind)

    def _note_interruption(self, error: BaseException) -> None:
        if isinstance(error, CancelledError | KeyboardInterrupt):
            add_note_once(error, interruption_note(self._driver, self._call))
