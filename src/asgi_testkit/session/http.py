"""One HTTP call as its caller sees it: fetched whole, or streamed and left when wanted.

Waiting, feeding the request body and leaving are here; what a message means is the exchange's
affair, how one waits the driver's.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple, NoReturn, TypeAlias, TypeVar

from asgi_testkit.drive.application import AppCall
from asgi_testkit.drive.caller_warnings import Leak, note_rules, warn_of_leaks, warn_of_rules
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.silence import SilenceError, Steady, clock, no_limit
from asgi_testkit.drive.stalls import Explained, explain, interruption_note, stall_error
from asgi_testkit.errors import ASGITaskLeakWarning, ClientStateError, StallError
from asgi_testkit.protocol.exchange import add_note_once
from asgi_testkit.protocol.http import HIGH_WATER_BYTES, HTTPExchange
from asgi_testkit.protocol.http_events import (
    ClientEvent,
    Cue,
    ResponseStart,
)
from asgi_testkit.session.body import BodyPieces
from asgi_testkit.session.leaving import disconnect

__all__ = ("Background", "HTTPSession", "Limits")

Background: TypeAlias = Literal["wait", "detach"]

T = TypeVar("T")

_SILENCES = 10  # the total limit of a buffered call, in silence limits

_LEFT = (
    "The stream was left before its end, by close() or because its client was left.\n"
    "Read a stream inside the block of its client."
)


class Limits(NamedTuple):
    """How many seconds of silence are allowed; `None`: any.

    Attributes:
        read: while the response is not whole.
        write: while the app does not take the request body.
        background: after the response, until the app returns.
        grace: for the app to end after the client has left.
        endless_by: how the test may read a response that has no end, for the error to say.
    """

    read: float | None = 30.0
    write: float | None = 30.0
    background: float | None = 30.0
    grace: float = 1.0
    endless_by: str = "stream() or sse()"


class HTTPSession:
    """One request of a test, from its start to the end of the app call."""

    def __init__(
        self,
        call: AppCall,
        exchange: HTTPExchange,
        driver: Driver,
        *,
        body: BodyPieces | None,
        limits: Limits,
        background: Background,
    ) -> None:
        self.exchange = exchange
        self._call = call
        self._driver = driver
        self._body = body
        self._limits = limits
        self._waits_for_app = background == "wait"
        self._is_closed = False
        self._has_failed = False  # and the caller was told
        self._is_deaf = False  # the app can do nothing with its grace time
        self._is_pushed = False
        self._fetch_began: float | None = None
        self._in_hand: deque[bytes] = deque()

    async def fetch(self) -> tuple[ResponseStart, bytes]:
        """Run the request to its end and return the response with its whole body.

        The end is the app's return, or with `background="detach"` the last body message.

        Raises:
            StallError: the silence limit has passed.
            ResponseCutError: the app failed and only the wire view is wanted.
            BaseException: the app's own exception.
        """
        __tracebackhide__ = True
        self._fetch_began = clock()
        limits = self._limits
        is_one_limit = limits.read == limits.write == limits.background
        if self._body is None and self._waits_for_app and is_one_limit:
            await self._wait_for_end(limits.read)
        else:
            await self._finish()
        exchange = self.exchange
        assert exchange.response is not None
        return exchange.response, exchange.client_take_body()

    async def _wait_for_end(self, seconds: float | None) -> None:
        """Wait for the app's return where nothing else can come up: `_finish`, and faster."""
        __tracebackhide__ = True
        self._call.is_for_its_end = True
        poll = self.exchange.client_wait_app
        try:
            await self._driver.until(self._call, poll, limit=self._steady_limit(seconds))
        except BaseException as error:  # noqa: BLE001 - it is raised there
            await self._fail(error)
        self._is_closed = True
        self._check()

    def _steady_limit(self, seconds: float | None) -> Steady:
        if seconds is None or self._fetch_began is None:
            return no_limit
        return Steady(seconds, self._fetch_began + _SILENCES * seconds, self._check_total)

    async def start(self) -> ResponseStart:
        """Send the request and return as soon as the app has sent status and headers."""
        __tracebackhide__ = True
        first: Callable[[], object] = self._call.wake_app
        while True:
            start: ResponseStart | Cue = await self._wait(self._poll_start, first=first)
            if isinstance(start, ResponseStart):
                return start
            first = await self._next_feed()

    def _poll_start(self) -> ResponseStart | Cue | None:
        __tracebackhide__ = True
        if self.exchange.client_is_gone:
            raise ClientStateError(_LEFT)
        return self.exchange.client_wait_start()

    async def next_piece(self) -> bytes | None:
        """Return the next piece of the response body as the app sent it; `None` after the last."""
        __tracebackhide__ = True
        if not self._in_hand:
            if self._is_closed:
                if self.exchange.is_read:
                    return None
                raise ClientStateError(_LEFT)
            event = await self._next_event()
            if not isinstance(event, list):
                return None
            self._in_hand.extend(event)
        piece = self._in_hand.popleft()
        if not self._in_hand and len(piece) <= HIGH_WATER_BYTES:
            self._driver.post(self._let_app_go_on)
        return piece

    async def open(self) -> None:
        """Start the app, whatever it does."""
        await self._wait(lambda: True)

    async def send_piece(self, piece: bytes) -> None:
        """Push a piece of the request body, waiting where the app is behind by 64 KiB.

        What comes after the response is whole is dropped, as on a server.

        Raises:
            ClientStateError: the body was ended, or the session left.
            StallError: the app does not take what was sent.
            BaseException: what the app raised, as it was raised.
        """
        __tracebackhide__ = True
        self._check_pushing()
        if not piece:  # an empty one cannot be on the wire
            return
        self.exchange.request_body.count(len(piece))
        self._driver.post(partial(self._push, piece, more=True))
        is_behind = self.exchange.request_body.unread_bytes > HIGH_WATER_BYTES
        if is_behind or self.exchange.app_is_over:
            await self._wait(self.exchange.client_may_send)

    async def end_body(self) -> None:
        """Push the end of the request body."""
        self._check_pushing()
        self._is_pushed = True
        self._driver.post(partial(self._push, b"", more=False))

    def _check_pushing(self) -> None:
        if self.exchange.client_is_gone:
            raise ClientStateError(
                "The exchange was left: disconnect() was called, or its block has ended."
            )
        if self._is_pushed:
            raise ClientStateError("The request body was ended by end(); nothing can follow.")

    def _push(self, piece: bytes, *, more: bool) -> None:
        self.exchange.client_send_body(piece, more=more)
        self._call.wake_app()

    def _let_app_go_on(self) -> None:
        """Let the app refill the buffer while the test works on the last piece of it."""
        self.exchange.client_took_pieces()
        self._call.wake_app()

    async def close(self) -> None:
        """Wait for the app's background work, or leave where the response is not whole."""
        __tracebackhide__ = True
        if self._is_closed or self._has_failed:
            return
        self._is_closed = True
        if self.exchange.client_wait_complete() is Cue.COMPLETE:
            await self._finish()
        else:
            await self.leave()

    async def leave(self) -> None:
        """Disconnect; the app gets the grace time to end, then it is cancelled.

        Warns with `ASGITaskLeakWarning` where it goes on even then.

        Raises:
            ASGIRuleError: the app broke a rule before, and nobody was told.
        """
        __tracebackhide__ = True
        if (leak := await self._leave()) is not None:
            try:
                warn_of_leaks([Leak(leak)])
            except ASGITaskLeakWarning as warning:  # the filter makes an error of it
                note_rules(warning, self.exchange)
                raise
        self._raise_violation()
        warn_of_rules(self.exchange)

    def _raise_violation(self) -> None:
        """Raise a broken rule that the app has swallowed, unless it was raised before."""
        __tracebackhide__ = True
        exchange = self.exchange
        if exchange.violation is not None and not exchange.failure_is_raised:
            exchange.failure_is_raised = True
            note_rules(exchange.violation, exchange)
            raise exchange.violation

    async def _leave(self) -> str | None:
        """Disconnect and wait; return what to say of an app that cannot be cancelled."""
        self._is_closed = True
        try:
            grace = 0.0 if self._is_deaf else self._limits.grace
            return await disconnect(self._call, self._driver, grace=grace)
        finally:
            if self._body is not None:
                await self._body.close()

    async def leave_because_of(self, error: BaseException) -> None:
        """Leave where something has gone wrong already, which must stay what is seen."""
        self._has_failed = True
        note_rules(error, self.exchange)
        if not self.exchange.app_is_over:
            if (leak := await self._leave()) is not None:
                error.add_note(leak)
        elif self._body is not None:
            await self._body.close()
        late = self.exchange.app_exception
        if isinstance(late, Exception) and late not in (error, error.__cause__):
            add_note_once(error, f"Beside it, the app raised {late!r}.")

    async def wait_app(self) -> None:
        """Wait until the app has returned, after a detached response; raise what it raised."""
        __tracebackhide__ = True
        await self._until_over(self.exchange.client_wait_app)
        self._check()

    async def _finish(self) -> None:
        __tracebackhide__ = True
        exchange = self.exchange
        ending = exchange.client_wait_app if self._waits_for_app else exchange.client_wait_complete
        await self._until_over(ending)
        self._is_closed = True
        if self._body is not None:
            await self._body.close()
        self._check()

    def _check(self) -> None:
        """Raise what went wrong in the app, or warn of what is only warned about."""
        __tracebackhide__ = True
        exchange = self.exchange
        try:
            exchange.client_check()
        except BaseException as error:
            note_rules(error, exchange)
            raise
        if exchange.warned:
            warn_of_rules(exchange)

    async def _until_over(self, poll: Callable[[], Cue | None]) -> None:
        __tracebackhide__ = True
        cue = await self._wait(poll)
        while cue is Cue.BODY_WANTED:
            cue = await self._wait(poll, first=await self._next_feed())

    async def _next_event(self) -> ClientEvent:
        __tracebackhide__ = True
        poll: Callable[[], ClientEvent | None] = self._poll_event
        first: Callable[[], object] = self._call.wake_app
        while True:
            event: ClientEvent = await self._wait(poll, first=first)
            if event is not Cue.BODY_WANTED:
                return event
            first = await self._next_feed()

    def _poll_event(self) -> ClientEvent | None:
        __tracebackhide__ = True
        if self.exchange.client_is_gone:
            raise ClientStateError(_LEFT)
        return self.exchange.client_receive()

    async def _next_feed(self) -> Callable[[], object]:
        """Pull the next piece of the request body, and return what gives it to the app."""
        assert self._body is not None
        try:
            piece = await self._body.next_piece()
        except BaseException as error:
            await self.leave_because_of(error)
            raise

        def feed() -> None:
            self.exchange.client_send_body(piece or b"", more=piece is not None)
            self._call.wake_app()

        return feed

    async def _wait(
        self, poll: Callable[[], T | None], *, first: Callable[[], object] | None = None
    ) -> T:
        """Wait for the exchange; whatever goes wrong on the way, the app is left in order."""
        __tracebackhide__ = True
        try:
            return await self._driver.until(self._call, poll, first=first, limit=self._limit)
        except BaseException as error:  # noqa: BLE001 - it is raised there
            await self._fail(error)

    async def _fail(self, error: BaseException) -> NoReturn:
        """Leave the app because a wait has failed; raise what the caller is to see."""
        __tracebackhide__ = True
        if isinstance(error, SilenceError):
            await self._fail_silent(error)
        # Of an exchange one task may be cancelled while others go on; its block leaves.
        if isinstance(error, CancelledError | KeyboardInterrupt):
            add_note_once(error, interruption_note(self._driver, self._call))
        if isinstance(error, Exception) or not self.exchange.request_body.is_pushed:
            await self.leave_because_of(error)
        raise error

    async def _fail_silent(self, silence: SilenceError) -> NoReturn:
        __tracebackhide__ = True
        reason = self._reason_in_receive()
        explained = explain(self._driver, self._call, silence, in_receive=reason)
        stall = self._stall(silence, explained)
        self._is_deaf = silence.is_proved and explained.is_deaf
        await self.leave_because_of(stall)
        if (violation := self.exchange.violation) is not None:  # more to the point
            violation.add_note(str(stall))
            raise violation from None
        raise stall from None

    def _limit(self) -> float | None:
        if self.exchange.client_wait_complete() is Cue.COMPLETE:
            return self._limits.background
        self._check_total()
        return self._limits.write if self.exchange.client_is_writing() else self._limits.read

    def _check_total(self) -> None:
        """Raise where a buffered call goes on and on, never silent: its response has no end."""
        if self._fetch_began is None or self._limits.read is None:
            return
        if self.exchange.client_wait_complete() is Cue.COMPLETE:
            return
        total = _SILENCES * self._limits.read
        if clock() - self._fetch_began >= total:
            text = _endless_text(self._call, total, self._limits.endless_by)
            raise StallError(text, kind="read")

    def _stall(self, silence: SilenceError, explained: Explained) -> StallError:
        exchange = self.exchange
        if exchange.client_wait_complete() is Cue.COMPLETE and not silence.report:
            kind, what = "background", "the app has not returned after its response was whole"
        elif self.exchange.client_is_writing():
            kind, what = "write", "the app has not taken the request body"
        elif exchange.response is None:
            kind, what = "read", f"the app has sent nothing (state {exchange.state_name}, rule H50)"
        else:
            kind, what = "read", f"the app has sent nothing (state {exchange.state_name})"
        return stall_error(self._call, silence, explained, what, kind=kind)

    def _reason_in_receive(self) -> str:
        """Return why an app that waits in `receive()` waits there in vain."""
        if self.exchange.app_receivers > 1:
            return (
                "Several tasks of the app wait in receive() at once, and each message goes to one"
                " of them only.\nStarlette's StreamingResponse is such a task: it listens for the"
                " disconnect while the endpoint reads the body."
            )
        if self.exchange.request_body.is_awaited:
            return "The app waits for more of the request body: send() a piece, or end() it."
        if self.exchange.app_receivers and self.exchange.request_body.is_taken:
            return (
                "The app waits in receive() though it has the whole request: all that can come"
                " there is 'http.disconnect', when the client leaves."
            )
        return ""


def _endless_text(call: AppCall, seconds: float, endless_by: str) -> str:
    return (
        f"{call.title}: after {seconds:g} s ({_SILENCES} times the read timeout) the response is"
        " not whole, though the app is not silent.\n"
        f"Read a response without an end by {endless_by}, or pass a longer timeout=..."
    )
