"""The host: where an app lives, for one client and the siblings made from it.

It owns the lifespan and the driver of an entered client, and opens the calls of all. Written once
as `async` code; blocking clients run it with `finish`.
"""

from __future__ import annotations

import inspect
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from weakref import WeakSet

from asgi_testkit.client.application import PreparedApp
from asgi_testkit.client.driver_source import DriverSource
from asgi_testkit.client.late_exceptions import log_late_exception
from asgi_testkit.client.leaving import collect, tell
from asgi_testkit.client.options import AppOptions
from asgi_testkit.client.recent import RECENT
from asgi_testkit.drive.application import AppCall
from asgi_testkit.drive.asgiref_backend import ThreadSensitiveErrands, with_errands
from asgi_testkit.drive.caller_warnings import (
    Leak,
    calling_site,
    note_leaks,
    warn_of_rules,
)
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.files import read_file
from asgi_testkit.drive.lifespan import LifespanRun
from asgi_testkit.drive.runtime import current_runtime
from asgi_testkit.drive.silence import clock
from asgi_testkit.errors import ClientStateError
from asgi_testkit.protocol.exchange import BaseExchange
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.lifespan import LifespanExchange
from asgi_testkit.protocol.record import Raised, Record
from asgi_testkit.protocol.scope import (
    HTTPRequest,
    build_http_scope,
    build_lifespan_scope,
    build_websocket_scope,
)
from asgi_testkit.protocol.secret_texts import hide_secrets
from asgi_testkit.protocol.websocket import WebSocketExchange
from asgi_testkit.session.body import BodyPieces
from asgi_testkit.session.http import Background, HTTPSession, Limits
from asgi_testkit.session.websocket import WebSocketLine
from asgi_testkit.types import Receive, Scope, Send

__all__ = ("AppHost", "SharedApp")

T = TypeVar("T")

_KEPT_RECORDS = 50

_NEVER_ENTERED: Final = (
    "This client has not run the app's lifespan. If the app needs its startup, enter the client:"
    " 'with TestClient(app) as client:' or 'async with AsyncTestClient(app) as client:'."
)


@dataclass(slots=True)
class _Life:
    """What exists while a client is entered."""

    driver: Driver
    lifespan: LifespanRun


class AppHost:
    """One app with its driver, lifespan and state.

    Attributes:
        app: the app.
        records: what crossed in the last calls, the newest last.
        last_lifespan: that which runs or ran last; `None`: none did.
        late_failures: what could not be raised where it came up; raised at the next occasion.
    """

    def __init__(
        self, app: PreparedApp, drivers: DriverSource, *, state: Mapping[str, Any] | None = None
    ) -> None:
        self.app = app
        self._number = RECENT.new_owner()
        self.records: deque[Record] = deque(maxlen=_KEPT_RECORDS)
        self.late_failures: deque[BaseException] = deque()
        self._late_sends: deque[BaseExchange] = deque()
        self._drivers = drivers
        self._needs_errands = drivers.needs_errands
        self._base_state = dict(state or {})
        self._life: _Life | None = None
        self.last_lifespan: LifespanRun | None = None
        self._is_changing = threading.Lock()
        self._open: WeakSet[HTTPSession] | None = None
        self._open_lines: set[WebSocketLine] = set()
        self._detached: deque[HTTPSession] = deque()
        self._errands: dict[int, ThreadSensitiveErrands] = {}
        self.state: dict[str, Any] = dict(self._base_state)
        self._note: str | None = _NEVER_ENTERED  # what to add to an exception of the app

    @property
    def is_blocking(self) -> bool:
        """Whether its clients are blocking ones."""
        return self._drivers.is_blocking

    @property
    def is_entered(self) -> bool:
        """Whether the app has been started up and not shut down."""
        return self._life is not None

    @property
    def has_lifespan(self) -> bool:
        """Whether the app, while it is entered, has answered startup."""
        return self._life is not None and self._life.lifespan.is_supported

    @property
    def lifespan_refusal(self) -> BaseException | None:
        """What the app raised instead of answering startup, if it did so."""
        return None if self._life is None else self._life.lifespan.refusal

    # -- lifespan -----------------------------------------------------------------------------

    async def enter(self, options: AppOptions) -> None:
        """Take a driver and start the app up; on failure nothing is left behind.

        Raises:
            ClientStateError: it is entered already.
            LifespanFailed: and all that `LifespanRun.startup` raises.
        """
        __tracebackhide__ = True
        if self._life is not None or not self._is_changing.acquire(blocking=False):
            raise ClientStateError(
                "The client is entered already, and cannot be entered twice at a time.\n"
                "For another user of the same running app, use client.new_client()."
            )
        try:
            life = self._life = await self._start_life(options)
            self._note = _no_lifespan_note(life.lifespan.refusal)
        finally:
            self._is_changing.release()

    async def leave(
        self,
        options: AppOptions,
        *,
        because_of: BaseException | None = None,
        cancels: bool = False,
    ) -> None:
        """Drain what still runs, shut the app down and give the driver back.

        The first thing that goes wrong is raised, after everything was done. What the app has
        left behind is warned of, or noted on what is raised already.

        Args:
            options: limits, and the grace time.
            because_of: what the block of the client has raised.
            cancels: the lifespan is cancelled, and not asked to shut down.
        """
        __tracebackhide__ = True
        life = self._life
        if life is None:
            return
        self._drivers.for_call(life.driver)  # refuses another event loop than the one entered in
        if not self._is_changing.acquire(blocking=False):
            raise ClientStateError("The client is being entered or left by another thread.")
        try:
            await self._end_life(life, options, because_of, cancels=cancels)
        finally:
            self._is_changing.release()

    async def _end_life(
        self,
        life: _Life,
        options: AppOptions,
        because_of: BaseException | None,
        *,
        cancels: bool,
    ) -> None:
        __tracebackhide__ = True
        failures: list[BaseException] = []
        if self._has_open_calls():
            await collect(self.close_calls, failures)
        limit = self._lifespan_limit(options)
        end = partial(life.lifespan.shutdown, timeout=limit, grace=options.grace)
        if cancels:
            end = partial(life.lifespan.cancel, grace=options.grace)
        await collect(end, failures)
        self._life, self._note = None, _NEVER_ENTERED
        self.state = dict(self._base_state)
        leaks: list[Leak] = []
        try:
            leaks = await self._release(life.driver, options.grace)
        except BaseException as error:  # noqa: BLE001 - raised below, when all is done
            failures.append(error)
        self._take_late_failures(failures)
        tell(leaks, failures[0] if failures else because_of)
        if failures:
            raise failures[0]

    async def _release(self, driver: Driver, grace: float) -> list[Leak]:
        errands = self._errands_here() if self._needs_errands else None
        return await self._drivers.release(driver, grace=grace, errands=errands)

    def _has_open_calls(self) -> bool:
        return bool(
            self._open
            or self._open_lines
            or self._detached
            or self._late_sends
            or self.late_failures
        )

    async def close_calls(self) -> None:
        """Leave what streams and wait for what was detached; the first failure is raised."""
        failures: list[BaseException] = []
        leaves = [session.leave for session in self._open or ()]
        for leave in (*leaves, *(line.leave for line in self._open_lines)):
            await collect(leave, failures)
        self._open = None
        self._take_late_failures(failures)
        await self._wait_detached(failures)
        if failures:
            raise failures[0]

    def _take_late_failures(self, failures: list[BaseException]) -> None:
        if not self._late_sends and not self.late_failures:
            return
        self._gather_late_sends()
        failures += self.late_failures
        self.late_failures.clear()

    async def wait_background(self) -> None:
        """Wait for the rest of detached calls; the first exception of the app is raised.

        Those of its tasks that nobody awaited are warned of.
        """
        __tracebackhide__ = True
        failures: list[BaseException] = []
        await self._wait_detached(failures)
        leaks = [] if self._life is None else self._life.driver.take_failures()
        tell(leaks, failures[0] if failures else None)
        if failures:
            raise failures[0]

    async def _wait_detached(self, failures: list[BaseException]) -> None:
        while self._detached:
            await collect(self._detached.popleft().wait_app, failures)

    async def _start_life(self, options: AppOptions) -> _Life:
        __tracebackhide__ = True
        driver = self._drivers.acquire()
        state = dict(self._base_state)
        lifespan = self.last_lifespan = self._lifespan_run(driver, state, options)
        try:
            limit = self._lifespan_limit(options)
            await lifespan.startup(timeout=limit, grace=options.grace)
        except BaseException as error:
            note_leaks(error, await self._release(driver, 0))
            raise
        self.state = state
        return _Life(driver, lifespan)

    def _lifespan_limit(self, options: AppOptions) -> float | None:
        """Return the limit of startup and shutdown; what runs the app elsewhere has its own."""
        return options.timeout if self.app.elsewhere is None else None

    def _lifespan_run(
        self, driver: Driver, state: dict[str, Any], options: AppOptions
    ) -> LifespanRun:
        scope = build_lifespan_scope(state, asgi_version=self.app.asgi_version)
        site = calling_site(inspect.currentframe())
        record = Record(scope, clock, None, site, self._number)
        self._keep(record)
        exchange = LifespanExchange(record, options.policy)
        return LifespanRun(AppCall(self.app.call, scope, exchange), exchange, driver)

    # -- calls --------------------------------------------------------------------------------

    def open_call(
        self,
        request: HTTPRequest,
        options: AppOptions,
        *,
        body: bytes | None,
        pieces: BodyPieces | None,
        limits: Limits,
        is_stream: bool,
        is_lockstep: bool = False,
        is_pushed: bool = False,
    ) -> HTTPSession:
        """Return a session for one request; nothing has run yet."""
        driver = self._driver_for_call()
        scope = build_http_scope(request, options.scope, state=self.state)
        site = calling_site(inspect.currentframe())
        record = Record(scope, clock, request, site, self._number)
        self._keep(record)
        exchange = HTTPExchange(
            record,
            options.policy,
            body=body,
            is_pushed=is_pushed,
            raise_server_exceptions=options.raise_server_exceptions,
            is_bounded=is_stream,
            is_lockstep=is_lockstep,
            read_file=read_file,
            note=self._note,
        )
        return HTTPSession(
            self._app_call(scope, exchange),
            exchange,
            driver,
            body=pieces,
            limits=limits,
            background=options.background,
        )

    def open_websocket(
        self, request: HTTPRequest, options: AppOptions, *, limits: Limits
    ) -> WebSocketLine:
        """Return a WebSocket for one handshake; nothing has run yet."""
        driver = self._driver_for_call()
        scope = build_websocket_scope(request, options.scope, state=self.state)
        site = calling_site(inspect.currentframe())
        record = Record(scope, clock, request, site, self._number)
        self._keep(record)
        exchange = WebSocketExchange(
            record,
            options.policy,
            raise_server_exceptions=options.raise_server_exceptions,
            note=self._note,
        )
        return WebSocketLine(self._app_call(scope, exchange), exchange, driver, limits=limits)

    def raise_late_failure(self) -> None:
        """Raise what could not be raised where it came up, the oldest first."""
        __tracebackhide__ = True
        self._gather_late_sends()
        if self.late_failures:
            raise self.late_failures.popleft()

    def _gather_late_sends(self) -> None:
        """Take note of rules that tasks of the app broke after their call had ended."""
        while self._late_sends:
            exchange = self._late_sends.popleft()
            if exchange.violation is not None and not exchange.failure_is_raised:
                exchange.failure_is_raised = True
                self.late_failures.append(exchange.violation)
            try:
                warn_of_rules(exchange)
            except Warning as warning:  # the filter makes errors of them
                self.late_failures.append(warning)

    def _driver_for_call(self) -> Driver:
        """Return what a call runs on; what went wrong in the lifespan since is raised here."""
        if self.late_failures or self._late_sends:
            self.raise_late_failure()
        life = self._life
        if life is None:
            return self._drivers.for_call(None)
        driver = self._drivers.for_call(life.driver)
        life.lifespan.check()
        return driver

    def keep_open(self, session: HTTPSession) -> None:
        """Remember a streaming session, to leave it when the client is left."""
        if self._open is None:
            self._open = WeakSet()
        self._open.add(session)

    def keep_open_line(self, line: WebSocketLine) -> None:
        """Hold a WebSocket until it is left, at the latest when the client is."""
        self._open_lines.add(line)
        line.when_left = partial(self._open_lines.discard, line)

    def note_closed(self, session: HTTPSession, background: Background) -> bool:
        """Take note that a streaming session was closed; return whether nothing keeps it open."""
        is_detached = background == "detach"
        is_left = is_detached or session.exchange.app_is_over  # else leaving was cut short
        if is_left and self._open is not None:
            self._open.discard(session)
        if is_detached:
            self.keep_detached(session)
        return is_left

    def keep_detached(self, session: HTTPSession) -> None:
        """Remember a session whose app goes on after its response."""
        exchange = session.exchange
        has_news = exchange.app_exception or exchange.violation or exchange.warned
        if has_news or not exchange.app_is_over:
            self._detached.append(session)

    async def run(self, function: Callable[..., Awaitable[T]], *args: object) -> T:
        """Call an async function in the app's loop and return its result."""
        __tracebackhide__ = True
        if (elsewhere := self.app.elsewhere) is not None:
            return await self._run_in_driver(elsewhere.run, function, *args)
        return await self._run_in_driver(function, *args)

    async def _run_in_driver(self, function: Callable[..., Awaitable[T]], *args: object) -> T:
        __tracebackhide__ = True
        life = self._life
        driver = self._drivers.for_call(None if life is None else life.driver)
        errands = self._errands_here() if self._needs_errands else None
        return await driver.run(partial(function, *args), errands=errands)

    async def pause(self, seconds: float) -> None:
        """Wait so many seconds, in which the app goes on."""

        async def wait() -> None:
            await current_runtime().wakeup().wait(seconds)

        await self._run_in_driver(wait)

    async def close_elsewhere(self) -> None:
        """End what runs the app elsewhere than in the clients' loop, if it is not ended yet."""
        if self.app.elsewhere is not None:
            await self._run_in_driver(self.app.elsewhere.close)

    def _keep(self, record: Record) -> None:
        self.records.append(record)
        RECENT.add(record)

    def _app_call(self, scope: Scope, exchange: BaseExchange) -> AppCall:
        app, errands = self.app.call, None
        if self._needs_errands:
            errands = self._errands_here()
            app = with_errands(app, errands)
        return AppCall(
            app,
            scope,
            exchange,
            errands=errands,
            late_sends=self._late_sends,
            tells_late=log_late_exception,
            elsewhere=None if self.app.elsewhere is None else self.app.elsewhere.tell,
        )

    def _errands_here(self) -> ThreadSensitiveErrands:
        """Return what the calling thread does for the app while it waits, for whichever call."""
        return self._errands.setdefault(threading.get_ident(), ThreadSensitiveErrands())


def _no_lifespan_note(refusal: BaseException | None) -> str | None:
    """Return what to say of an app that has no lifespan, where its requests fail."""
    if refusal is None:
        return None
    return (
        "The app's lifespan did not run: instead of answering 'lifespan.startup' the app"
        f" raised {hide_secrets(Raised.of(refusal).text)}, which means that it has none."
    )


class SharedApp:
    """A running app as an ASGI app of its own: requests see the lifespan's state.

    `LifespanManager.app`; our transports recognise it and use its host.
    """

    def __init__(self, host: AppHost) -> None:
        self.host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app with a copy of the lifespan's state in the scope."""
        state = {**self.host.state, **scope.get("state", {})}
        await self.host.app.call({**scope, "state": state}, receive, send)
