"""The adapter: an ASGI app behind any `requests.Session`."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias, Unpack

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from asgi_testkit.client.build import CallOptions, blocking_host, make_options
from asgi_testkit.client.drivers import Backend
from asgi_testkit.client.host import AppHost, SharedApp
from asgi_testkit.client.openings import Opening, connect
from asgi_testkit.client.options import AppOptions
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.errors import StallError
from asgi_testkit.protocol.http_events import ResponseCutError, ResponseStart
from asgi_testkit.requests.bodies import StreamedBody
from asgi_testkit.requests.failures import as_requests_error
from asgi_testkit.requests.shortcuts import LateResponse, RequestHeads, is_plain
from asgi_testkit.requests.values import (
    as_http_request,
    as_limits,
    as_response,
    body_of,
    late_raw,
    show_debug,
)
from asgi_testkit.session.http import HTTPSession, Limits
from asgi_testkit.session.timeouts import DEFAULT, Timeout
from asgi_testkit.types import ASGIApp

__all__ = ("ASGIAdapter",)

Ignored: TypeAlias = Any  # what requests takes for `verify`, `cert`, `proxies`: nothing is done


class _Pending(threading.local):
    """The handshake that this thread makes."""

    opening: Opening | None = None


class ASGIAdapter(BaseAdapter):
    """An adapter that lets any `requests.Session` call an ASGI app in process.

    Mount it: `session.mount("http://", ASGIAdapter(app))`. Lifespan is run by `LifespanManager`,
    whose `app` shares its event loop and state with this adapter. There is no network: `verify`,
    `cert` and `proxies` are without effect.

    Args:
        app: the ASGI app, of either generation.
        raise_server_exceptions: `False`: show what the wire would show, not the app's exception.
        root_path: the scope's `root_path`.
        client: the scope's `client`.
        driver: `"thread"` or `"inline"`, as `TestClient`'s; left out likewise.
        backend: as `TestClient`'s.
        backend_options: as `TestClient`'s.
        timeout: seconds of silence allowed to requests that have no `timeout` of their own, and
            to background work; left out: as `TestClient`'s; `None`: any.
        state: as `TestClient`'s.
        **options: as `TestClient`'s.

    Attributes:
        host: where the app lives.
        options: how the app is talked to.
    """

    use_shortcuts = True
    """Whether responses are made of parts that are there when they are read."""

    def __init__(
        self,
        app: ASGIApp,
        raise_server_exceptions: bool = True,  # noqa: FBT001, FBT002 - Starlette's name and place
        root_path: str = "",
        client: tuple[str, int] | None = ("testclient", 50000),
        *,
        driver: DriverKind | None = None,
        backend: Backend = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        timeout: Timeout = DEFAULT,
        state: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        super().__init__()
        self.host: AppHost = blocking_host(
            app, driver=driver, backend=backend, backend_options=backend_options, state=state
        )
        self.options: AppOptions = make_options(
            self.host,
            options,
            raise_server_exceptions=raise_server_exceptions,
            root_path=root_path,
            client=client,
            timeout=timeout,
        )
        self._is_guest = isinstance(app, SharedApp)
        self._unclosed: set[HTTPSession] = set()
        self._pending = _Pending()
        self._heads = RequestHeads()

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - requests' signature
        timeout: Any = None,  # requests names no public type for it
        verify: Ignored = True,  # noqa: ARG002, FBT002
        cert: Ignored = None,  # noqa: ARG002
        proxies: Ignored = None,  # noqa: ARG002
    ) -> Response:
        """Call the app; return its response, whole, or with `stream` as soon as it has started."""
        __tracebackhide__ = True
        limits = as_limits(timeout, self.options.timeout, self.options)
        opening = self._pending.opening
        if opening is not None and "sec-websocket-key" in request.headers:
            return self._shake_hands(request, opening, limits)
        session = self._open(request, limits, is_stream=stream)
        if stream:
            return self._streamed(request, session)
        return self._whole(request, session)

    def close(self) -> None:
        """Leave what streams and wait for detached calls, unless siblings share the app."""
        if not self._is_guest:
            finish(self.host.close_calls())
        self.forget_streams()

    def forget_streams(self) -> None:
        """Hold no longer what nobody has read to its end or closed."""
        self._unclosed.clear()

    @contextmanager
    def shaking_hands(self, opening: Opening) -> Generator[None]:
        """Take this thread's upgrade requests for the handshake that `opening` is to hold."""
        __tracebackhide__ = True
        self._pending.opening = opening
        try:
            yield
        finally:
            self._pending.opening = None

    def _open(self, request: PreparedRequest, limits: Limits, *, is_stream: bool) -> HTTPSession:
        body, pieces = body_of(request)
        return self.host.open_call(
            self._heads.find(request),
            self.options,
            body=body,
            pieces=pieces,
            limits=limits,
            is_stream=is_stream,
        )

    def _whole(self, request: PreparedRequest, session: HTTPSession) -> Response:
        __tracebackhide__ = True
        try:
            start, body = finish(session.fetch())
        except (ResponseCutError, StallError) as error:
            raise self._translated(error, request, session) from error.__cause__
        if self.options.background == "detach":
            self.host.keep_detached(session)
        return self._response(request, session, start, body)

    def _streamed(self, request: PreparedRequest, session: HTTPSession) -> Response:
        __tracebackhide__ = True
        self.host.keep_open(session)  # also if the start is cut short
        try:
            start = finish(session.start())
        except (ResponseCutError, StallError) as error:
            raise self._translated(error, request, session) from error.__cause__
        self._unclosed.add(session)
        body = StreamedBody(session, request, self._closed)
        return self._response(request, session, start, body)

    def _response(
        self,
        request: PreparedRequest,
        session: HTTPSession,
        start: ResponseStart,
        body: bytes | StreamedBody,
    ) -> Response:
        version, exchange = self.options.scope.http_version, session.exchange
        if isinstance(body, bytes) and self.use_shortcuts and is_plain(request, exchange):
            raw = late_raw(request, start, body, version)
            make = partial(as_response, request, start, body, adapter=self, http_version=version)
            return LateResponse(start.status, body, raw, partial(make, raw=raw))
        response = as_response(request, start, body, adapter=self, http_version=version)
        if exchange.app_exception is not None:
            response.raw.app_exception = exchange.app_exception
        if exchange.debug is not None:
            show_debug(response, exchange.debug)
        return response

    def _closed(self, session: HTTPSession) -> None:
        """Note that a streamed response was closed."""
        if self.host.note_closed(session, self.options.background):
            self._unclosed.discard(session)

    def _shake_hands(self, request: PreparedRequest, opening: Opening, limits: Limits) -> Response:
        __tracebackhide__ = True
        line = self.host.open_websocket(as_http_request(request), self.options, limits=limits)
        try:
            finish(connect(self.host, line, opening))
        except StallError as error:
            raise as_requests_error(error, request, is_amid_body=False) from error.__cause__
        start, body = opening.response_parts()
        version = self.options.scope.http_version
        return as_response(request, start, body, adapter=self, http_version=version)

    def _translated(
        self, error: Exception, request: PreparedRequest, session: HTTPSession
    ) -> Exception:
        has_begun = session.exchange.response is not None
        return as_requests_error(error, request, is_amid_body=has_begun)
