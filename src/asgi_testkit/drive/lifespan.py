"""Running a lifespan: startup and shutdown with their time limits, on any driver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from asgi_testkit.drive.application import AppCall
from asgi_testkit.drive.caller_warnings import (
    Leak,
    note_leaks,
    note_rules,
    warn_of_leaks,
    warn_of_rules,
)
from asgi_testkit.drive.code_lines import raising_line, show_line
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.silence import SilenceError, clock
from asgi_testkit.drive.stalls import explain
from asgi_testkit.errors import LifespanFailed
from asgi_testkit.protocol.lifespan import LifespanExchange, LifespanState

__all__ = ("LifespanRun",)

T = TypeVar("T")

_PATIENCE_SECONDS = 1.0  # for a cancelled app to take its cancellation
_REST_SECONDS = 0.01  # for a loop to come to rest when its app is over


class LifespanRun:
    """One lifespan of an app on a driver.

    Attributes:
        is_supported: whether the app has a lifespan; known after `startup`.
    """

    def __init__(self, call: AppCall, exchange: LifespanExchange, driver: Driver) -> None:
        self._call = call
        self._exchange = exchange
        self._driver = driver
        self.is_supported = False

    @property
    def refusal(self) -> BaseException | None:
        """What the app raised instead of answering startup, where that meant "no lifespan"."""
        return None if self.is_supported else self._exchange.app_exception

    @property
    def is_over(self) -> bool:
        """Whether the app call has ended."""
        return self._exchange.app_is_over

    @property
    def app_exception(self) -> BaseException | None:
        """What the app call has ended with, if it raised."""
        return self._exchange.app_exception

    async def wait(self, *, timeout: float | None) -> None:
        """Wait for the end of the app call, and change nothing.

        Raises:
            TimeoutError: it has not ended after so many seconds, or never will.
        """
        __tracebackhide__ = True
        if self.is_over:
            return
        try:
            await self._driver.until(
                self._call, self._exchange.client_wait_over, limit=lambda: timeout
            )
        except SilenceError:
            raise TimeoutError("The app's lifespan goes on.") from None

    async def startup(self, *, timeout: float | None, grace: float) -> None:
        """Start the app up.

        Args:
            timeout: seconds of silence that are allowed; `None`: no limit.
            grace: seconds that a cancelled app gets to end in.

        Raises:
            LifespanFailed: the app failed or was silent, and raised nothing.
            ASGIRuleError: the app broke a rule.
            BaseException: the app's own exception.
        """
        __tracebackhide__ = True
        exchange = self._exchange
        # An app that answers twice in a row is caught at once: its loop comes to rest first.
        started = _AtRest(self._driver, self._call, exchange.client_wait_started)
        try:
            self.is_supported = await self._until(started, timeout)
            if not started.has_rested:
                await self._until(self._true, timeout)
            exchange.client_check()
            warn_of_rules(exchange)
        except BaseException as error:
            note_rules(error, exchange)
            note_leaks(error, await self._abandon(grace))
            raise

    async def shutdown(self, *, timeout: float | None, grace: float) -> None:
        """Shut the app down; raises as `startup` does."""
        __tracebackhide__ = True
        exchange = self._exchange
        if not self.is_supported:
            return
        over = _AtRest(
            self._driver,
            self._call,
            exchange.client_wait_over,
            look=self._driver.look_for_leftovers,
        )
        try:
            await self._driver.until(
                self._call,
                over,
                first=self._ask_for_shutdown,
                limit=lambda: grace if exchange.client_waits_for_end() else over.limit(timeout),
            )
        except SilenceError as silence:
            if not exchange.app_is_over:
                await self._cut_short(silence, grace)
                return
        except BaseException as error:
            note_leaks(error, await self._abandon(grace))
            raise
        try:
            exchange.client_check()
        except BaseException as error:
            note_rules(error, exchange)
            raise
        warn_of_rules(exchange)

    async def _cut_short(self, silence: SilenceError, grace: float) -> None:
        """End an app that took too long for its shutdown; raises unless it has answered."""
        __tracebackhide__ = True
        if self._exchange.client_has_answer():
            deaf = await self._abandon(grace)
            warn_of_leaks(deaf or (self._cancelled_leak() if grace else []))
            return
        error = self._time_is_up(silence)
        note_leaks(error, await self._abandon(0.0 if silence.is_proved else grace))
        raise error from None

    async def cancel(self, *, grace: float) -> None:
        """Cancel the app instead of asking it to shut down.

        Args:
            grace: seconds that it gets to end in.

        Raises:
            Exception: what the app has raised instead of its cancellation.
        """
        __tracebackhide__ = True
        warn_of_leaks(await self._abandon(grace))
        if isinstance(self.app_exception, Exception):
            raise self.app_exception

    def check(self) -> None:
        """Raise what has gone wrong since startup, at the call that comes next."""
        if self._exchange.state is not LifespanState.STARTED or self._exchange.violation:
            self._exchange.client_check()

    def _ask_for_shutdown(self) -> None:
        self._exchange.client_shutdown()
        self._call.wake_app()

    def _true(self) -> bool:
        return True

    async def _until(self, poll: Callable[[], bool | None], timeout: float | None) -> bool:
        __tracebackhide__ = True
        try:
            return await self._driver.until(self._call, poll, limit=lambda: timeout)
        except SilenceError as silence:
            raise self._time_is_up(silence) from None

    def _time_is_up(self, silence: SilenceError) -> LifespanFailed:
        __tracebackhide__ = True
        explained = explain(self._driver, self._call, silence)
        report = f"{explained.reason}\n{explained.report}".lstrip("\n")
        return self._exchange.client_time_is_up(
            silence.seconds, report=report, is_proved=silence.is_proved
        )

    async def _abandon(self, grace: float) -> list[Leak]:
        """Cancel what is left of the app call, and wait until it is gone.

        Returns:
            What to say of an app that is deaf to its cancellation.
        """
        if self._exchange.app_is_over:
            return []
        try:
            await self._driver.until(
                self._call,
                self._exchange.client_wait_over,
                first=self._cancel,
                limit=lambda: grace + _PATIENCE_SECONDS,
            )
        except SilenceError:
            text = self._call.tell("The app's lifespan went on after its task was cancelled.")
            return [] if text is None else [Leak(text)]
        return []

    def _cancelled_leak(self) -> list[Leak]:
        exception = self._exchange.app_exception
        stood = None if exception is None else raising_line(exception)
        where = "" if stood is None else f"\nIt stood at {show_line(stood)}."
        text = self._call.tell(
            "The app had to be cancelled: its lifespan went on for the grace time after it had"
            f" answered 'lifespan.shutdown'.{where}\n"
            "Pass grace=... to the client for more time or less."
        )
        return [] if text is None else [Leak(text)]

    def _cancel(self) -> None:
        self._exchange.client_disconnect()
        if self._call.task is not None:
            self._call.task.cancel()


class _AtRest(Generic[T]):
    """A poll whose result comes when the loop has come to rest after it, where loops can tell.

    So much that the app has begun is done then, and what comes of it seen, in the same hand-off.

    Attributes:
        has_rested: whether the loop has.
    """

    def __init__(
        self,
        driver: Driver,
        call: AppCall,
        poll: Callable[[], T | None],
        *,
        look: Callable[[], object] | None = None,
    ) -> None:
        """Prepare the poll.

        Args:
            driver: the loop's.
            call: what is told at rest, so that the poll is asked again.
            poll: what is asked first.
            look: called at rest.
        """
        self.has_rested = False
        self._driver, self._call, self._poll, self._look = driver, call, poll, look
        self._result: T | None = None
        self._since = 0.0

    def __call__(self) -> T | None:
        __tracebackhide__ = True
        if self._result is not None:
            return self._result if self.has_rested else None
        result = self._poll()
        if result is None or not self._driver.when_at_rest(self._note_rest):
            return result
        self._result, self._since = result, clock()
        return None

    def limit(self, seconds: float | None) -> float | None:
        """Return the limit of a wait: `seconds`, or none where a loop does not come to rest."""
        if self._result is None or clock() < self._since + _REST_SECONDS:
            return seconds
        return 0.0

    def _note_rest(self) -> None:
        self.has_rested = True
        try:
            if self._look is not None:
                self._look()
        finally:
            self._call.notify()
