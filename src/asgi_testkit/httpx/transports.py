# Generated from src/asgi_testkit/httpx2/transports.py by scripts/write_httpx.py.
"""The transports: ASGI apps behind any `httpx.Client` or `httpx.AsyncClient`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import httpx

from asgi_testkit.client.build import CallOptions, async_host, blocking_host, make_options
from asgi_testkit.client.drivers import Backend
from asgi_testkit.client.host import SharedApp
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.httpx.bodies import AsyncBody, SyncBody
from asgi_testkit.httpx.upgrades import asks_for_websocket, upgrade, upgrade_blocking
from asgi_testkit.httpx.values import REPLAY, WHOLE, Translator, translated
from asgi_testkit.httpx.websockets import WEBSOCKET, shake_hands
from asgi_testkit.session.body import AsyncPieces, SyncPieces
from asgi_testkit.session.timeouts import DEFAULT, Timeout
from asgi_testkit.types import ASGIApp

__all__ = ("ASGITransport", "SyncASGITransport")


class SyncASGITransport(httpx.BaseTransport):
    """A transport that lets any `httpx.Client` call an ASGI app in process.

    Responses stream; lifespan is run by `LifespanManager`, whose `app` shares its event loop and
    state with this transport. WebSocket sessions that talk to a network stream, as those of
    `httpx.Client.websocket`, find one.

    Args:
        app: the ASGI app, of either generation.
        raise_app_exceptions: `False`: show what the wire would show, not the app's exception.
        root_path: the scope's `root_path`.
        client: the scope's `client`.
        driver: `"thread"` or `"inline"`, as `TestClient`'s; left out likewise.
        backend: as `TestClient`'s.
        backend_options: as `TestClient`'s.
        timeout: seconds that background work of the app may take, by default as `TestClient`'s;
            httpx's own timeouts rule the rest.
        state: as `TestClient`'s.
        **options: as `TestClient`'s: `strict`, `ignore_rules`, `background`, `grace`, `server`,
            `http_version`, `scope_extensions`.
    """

    def __init__(
        self,
        app: ASGIApp,
        raise_app_exceptions: bool = True,  # noqa: FBT001, FBT002 - httpx's signature
        root_path: str = "",
        client: tuple[str, int] | None = ("127.0.0.1", 123),
        *,
        driver: DriverKind | None = None,
        backend: Backend = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        timeout: Timeout = DEFAULT,
        state: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        host = blocking_host(
            app, driver=driver, backend=backend, backend_options=backend_options, state=state
        )
        checked = make_options(
            host,
            options,
            raise_server_exceptions=raise_app_exceptions,
            root_path=root_path,
            client=client,
            timeout=timeout,
        )
        self._translator = Translator(host, checked)
        self._is_guest = isinstance(app, SharedApp)

    @property
    def app(self) -> Any:  # whatever the user handed in
        """The app under test, as it was handed in."""
        return self._translator.host.app.original

    @property
    def translator(self) -> Translator:
        """What turns requests into sessions, with the host and the options it was made with."""
        return self._translator

    def close(self) -> None:
        """Leave what streams and wait for detached calls, unless siblings share the app."""
        if not self._is_guest:
            finish(self._translator.host.close_calls())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the app, and return its response as soon as it has started."""
        __tracebackhide__ = True
        if (opening := request.extensions.get(WEBSOCKET)) is not None:
            return finish(shake_hands(self._translator, request, opening))
        if (replay := request.extensions.pop(REPLAY, None)) is not None:
            return self._translator.whole_response(*replay)
        if asks_for_websocket(request):
            return upgrade_blocking(self._translator, request)
        body = request.stream
        assert isinstance(body, httpx.SyncByteStream)
        is_bytes = isinstance(body, httpx.ByteStream)
        is_whole = request.extensions.get(WHOLE, False)
        with translated(request):
            pieces = None if is_bytes else SyncPieces(body)
            session = self._translator.open(request, pieces, is_stream=not is_whole)
            if is_whole:
                return self._translator.whole_response(session, *finish(session.fetch()))
            self._translator.host.keep_open(session)  # also if the start is cut short
            start = finish(session.start())
        stream = SyncBody(session, self._translator, request)
        return self._translator.response(session, start, stream)


class ASGITransport(httpx.AsyncBaseTransport):
    """A transport that lets any `httpx.AsyncClient` call an ASGI app in process.

    The app runs in the caller's event loop (asyncio, uvloop or trio), in a task of its own.
    Responses stream; lifespan is run by `LifespanManager`. WebSocket sessions that talk to a
    network stream, as those of `httpx.AsyncClient.websocket`, find one.

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
        raise_app_exceptions: bool = True,  # noqa: FBT001, FBT002 - httpx's signature
        root_path: str = "",
        client: tuple[str, int] | None = ("127.0.0.1", 123),
        *,
        timeout: Timeout = DEFAULT,
        state: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        host = async_host(app, state=state)
        checked = make_options(
            host,
            options,
            raise_server_exceptions=raise_app_exceptions,
            root_path=root_path,
            client=client,
            timeout=timeout,
        )
        self._translator = Translator(host, checked)
        self._is_guest = isinstance(app, SharedApp)

    @property
    def app(self) -> Any:  # whatever the user handed in
        """The app under test, as it was handed in."""
        return self._translator.host.app.original

    @property
    def translator(self) -> Translator:
        """What turns requests into sessions, with the host and the options it was made with."""
        return self._translator

    async def aclose(self) -> None:
        """Leave what streams and wait for detached calls, unless siblings share the app."""
        if not self._is_guest:
            await self._translator.host.close_calls()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Call the app, and return its response as soon as it has started."""
        __tracebackhide__ = True
        if (opening := request.extensions.get(WEBSOCKET)) is not None:
            return await shake_hands(self._translator, request, opening)
        if (replay := request.extensions.pop(REPLAY, None)) is not None:
            return self._translator.whole_response(*replay)
        if asks_for_websocket(request):
            return await upgrade(self._translator, request)
        body = request.stream
        assert isinstance(body, httpx.AsyncByteStream)
        is_bytes = isinstance(body, httpx.ByteStream)
        is_whole = request.extensions.get(WHOLE, False)
        with translated(request):
            pieces = None if is_bytes else AsyncPieces(body)
            session = self._translator.open(request, pieces, is_stream=not is_whole)
            if is_whole:
                return self._translator.whole_response(session, *await session.fetch())
            self._translator.host.keep_open(session)  # also if the start is cut short
            start = await session.start()
        stream = AsyncBody(session, self._translator, request)
        return self._translator.response(session, start, stream)
