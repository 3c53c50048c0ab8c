"""App calls: the only module that awaits the application.

An app call joins one exchange to one task: `receive` and `send` translate between the app's
awaiting and the exchange's answers. Time limits and waiting callers are the drivers' affair.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, Generic, TypeAlias, TypeVar

from asgi_testkit.drive.code_lines import raising_line
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.other_loops import note_other_loop
from asgi_testkit.drive.runtime import AppTask, Runtime, Wakeup
from asgi_testkit.drive.silence import clock
from asgi_testkit.errors import ClientDisconnectedError
from asgi_testkit.protocol.exchange import BaseExchange, bare_exception
from asgi_testkit.protocol.record import Record
from asgi_testkit.types import ASGI3App, Message, Scope

__all__ = ("AppCall", "FunctionCall", "LoopCall")

T = TypeVar("T")

TellsLate: TypeAlias = Callable[[BaseException, str, Record], object]
"""Called with an exception, the title of its call, and the record of that."""

_SENT_AT_A_STRETCH = 256  # messages, after which other tasks get their turn


class LoopCall:
    """Something that runs in a task of its own and that callers wait for.

    Attributes:
        watchers: called in the loop's thread whenever there may be something new to see.
        waiters: what callers in the loop itself wait for, once one has; woken likewise.
        is_lasting: its callers wait again and again.
        task: the task, once it was started.
        errands: work for the waiting caller's thread, where the app has such.
        elsewhere: what can be said of an app that runs in no loop of ours; empty: it does.
    """

    __slots__ = ("errands", "task", "waiters", "watchers")

    is_lasting = False

    @property
    def elsewhere(self) -> str:
        """See above."""
        return ""

    def __init__(self, errands: Errands | None) -> None:
        self.errands = errands
        self.waiters: Wakeup | None = None
        self.task: AppTask | None = None
        self.watchers: list[Callable[[], None]] = []

    def notify(self) -> None:
        """Tell all who watch that there may be something new."""
        if self.waiters is not None:
            self.waiters.wake()
        if self.watchers:
            for watch in tuple(self.watchers):
                watch()

    @property
    def last_at(self) -> float | None:
        """When something happened last, on the record's clock; `None`: it has no time limit."""
        return None

    @property
    def title(self) -> str:
        """What it is, for messages."""
        raise NotImplementedError

    @property
    def record(self) -> Record | None:
        """What crossed in it, if anything is recorded."""
        return None

    def start(self, runtime: Runtime, context: Context) -> None:
        """Start the task; called in the loop's thread."""
        raise NotImplementedError


class AppCall(LoopCall):
    """One call of the app, with its exchange.

    Attributes:
        is_for_its_end: its callers wait for its end, and are not told of messages.
    """

    __slots__ = (
        "_app",
        "_elsewhere",
        "_is_told",
        "_late_sends",
        "_leak_is_told",
        "_runtime",
        "_sent",
        "_tells_late",
        "_wakeup",
        "exchange",
        "is_for_its_end",
        "is_lasting",
        "scope",
    )

    def __init__(
        self,
        app: ASGI3App,
        scope: Scope,
        exchange: BaseExchange,
        *,
        errands: Errands | None = None,
        late_sends: deque[BaseExchange] | None = None,
        tells_late: TellsLate | None = None,
        elsewhere: Callable[[], str] | None = None,
    ) -> None:
        """Prepare the call.

        Args:
            app: the app.
            scope: of the call.
            exchange: of the call.
            errands: see `LoopCall`.
            late_sends: is told where the app sends after the call has ended.
            tells_late: called with an exception that comes when the client has left.
            elsewhere: says what `LoopCall.elsewhere` does, when it is asked.
        """
        LoopCall.__init__(self, errands)
        self._elsewhere = elsewhere
        self._late_sends = late_sends
        self._tells_late = tells_late
        self._sent = 0
        self.exchange = exchange
        self.is_lasting = exchange.is_lasting
        self.is_for_its_end = False
        self.scope = scope
        self._is_told = False
        self._leak_is_told = False
        self._app = app
        self._runtime: Runtime | None = None
        self._wakeup: Wakeup | None = None

    @property
    def last_at(self) -> float | None:
        """When a message crossed last."""
        return self.exchange.heard_at

    @property
    def elsewhere(self) -> str:
        """What can be said of an app that does not run here."""
        return "" if self._elsewhere is None else self._elsewhere()

    @property
    def record(self) -> Record:
        """What crossed between the app and the client side."""
        return self.exchange.record

    @property
    def title(self) -> str:
        """What it is, for messages: `"GET /path"`; the app may have changed its scope."""
        get = self.scope.get
        return f"{get('method', get('type', '?'))} {get('path', '')}".rstrip()

    def start(self, runtime: Runtime, context: Context) -> None:
        """Start the app in a task of its own; called in the loop's thread."""
        self._runtime = runtime
        runtime.running.add(self)
        self.task = runtime.spawn(self._run, context, self._note_end)

    def _news(self) -> Wakeup:
        """Return what the app's waiting `receive` and `send` wait for; most never wait."""
        if self._wakeup is None:
            assert self._runtime is not None
            self._wakeup = self._runtime.wakeup()
        return self._wakeup

    def tell(self, text: str) -> str | None:
        """Return what to say of a call that did not end by itself; `None`: it was said."""
        is_told, self._leak_is_told = self._leak_is_told, True
        if self.task is not None:
            self.task.note_told()
        return None if is_told else text

    def wake_app(self) -> None:
        """Let the app's waiting `receive` and `send` look again."""
        if self._wakeup is not None:
            self._wakeup.wake()

    def disconnect(self, grace: float, tell: Callable[[], object]) -> None:
        """Tell the app that the client is gone, and cancel it after `grace` seconds.

        Args:
            grace: seconds.
            tell: tells the exchange.
        """
        tell()
        self.wake_app()
        self.notify()
        if self.task is not None:
            self.task.cancel_after(grace)

    async def _run(self) -> None:
        """Await the app, and give its end to the exchange; `SystemExit` must not end the loop."""
        assert self._runtime is not None
        if self.task is not None:  # else this step is a part of its making
            self.task.note_begun()
        try:
            app: Callable[..., Awaitable[object]] = self._app  # it may return anything
            result = await app(self.scope, self._receive, self._send)
        except BaseException as exception:
            self._note_exception(exception)
            if isinstance(exception, self._runtime.must_propagate):
                raise
        else:
            self.exchange.app_returned(result)
        finally:
            self._runtime.running.discard(self)
            self.notify()
            if self.waiters is not None:
                self.waiters.rest()

    def _note_end(self, _task: object) -> None:
        """Note the end of a task that was cancelled before its first step."""
        if not self.exchange.app_is_over:
            self.exchange.app_raised(CancelledError())
            if self._runtime is not None:
                self._runtime.running.discard(self)
            self.notify()

    def _note_exception(self, exception: BaseException) -> None:
        exchange = self.exchange
        if exception.__traceback__ is not None:  # its first frame is ours
            exception = exception.with_traceback(exception.__traceback__.tb_next)
        note_other_loop(exception)
        exchange.app_raised(exception, raising_line(bare_exception(exception)))
        if not exchange.client_is_gone or self._tells_late is None:
            return
        is_expected = exchange.is_lasting or "Disconnect" in type(exception).__name__
        if isinstance(exception, Exception) and not is_expected:
            self._tells_late(exception, self.title, exchange.record)

    async def _receive(self) -> Message:
        exchange = self.exchange
        while (message := exchange.app_receive()) is None:
            if self.is_lasting:
                await (self._wakeup or self._news()).wait()
            else:
                await self._wait_for_request(self._news())
        if exchange.client_waits:
            exchange.client_waits = False
            self.notify()
        if exchange.client_is_gone:
            await self._tell_again()
        return message

    async def _wait_for_request(self, wakeup: Wakeup) -> None:
        """Wait where the client side may be asked for a piece of the body."""
        self.notify()
        self.exchange.app_receivers += 1
        try:
            await wakeup.wait()
        finally:
            self.exchange.app_receivers -= 1

    async def _tell_again(self) -> None:
        """Let other tasks run where the app asks on after it was told of its disconnection."""
        if self._is_told:
            assert self._runtime is not None
            await self._runtime.checkpoint()
        self._is_told = True

    async def _send(self, message: Message) -> None:
        __tracebackhide__ = True
        exchange = self.exchange
        try:
            needs_care = exchange.app_send(message)
        except ClientDisconnectedError:
            # An app that sends on must not keep its other tasks, and ours, from running.
            assert self._runtime is not None
            await self._runtime.checkpoint()
            raise
        finally:
            if not self.is_for_its_end and (self.watchers or self.waiters is not None):
                self.notify()
            if exchange.app_is_over and self._late_sends is not None:
                self._late_sends.append(exchange)
        self._sent = (self._sent + 1) % _SENT_AT_A_STRETCH
        if not needs_care and self._sent:
            return
        self.wake_app()  # whoever waits in `receive` may now see `http.disconnect`
        if exchange.client_is_gone:
            # Sending into the void must not keep the app's other tasks from hearing of it.
            assert self._runtime is not None
            await self._runtime.checkpoint()
        if not self._sent:  # an app that never has to wait must not keep the loop for itself
            assert self._runtime is not None
            await self._runtime.checkpoint()
        while exchange.app_must_wait():
            await self._news().wait()
        if exchange.sends_on:
            await self._send_on()

    async def _send_on(self) -> None:
        """Let the exchange take what one message has begun, as fast as it is read."""
        __tracebackhide__ = True
        assert self._runtime is not None
        while self.exchange.sends_on:
            self.exchange.app_send_on()
            self.notify()
            await self._runtime.checkpoint()  # a long file must not keep the loop for itself
            while self.exchange.app_must_wait():
                await self._news().wait()


class FunctionCall(LoopCall, Generic[T]):
    """One call of a test's own async function in the app's loop."""

    __slots__ = ("_began", "_exception", "_function", "_is_over", "_result", "_runtime")

    def __init__(
        self, function: Callable[[], Awaitable[T]], errands: Errands | None = None
    ) -> None:
        super().__init__(errands)
        self._began = clock()
        self._runtime: Runtime | None = None
        self._function = function
        self._is_over = False
        self._result: Any = None  # a T once it is over
        self._exception: BaseException | None = None

    def start(self, runtime: Runtime, context: Context) -> None:
        """Start the function in a task of its own; called in the loop's thread."""
        self._runtime = runtime
        runtime.running.add(self)
        self.task = runtime.spawn(self._run, context, self._note_end)

    @property
    def last_at(self) -> float:
        """When it began."""
        return self._began

    @property
    def title(self) -> str:
        """What it is, for messages."""
        return "The function of client.run()"

    def cancel(self) -> None:
        """Cancel it; called in the loop's thread."""
        if self.task is not None:
            self.task.cancel()

    def is_over(self) -> bool | None:
        """Return true once it has ended; `None`: wait."""
        return True if self._is_over else None

    def result(self) -> T:
        """Return or raise what the function did."""
        __tracebackhide__ = True
        if self._exception is not None:
            raise self._exception
        result: T = self._result
        return result

    def _note_end(self, _task: object) -> None:
        """Note the end of a task that was cancelled before its first step."""
        if self._runtime is not None:
            self._runtime.running.discard(self)
        if not self._is_over:
            self._exception, self._is_over = CancelledError(), True
            self.notify()

    async def _run(self) -> None:
        __tracebackhide__ = True
        assert self._runtime is not None
        if self.task is not None:
            self.task.note_begun()
        try:
            self._result = await self._function()
        except BaseException as exception:
            self._exception = exception
            if isinstance(exception, self._runtime.must_propagate):
                raise
        finally:
            self._runtime.running.discard(self)
            self._is_over = True
            self.notify()
