# Generated from src/asgi_testkit/httpx2/clients.py by scripts/write_httpx.py.
"""The clients: `TestClient` and `AsyncTestClient`, httpx's with an app instead of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, Unpack, cast

import httpx

from asgi_testkit.client.build import (
    CallOptions,
    async_host,
    blocking_host,
    check_names,
    for_new_client,
)
from asgi_testkit.client.drivers import Backend
from asgi_testkit.client.host import SharedApp
from asgi_testkit.client.mixins import AsyncClientMixin, BlockingClientMixin, check_open
from asgi_testkit.client.options import default_timeout
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.drive.silence import clock
from asgi_testkit.httpx.conversations import AsyncConversations, BlockingConversations
from asgi_testkit.httpx.cookies import versioned_cookies
from asgi_testkit.httpx.first_headers import first_headers, with_defaults
from asgi_testkit.httpx.plan import Plan, as_request
from asgi_testkit.httpx.shortcuts import Plans, ShortWay, needs_httpx
from asgi_testkit.httpx.spent import AsyncSpentStream, SyncSpentStream, note_elapsed
from asgi_testkit.httpx.stock import StockMethods, methods_of
from asgi_testkit.httpx.transports import ASGITransport, SyncASGITransport
from asgi_testkit.httpx.urls import AbsoluteURLs, absolute_base
from asgi_testkit.httpx.values import (
    FAILURES,
    REPLAY,
    WHOLE,
    Translator,
    is_small_form,
    raise_with_request,
    silence_of,
    unmark,
    unmarked,
)
from asgi_testkit.relay.choice import behind
from asgi_testkit.session.timeouts import DEFAULT
from asgi_testkit.types import ASGIApp

__all__ = ("AsyncTestClient", "TestClient")

Response: TypeAlias = httpx.Response
Options: TypeAlias = Any  # what httpx takes for auth, cookies, params: it names no public types


_NO_PARAMS: Final = httpx.QueryParams()


class _TestClientMixin(ShortWay):
    """What both clients do alike around httpx's own methods."""

    _app_translator: Translator
    _made_with: dict[str, Any]
    _is_guest: bool
    _client_headers: httpx.Headers
    _first_headers: httpx.Headers | None

    def _set_up(
        self, transport: SyncASGITransport | ASGITransport, made_with: Options
    ) -> dict[str, Any]:
        """Take what the constructor was called with; return what httpx's is to be called with."""
        translator = transport.translator
        self._app_translator = translator
        self._app_host, self._app_options = translator.host, translator.options
        self.use_shortcuts = self.use_shortcuts and self._app_host.app.elsewhere is None
        stock = _STOCK if isinstance(transport, SyncASGITransport) else _ASYNC_STOCK
        self._plans = Plans(translator, made_with["default_encoding"], stock)
        self._urls = AbsoluteURLs()
        self._is_guest = isinstance(made_with["app"], SharedApp)
        self._first_headers = first_headers(made_with["headers"])
        params = made_with["params"]
        for_httpx = {
            "auth": made_with["auth"],
            "base_url": absolute_base(made_with["base_url"]),
            "cookies": versioned_cookies(made_with["cookies"]),
            "default_encoding": made_with["default_encoding"],
            "event_hooks": made_with["event_hooks"],
            "follow_redirects": made_with["follow_redirects"],
            "max_redirects": made_with["max_redirects"],
            "params": _NO_PARAMS if params is None else params,
            "timeout": made_with["timeout"],
            "transport": transport,
        }
        self._made_with = for_new_client(made_with)
        return for_httpx

    @property
    def headers(self) -> httpx.Headers:
        """The headers of all requests; see `httpx.Client.headers`."""
        return self._client_headers

    @headers.setter
    def headers(self, headers: Options) -> None:
        # httpx's constructor sets them once, which would merge the same two again for each client.
        first, self._first_headers = self._first_headers, None
        self._client_headers = with_defaults(headers) if first is None else first

    def _prepare_send(self, request: httpx.Request) -> None:
        check_open(is_closed=cast("httpx.Client", self).is_closed)
        if is_small_form(request):
            request.read()


class TestClient(BlockingClientMixin, _TestClientMixin, BlockingConversations):
    """An `httpx.Client` that calls an ASGI app in process, from blocking tests.

    Inside `with` the app's lifespan runs and its event loop lives; without, requests work all the
    same, on a loop that all such clients share. Leaving `with` ends the lifespan, not the client:
    it may be used and entered again; only `close()` closes it.

    Args:
        app: the ASGI app, of either generation.
        base_url: what relative URLs are joined to; also the scope's `scheme` and `server`.
        raise_server_exceptions: `False`: show the 500 or the cut response that the wire would.
        root_path: the scope's `root_path`; it is not put in front of `path`.
        backend: `"asyncio"` or `"trio"`; `"asgiref"`, chosen by itself for Django, is asyncio
            with thread-sensitive code run by the thread that waits.
        backend_options: for asyncio `use_uvloop`, `debug`, `loop_factory`; for trio what
            `trio.run` takes.
        cookies: as httpx's.
        headers: as httpx's; the user agent is `testclient` unless given.
        follow_redirects: as httpx's, but true by default.
        client: the scope's `client`; `None`: unknown.
        driver: `"thread"`: the app runs in a background thread; `"inline"`: in this thread, only
            while the client waits; left out: `"thread"`, or what pytest or
            `ASGI_TESTKIT_DRIVER` gives.
        timeout: as httpx's: seconds of silence; also for lifespan and background work; left
            out: 30, or what pytest or `ASGI_TESTKIT_TIMEOUT` gives. A response read as a whole
            may take ten times as long.
        state: keys of the lifespan state that are there before startup.
        over: `"uvicorn"`, `"hypercorn"`, `"granian"`, `"daphne"`: a real server to run the app on.
        auth: as httpx's, as are `params`, `event_hooks`, `default_encoding`, `max_redirects`.
        **options: `strict` and `ignore_rules`: which broken rules raise; `background`: `"wait"`
            or `"detach"`; `grace`: seconds to end in after leaving early; `server`: the scope's
            `server`; `http_version`; `scope_extensions`: offered beside the default ones.

    Raises:
        UsageError: the app is no app, or an argument is wrong; the text says what is wanted.
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str | httpx.URL = "http://testserver",
        raise_server_exceptions: bool = True,  # noqa: FBT001, FBT002 - Starlette's signature
        root_path: str = "",
        backend: Backend = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        cookies: Options = None,
        headers: Options = None,
        follow_redirects: bool = True,  # noqa: FBT001, FBT002 - Starlette's signature
        client: tuple[str, int] | None = ("testclient", 50000),
        *,
        driver: DriverKind | None = None,
        timeout: Options = DEFAULT,
        state: Mapping[str, Any] | None = None,
        over: str | None = None,
        auth: Options = None,
        params: Options = None,
        event_hooks: Mapping[str, list[Callable[..., Any]]] | None = None,
        default_encoding: str | Callable[[bytes], str | None] = "utf-8",
        max_redirects: int = 20,
        **options: Unpack[CallOptions],
    ) -> None:
        timeout = default_timeout() if timeout is DEFAULT else timeout
        made_with = {**locals()}
        if options:
            check_names(options, _explicit(made_with))
        target = behind(over, app, made_with)
        host = blocking_host(
            target, driver=driver, backend=backend, backend_options=backend_options, state=state
        )
        transport = SyncASGITransport(
            SharedApp(host),
            raise_server_exceptions,
            root_path,
            client,
            timeout=silence_of(timeout),
            **options,
        )
        super().__init__(**self._set_up(transport, made_with))

    def get(self, url: httpx.URL | str, **options: Any) -> Response:
        """Send a GET request; see `httpx.Client.get`."""
        __tracebackhide__ = True
        plan = self._find_plan(url, options)
        if plan is not None:
            return self._send_at_once(plan)
        request = None if options else self._learn_plan(url)
        return super().get(url, **options) if request is None else self.send(request)

    def request(self, method: str, url: httpx.URL | str, **options: Any) -> Response:
        """Send a request; see `httpx.Client.request`."""
        __tracebackhide__ = True
        plan = self._find_plan_with_content(method, url, options)
        if plan is None:
            return super().request(method, url, **options)
        return self._send_at_once(plan)

    def _send_at_once(self, asked: Plan | httpx.Request) -> Response:
        """Hand a plain request to the app; httpx's own code goes on where it has work to do."""
        __tracebackhide__ = True
        began = clock()
        try:
            session = self._open_plain(asked)
            start, body = finish(session.fetch())
        except FAILURES as error:
            raise_with_request(error, as_request(asked))
        if needs_httpx(session.exchange, start):
            request = as_request(asked)
            request.extensions[REPLAY] = (session, start, body)
            response = self._send_by_httpx(request)
            note_elapsed(response, clock() - began)
            return response
        return self._planned_response(asked, session, start, body, began)

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        """Build a request; see `httpx.Client.build_request`."""
        return super().build_request(method, self._plain_url(url), **options)

    def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> Response:
        """Send a request; see `httpx.Client.send`.

        Raises:
            ClientStateError: the client is closed.
        """
        __tracebackhide__ = True
        self._prepare_send(request)
        if self._may_send_at_once(request, options, stream=stream):
            return self._send_at_once(request)
        return self._send_by_httpx(request, stream=stream, **options)

    def _send_by_httpx(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> Response:
        """Send a request the long way."""
        __tracebackhide__ = True
        if not stream:
            request.extensions[WHOLE] = True
        try:
            return unmarked(super().send(request, stream=stream, **options))
        except httpx.RequestError as error:
            unmark(error.request)
            raise
        finally:
            unmark(request)

    def new_client(self, **options: Any) -> Self:  # whatever the constructor takes
        """Return another user of the same running app: same event loop, lifespan and state.

        Its options are this client's but for the given ones; it begins without cookies.
        """
        return type(self)(SharedApp(self._app_host), **self._options_for_new_client(options))

    def close(self) -> None:
        """End the lifespan, if the client is entered, and close the client for good."""
        __tracebackhide__ = True
        finish(self._close())
        super().close()

    def __enter__(self) -> Self:
        """Start the app up.

        Raises:
            LifespanFailed: startup failed and the app raised nothing; the block is not entered.
            BaseException: the app's own exception.
        """
        __tracebackhide__ = True
        finish(self._enter(is_closed=self.is_closed))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Shut the app down; the client may be used and entered again."""
        __tracebackhide__ = True
        finish(self._leave(exc_value))


class AsyncTestClient(AsyncClientMixin, _TestClientMixin, AsyncConversations):
    """An `httpx.AsyncClient` that calls an ASGI app in process, from async tests.

    The app runs in the test's own event loop (asyncio, uvloop or trio, found by itself), in a
    task of its own. Inside `async with` the app's lifespan runs; without, requests work all the
    same. Leaving `async with` ends the lifespan, not the client: it may be used and entered
    again; only `aclose()` closes it.

    Args: as `TestClient`'s, without `backend`, `backend_options` and `driver`.

    Raises:
        UsageError: the app is no app, or an argument is wrong; the text says what is wanted.
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str | httpx.URL = "http://testserver",
        raise_server_exceptions: bool = True,  # noqa: FBT001, FBT002 - as its twin
        root_path: str = "",
        cookies: Options = None,
        headers: Options = None,
        follow_redirects: bool = True,  # noqa: FBT001, FBT002 - as its twin
        client: tuple[str, int] | None = ("testclient", 50000),
        *,
        timeout: Options = DEFAULT,
        state: Mapping[str, Any] | None = None,
        over: str | None = None,
        auth: Options = None,
        params: Options = None,
        event_hooks: Mapping[str, list[Callable[..., Any]]] | None = None,
        default_encoding: str | Callable[[bytes], str | None] = "utf-8",
        max_redirects: int = 20,
        **options: Unpack[CallOptions],
    ) -> None:
        timeout = default_timeout() if timeout is DEFAULT else timeout
        made_with = {**locals()}
        if options:
            check_names(options, _explicit(made_with))
        target = behind(over, app, made_with)
        transport = ASGITransport(
            SharedApp(async_host(target, state=state)),
            raise_server_exceptions,
            root_path,
            client,
            timeout=silence_of(timeout),
            **options,
        )
        super().__init__(**self._set_up(transport, made_with))

    async def get(self, url: httpx.URL | str, **options: Any) -> Response:
        """Send a GET request; see `httpx.AsyncClient.get`."""
        __tracebackhide__ = True
        plan = self._find_plan(url, options)
        if plan is not None:
            return await self._send_at_once(plan)
        request = None if options else self._learn_plan(url)
        return await (super().get(url, **options) if request is None else self.send(request))

    async def request(self, method: str, url: httpx.URL | str, **options: Any) -> Response:
        """Send a request; see `httpx.AsyncClient.request`."""
        __tracebackhide__ = True
        plan = self._find_plan_with_content(method, url, options)
        if plan is None:
            return await super().request(method, url, **options)
        return await self._send_at_once(plan)

    async def _send_at_once(self, asked: Plan | httpx.Request) -> Response:
        """Hand a plain request to the app; httpx's own code goes on where it has work to do."""
        __tracebackhide__ = True
        began = clock()
        try:
            session = self._open_plain(asked)
            start, body = await session.fetch()
        except FAILURES as error:
            raise_with_request(error, as_request(asked))
        if needs_httpx(session.exchange, start):
            request = as_request(asked)
            request.extensions[REPLAY] = (session, start, body)
            response = await self._send_by_httpx(request)
            note_elapsed(response, clock() - began)
            return response
        return self._planned_response(asked, session, start, body, began)

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        """Build a request; see `httpx.AsyncClient.build_request`."""
        return super().build_request(method, self._plain_url(url), **options)

    async def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> Response:
        """Send a request; see `httpx.Client.send`.

        Raises:
            ClientStateError: the client is closed.
        """
        __tracebackhide__ = True
        self._prepare_send(request)
        if self._may_send_at_once(request, options, stream=stream):
            return await self._send_at_once(request)
        return await self._send_by_httpx(request, stream=stream, **options)

    async def _send_by_httpx(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> Response:
        """Send a request the long way."""
        __tracebackhide__ = True
        if not stream:
            request.extensions[WHOLE] = True
        try:
            return unmarked(await super().send(request, stream=stream, **options))
        except httpx.RequestError as error:
            unmark(error.request)
            raise
        finally:
            unmark(request)

    def new_client(self, **options: Any) -> Self:  # whatever the constructor takes
        """Return another user of the same running app: same event loop, lifespan and state.

        Its options are this client's but for the given ones; it begins without cookies.
        """
        return type(self)(SharedApp(self._app_host), **self._options_for_new_client(options))

    async def aclose(self) -> None:
        """End the lifespan, if the client is entered, and close the client for good."""
        __tracebackhide__ = True
        await self._close()
        await super().aclose()

    async def __aenter__(self) -> Self:
        """Start the app up.

        Raises:
            LifespanFailed: startup failed and the app raised nothing; the block is not entered.
            BaseException: the app's own exception.
        """
        __tracebackhide__ = True
        await self._enter(is_closed=self.is_closed)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Shut the app down; the client may be used and entered again."""
        __tracebackhide__ = True
        await self._leave(exc_value)


_NAMES: Final = ("build_request", "get", "request", "send")

_STOCK: Final = StockMethods(
    {name: getattr(TestClient, name) for name in _NAMES},
    [*methods_of(httpx.Client, _NAMES), *methods_of(SyncASGITransport, ["handle_request"])],
    SyncSpentStream,
)

_ASYNC_STOCK: Final = StockMethods(
    {name: getattr(AsyncTestClient, name) for name in _NAMES},
    [*methods_of(httpx.AsyncClient, _NAMES), *methods_of(ASGITransport, ["handle_async_request"])],
    AsyncSpentStream,
)


def _explicit(made_with: Mapping[str, Any]) -> list[str]:
    """Return the names of a constructor's own parameters."""
    return [name for name in made_with if name not in ("self", "options", "__class__")]
