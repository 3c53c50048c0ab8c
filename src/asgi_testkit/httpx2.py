"""The adapter for httpx2: `TestClient`, `AsyncTestClient` and the two transports.

The only module that imports httpx2. Requests are translated to the protocol's values and
responses back; everything else of a client is httpx2's own.
"""

from __future__ import annotations

import weakref
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, Unpack

import httpx2

from asgi_testkit.client.build import CallOptions, async_host, blocking_host, make_options
from asgi_testkit.client.host import AppHost, SharedApp
from asgi_testkit.client.mixins import AsyncClientMixin, BlockingClientMixin
from asgi_testkit.client.options import DEFAULT_TIMEOUT, AppOptions
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.errors import ClientStateError, StallError, UsageTypeError, UsageValueError
from asgi_testkit.protocol.http import ResponseCutError, ResponseStart
from asgi_testkit.protocol.scope import HTTPRequest
from asgi_testkit.session.body import AsyncPieces, BodyPieces, SyncPieces
from asgi_testkit.session.http import HTTPSession, Limits
from asgi_testkit.types import ASGIApp

__all__ = ("ASGITransport", "AsyncTestClient", "SyncASGITransport", "TestClient")

_WHOLE: Final = "asgi_testkit.whole"
"""The request extension by which our clients tell their transport that nobody streams."""

Backend: TypeAlias = Literal["asyncio", "trio", "asgiref"]
Response: TypeAlias = httpx2.Response
Options: TypeAlias = Any  # what httpx2 takes for auth, cookies, params: it names no public types


class _StallReadTimeout(StallError, httpx2.ReadTimeout):
    """A stall that httpx2's users catch as `ReadTimeout`."""


class _StallWriteTimeout(StallError, httpx2.WriteTimeout):
    """A stall that httpx2's users catch as `WriteTimeout`."""


_STALLS: Final = {"read": _StallReadTimeout, "write": _StallWriteTimeout}


class _OwnedTarget(bytes):
    """A raw target that knows its request: the next one of a redirect chain has its own."""

    owner: weakref.ref[httpx2.Request]


class _Translator:
    """Turns httpx2's requests into sessions, and what they bring into httpx2's responses."""

    def __init__(self, host: AppHost, options: AppOptions) -> None:
        self.host = host
        self.options = options

    def open(self, request: httpx2.Request, pieces: BodyPieces | None) -> HTTPSession:
        """Return the session for a request; `pieces` where its body is no bytes."""
        is_stream = not request.extensions.get(_WHOLE, False)
        request.extensions.pop(_WHOLE, None)
        timeouts = request.extensions.get("timeout", {})
        limits = Limits(
            timeouts.get("read"), timeouts.get("write"), self.options.timeout, self.options.grace
        )
        return self.host.open_call(
            _http_request(request),
            self.options,
            body=request.read() if pieces is None else pieces,
            limits=limits,
            is_stream=is_stream,
        )

    def response(
        self,
        session: HTTPSession,
        start: ResponseStart,
        stream: httpx2.SyncByteStream | httpx2.AsyncByteStream,
    ) -> httpx2.Response:
        """Return httpx2's response."""
        exchange = session.exchange
        version = self.options.scope.http_version
        extensions: dict[str, Any] = {"http_version": f"HTTP/{version}".encode()}
        if exchange.trailers is not None:
            extensions["http.response.trailers"] = exchange.trailers
        response = httpx2.Response(
            start.status, headers=start.headers, stream=stream, extensions=extensions
        )
        if exchange.debug is not None:
            _show_debug(response, exchange.debug)
        return response

    def whole_response(
        self, session: HTTPSession, start: ResponseStart, body: bytes
    ) -> httpx2.Response:
        """Return the response of a call that nobody streams."""
        if self.options.background == "detach":
            self.host.keep_detached(session)
        return self.response(session, start, httpx2.ByteStream(body))

    def closed(self, session: HTTPSession) -> None:
        """Note that a streamed response was closed."""
        self.host.forget_open(session)
        if self.options.background == "detach":
            self.host.keep_detached(session)


def _http_request(request: httpx2.Request) -> HTTPRequest:
    url = request.url
    if url.scheme not in ("http", "https"):
        raise UsageValueError(
            f"The request's URL is {str(url)!r}; its scheme must be http or https."
        )
    return HTTPRequest(
        method=request.method,
        scheme=url.scheme,
        host=url.host,
        port=url.port,
        target=_target(request),
        headers=request.headers.raw,
        scope=request.extensions.get("scope"),
    )


def _target(request: httpx2.Request) -> bytes:
    """Return the raw target: the extension's, for the request it was given to, or the URL's."""
    target: object = request.extensions.get("target")
    if target is None:
        return request.url.raw_path
    if isinstance(target, _OwnedTarget):
        return bytes(target) if target.owner() is request else request.url.raw_path
    if not isinstance(target, bytes):
        raise UsageTypeError(f"extensions['target'] is {target!r}; bytes are wanted.")
    owned = _OwnedTarget(target)
    owned.owner = weakref.ref(request)
    request.extensions["target"] = owned
    return target


def _show_debug(response: httpx2.Response, info: Any) -> None:  # whatever the app has sent
    """Put debug information where Starlette's users look for it."""
    response.extensions["http.response.debug"] = info
    if isinstance(info, Mapping):
        for name in ("template", "context"):
            if name in info:
                setattr(response, name, info[name])


@contextmanager
def _translated(request: httpx2.Request) -> Iterator[None]:
    """Turn our inner errors into httpx2's."""
    try:
        yield
    except ResponseCutError as cut:
        raise httpx2.RemoteProtocolError(str(cut), request=request) from None
    except StallError as stall:
        kind = _STALLS.get(stall.kind)
        if kind is None:
            raise
        error = kind(str(stall), report=stall.report, kind=stall.kind)
        error.request = request
        raise error from None


class _SyncBody(httpx2.SyncByteStream):
    """A streamed response body for blocking readers."""

    def __init__(
        self, session: HTTPSession, translator: _Translator, request: httpx2.Request
    ) -> None:
        self._session = session
        self._translator = translator
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self._request):
            while (piece := finish(self._session.next_piece())) is not None:
                yield piece

    def close(self) -> None:
        with _translated(self._request):
            finish(self._session.close())
        self._translator.closed(self._session)


class _AsyncBody(httpx2.AsyncByteStream):
    """A streamed response body for async readers."""

    def __init__(
        self, session: HTTPSession, translator: _Translator, request: httpx2.Request
    ) -> None:
        self._session = session
        self._translator = translator
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._request):
            while (piece := await self._session.next_piece()) is not None:
                yield piece

    async def aclose(self) -> None:
        with _translated(self._request):
            await self._session.close()
        self._translator.closed(self._session)


class SyncASGITransport(httpx2.BaseTransport):
    """A transport that lets any `httpx2.Client` call an ASGI app in process.

    Responses stream; lifespan is run by `LifespanManager`, whose `app` shares its event loop and
    state with this transport.

    Args:
        app: the ASGI app, of either generation.
        raise_app_exceptions: `False`: show what the wire would show, not the app's exception.
        root_path: the scope's `root_path`.
        client: the scope's `client`.
        driver: `"thread"` or `"inline"`, as `TestClient`'s.
        backend: as `TestClient`'s.
        backend_options: as `TestClient`'s.
        timeout: seconds that background work of the app may take; httpx2's own timeouts rule
            the rest.
        state: as `TestClient`'s.
        **options: as `TestClient`'s: `strict`, `ignore_rules`, `background`, `grace`, `server`,
            `http_version`, `scope_extensions`.
    """

    def __init__(
        self,
        app: ASGIApp,
        raise_app_exceptions: bool = True,  # noqa: FBT001, FBT002 - httpx2's signature
        root_path: str = "",
        client: tuple[str, int] | None = ("127.0.0.1", 123),
        *,
        driver: DriverKind = "thread",
        backend: Backend = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        timeout: float | None = DEFAULT_TIMEOUT,
        state: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        host = blocking_host(
            app, driver=driver, backend=backend, backend_options=backend_options, state=state
        )
        self._translator = _Translator(
            host,
            make_options(
                host,
                options,
                raise_server_exceptions=raise_app_exceptions,
                root_path=root_path,
                client=client,
                timeout=timeout,
            ),
        )

    @property
    def host(self) -> AppHost:
        """Where the app lives."""
        return self._translator.host

    @property
    def options(self) -> AppOptions:
        """How the transport talks to the app."""
        return self._translator.options

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Call the app, and return its response as soon as it has started."""
        body = request.stream
        assert isinstance(body, httpx2.SyncByteStream)
        is_bytes = isinstance(body, httpx2.ByteStream)
        is_whole = request.extensions.get(_WHOLE, False)
        with _translated(request):
            session = self._translator.open(request, None if is_bytes else SyncPieces(body))
            if is_whole:
                return self._translator.whole_response(session, *finish(session.fetch()))
            start = finish(session.start())
        self._translator.host.keep_open(session)
        stream = _SyncBody(session, self._translator, request)
        return self._translator.response(session, start, stream)


class ASGITransport(httpx2.AsyncBaseTransport):
    """A transport that lets any `httpx2.AsyncClient` call an ASGI app in process.

    The app runs in the caller's event loop (asyncio, uvloop or trio), in a task of its own.
    Responses stream; lifespan is run by `LifespanManager`.

    Args:
        app: the ASGI app, of either generation.
        raise_app_exceptions: `False`: show what the wire would show, not the app's exception.
        root_path: the scope's `root_path`.
        client: the scope's `client`.
        timeout: as `SyncASGITransport`'s.
        state: as `TestClient`'s.
        **options: as `SyncASGITransport`'s.
    """

    def __init__(
        self,
        app: ASGIApp,
        raise_app_exceptions: bool = True,  # noqa: FBT001, FBT002 - httpx2's signature
        root_path: str = "",
        client: tuple[str, int] | None = ("127.0.0.1", 123),
        *,
        timeout: float | None = DEFAULT_TIMEOUT,
        state: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        host = async_host(app, state=state)
        self._translator = _Translator(
            host,
            make_options(
                host,
                options,
                raise_server_exceptions=raise_app_exceptions,
                root_path=root_path,
                client=client,
                timeout=timeout,
            ),
        )

    @property
    def host(self) -> AppHost:
        """Where the app lives."""
        return self._translator.host

    @property
    def options(self) -> AppOptions:
        """How the transport talks to the app."""
        return self._translator.options

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Call the app, and return its response as soon as it has started."""
        body = request.stream
        assert isinstance(body, httpx2.AsyncByteStream)
        is_bytes = isinstance(body, httpx2.ByteStream)
        is_whole = request.extensions.get(_WHOLE, False)
        with _translated(request):
            session = self._translator.open(request, None if is_bytes else AsyncPieces(body))
            if is_whole:
                return self._translator.whole_response(session, *await session.fetch())
            start = await session.start()
        self._translator.host.keep_open(session)
        stream = _AsyncBody(session, self._translator, request)
        return self._translator.response(session, start, stream)


class _TestClientMixin:
    """What both clients do alike around httpx2's own methods."""

    _app_host: AppHost
    _app_options: AppOptions
    _made_with: dict[str, Any]
    _has_entered = False
    is_closed: bool

    def _set_up(self, transport: SyncASGITransport | ASGITransport, made_with: Options) -> None:
        self._app_host, self._app_options = transport.host, transport.options
        left_out = ("self", "app", "cookies", "options", "__class__")
        given = {name: value for name, value in made_with.items() if name not in left_out}
        self._made_with = {**given, **made_with["options"]}
        self._is_guest = isinstance(made_with["app"], SharedApp)

    def _options_for_new_client(self, options: Mapping[str, Any]) -> dict[str, Any]:
        for name in ("backend", "backend_options", "driver", "state"):
            if name in options:
                raise UsageValueError(
                    f"new_client() shares the running app, so {name!r} is settled already.\n"
                    "For other values make a client of its own."
                )
        return {**self._made_with, **options}

    def _prepare_send(self, request: httpx2.Request, *, stream: bool) -> None:
        if self.is_closed:
            raise ClientStateError(
                "The client is closed: close() was called, and a closed client stays closed.\n"
                "Make a new one; leaving a 'with' block does not close a client."
            )
        if not stream:
            request.extensions[_WHOLE] = True

    async def _enter(self) -> None:
        if self.is_closed:
            raise ClientStateError(
                "The client is closed and cannot be entered. Make a new one."
            )
        if self._app_host.is_entered and not self._has_entered and self._is_guest:
            return
        await self._app_host.enter(self._app_options)
        self._has_entered = True

    async def _leave(self) -> None:
        if self._has_entered:
            self._has_entered = False
            await self._app_host.leave(self._app_options)


class TestClient(BlockingClientMixin, _TestClientMixin, httpx2.Client):
    """An `httpx2.Client` that calls an ASGI app in process, from blocking tests.

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
        cookies: as httpx2's.
        headers: as httpx2's; the user agent is `testclient` unless given.
        follow_redirects: as httpx2's, but true by default.
        client: the scope's `client`; `None`: unknown.
        driver: `"thread"`: the app runs in a background thread; `"inline"`: in this thread, only
            while the client waits.
        timeout: as httpx2's: seconds of silence; also for lifespan and background work.
        state: keys of the lifespan state that are there before startup.
        auth: as httpx2's, and so are `params`, `event_hooks`, `default_encoding` and
            `max_redirects`.
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
        base_url: str | httpx2.URL = "http://testserver",
        raise_server_exceptions: bool = True,  # noqa: FBT001, FBT002 - Starlette's signature
        root_path: str = "",
        backend: Backend = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        cookies: Options = None,
        headers: Options = None,
        follow_redirects: bool = True,  # noqa: FBT001, FBT002 - Starlette's signature
        client: tuple[str, int] | None = ("testclient", 50000),
        *,
        driver: DriverKind = "thread",
        timeout: Options = DEFAULT_TIMEOUT,
        state: Mapping[str, Any] | None = None,
        auth: Options = None,
        params: Options = None,
        event_hooks: Mapping[str, list[Callable[..., Any]]] | None = None,
        default_encoding: str | Callable[[bytes], str | None] = "utf-8",
        max_redirects: int = 20,
        **options: Unpack[CallOptions],
    ) -> None:
        made_with = {**locals()}
        limit = httpx2.Timeout(timeout)
        host = blocking_host(
            app, driver=driver, backend=backend, backend_options=backend_options, state=state
        )
        transport = SyncASGITransport(
            SharedApp(host),
            raise_server_exceptions,
            root_path,
            client,
            timeout=limit.read,
            **options,
        )
        self._set_up(transport, made_with)
        super().__init__(
            base_url=_absolute(base_url),
            headers=_with_user_agent(headers),
            cookies=cookies,
            follow_redirects=follow_redirects,
            timeout=limit,
            transport=transport,
            auth=auth,
            params=params,
            event_hooks=event_hooks,
            default_encoding=default_encoding,
            max_redirects=max_redirects,
        )

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> Response:
        """Send a request; see `httpx2.Client.send`.

        Raises:
            ClientStateError: the client is closed.
        """
        self._prepare_send(request, stream=stream)
        return super().send(request, stream=stream, **options)

    def new_client(self, **options: Any) -> Self:  # whatever the constructor takes
        """Return another user of the same running app: same event loop, lifespan and state.

        Its options are this client's but for the given ones; it begins without cookies.
        """
        return type(self)(SharedApp(self._app_host), **self._options_for_new_client(options))

    def close(self) -> None:
        """End the lifespan, if the client is entered, and close the client for good."""
        finish(self._leave())
        super().close()

    def __enter__(self) -> Self:
        """Start the app up.

        Raises:
            LifespanFailed: startup failed and the app raised nothing; the block is not entered.
            BaseException: the app's own exception.
        """
        finish(self._enter())
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Shut the app down; the client may be used and entered again."""
        finish(self._leave())


class AsyncTestClient(AsyncClientMixin, _TestClientMixin, httpx2.AsyncClient):
    """An `httpx2.AsyncClient` that calls an ASGI app in process, from async tests.

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
        base_url: str | httpx2.URL = "http://testserver",
        raise_server_exceptions: bool = True,  # noqa: FBT001, FBT002 - as its twin
        root_path: str = "",
        cookies: Options = None,
        headers: Options = None,
        follow_redirects: bool = True,  # noqa: FBT001, FBT002 - as its twin
        client: tuple[str, int] | None = ("testclient", 50000),
        *,
        timeout: Options = DEFAULT_TIMEOUT,
        state: Mapping[str, Any] | None = None,
        auth: Options = None,
        params: Options = None,
        event_hooks: Mapping[str, list[Callable[..., Any]]] | None = None,
        default_encoding: str | Callable[[bytes], str | None] = "utf-8",
        max_redirects: int = 20,
        **options: Unpack[CallOptions],
    ) -> None:
        made_with = {**locals()}
        limit = httpx2.Timeout(timeout)
        transport = ASGITransport(
            SharedApp(async_host(app, state=state)),
            raise_server_exceptions,
            root_path,
            client,
            timeout=limit.read,
            **options,
        )
        self._set_up(transport, made_with)
        super().__init__(
            base_url=_absolute(base_url),
            headers=_with_user_agent(headers),
            cookies=cookies,
            follow_redirects=follow_redirects,
            timeout=limit,
            transport=transport,
            auth=auth,
            params=params,
            event_hooks=event_hooks,
            default_encoding=default_encoding,
            max_redirects=max_redirects,
        )

    async def send(
        self, request: httpx2.Request, *, stream: bool = False, **options: Any
    ) -> Response:
        """Send a request; see `httpx2.Client.send`.

        Raises:
            ClientStateError: the client is closed.
        """
        self._prepare_send(request, stream=stream)
        return await super().send(request, stream=stream, **options)

    def new_client(self, **options: Any) -> Self:  # whatever the constructor takes
        """Return another user of the same running app: same event loop, lifespan and state.

        Its options are this client's but for the given ones; it begins without cookies.
        """
        return type(self)(SharedApp(self._app_host), **self._options_for_new_client(options))

    async def aclose(self) -> None:
        """End the lifespan, if the client is entered, and close the client for good."""
        await self._leave()
        await super().aclose()

    async def __aenter__(self) -> Self:
        """Start the app up.

        Raises:
            LifespanFailed: startup failed and the app raised nothing; the block is not entered.
            BaseException: the app's own exception.
        """
        await self._enter()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Shut the app down; the client may be used and entered again."""
        await self._leave()


def _absolute(base_url: str | httpx2.URL) -> httpx2.URL:
    url = httpx2.URL(base_url)
    if url.scheme in ("http", "https") and url.host:
        return url
    raise UsageValueError(
        f"base_url is {str(base_url)!r}; an absolute http or https URL is wanted,"
        " such as 'http://testserver'."
    )


def _with_user_agent(headers: Options) -> httpx2.Headers:
    merged = httpx2.Headers({"user-agent": "testclient"})
    merged.update(headers)
    return merged
