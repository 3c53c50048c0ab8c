# Generated from src/asgi_testkit/httpx2/conversations.py by scripts/write_httpx.py.
"""The longer conversations of both clients: WebSockets, server-sent events, full duplex.

The two classes have the same methods, parameters and defaults; the clients inherit them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any, cast

import httpx

from asgi_testkit.client.host import AppHost
from asgi_testkit.client.openings import Opening, checked_subprotocols, shake_hands
from asgi_testkit.client.options import AppOptions
from asgi_testkit.drive.driver import finish
from asgi_testkit.errors import StallError
from asgi_testkit.httpx import additions
from asgi_testkit.httpx.cookies import version_of_cookies
from asgi_testkit.httpx.events import (
    EventSource,
    Reconnection,
    check_events_options,
    parser_options,
)
from asgi_testkit.httpx.exchanges import AsyncExchange, Exchange, build_exchange_request
from asgi_testkit.httpx.plan import Plan
from asgi_testkit.httpx.shortcuts import Plans
from asgi_testkit.httpx.values import Translator, as_httpx_error
from asgi_testkit.httpx.websockets import (
    WEBSOCKET,
    handshake_request,
    opened,
    sorted_options,
)
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.websocket_events import Accept
from asgi_testkit.session.async_websocket import AsyncWebSocketSession
from asgi_testkit.session.blocking_websocket import WebSocketSession
from asgi_testkit.session.handshake import Handshake
from asgi_testkit.session.leaving import noted_on
from asgi_testkit.session.websocket import WebSocketLine

__all__ = ("AsyncConversations", "BlockingConversations")


class _Conversations:
    """What needs no waiting, and the short way of a plain handshake, which changes no result."""

    _app_translator: Translator
    _made_with: dict[str, Any]
    _plans: Plans
    use_shortcuts: bool

    def _take_in(self, response: httpx.Response) -> None:
        """Do with an exchange's response what httpx's `send` does with its own."""
        response.default_encoding = self._made_with["default_encoding"]
        cast("httpx.Client", self).cookies.extract_cookies(response)

    def _find_handshake(
        self,
        url: httpx.URL | str,
        subprotocols: Sequence[str],
        options: Mapping[str, Any],
    ) -> Plan | None:
        if options or not self.use_shortcuts:
            return None
        return self._plans.find(cast("httpx.Client", self), url, subprotocols)

    def _build_handshake(
        self, url: httpx.URL | str, subprotocols: Sequence[str], options: Mapping[str, Any]
    ) -> tuple[httpx.Request, dict[str, Any]]:
        """Return the request of a handshake, and what it is sent with."""
        client = cast("httpx.Client", self)
        parts, send_options = sorted_options(options)
        version = version_of_cookies(client)
        request = handshake_request(client, url, subprotocols, parts)
        if not options and self.use_shortcuts and self._plans.is_plain(client):
            self._plans.learn(client, url, request, subprotocols, cookies_version=version)
        return request, send_options

    async def _connect_planned(self, plan: Plan) -> WebSocketLine:
        __tracebackhide__ = True
        host, options = self._app_translator.host, self._app_translator.options
        line = host.open_websocket(plan.request, options, limits=plan.limits)
        try:
            answer = await shake_hands(host, line)
        except StallError as error:
            raise as_httpx_error(error, plan.as_request()) from None
        if isinstance(answer, Accept) and not answer.headers:
            return line
        opening = Opening()
        opening.note(line, answer)
        try:
            _keep_cookies(cast("httpx.Client", self), plan, opening.response_parts()[0])
        except BaseException as error:
            await line.leave_because_of(error)
            raise
        return opened(opening, plan.as_request)


class BlockingConversations(_Conversations, additions.Client):
    """What the blocking client has."""

    _app_host: AppHost
    _app_options: AppOptions

    def websocket_connect(
        self, url: httpx.URL | str, subprotocols: Sequence[str] | None = None, **options: Any
    ) -> WebSocketSession:
        """Return a WebSocket session; entering it makes the handshake.

        Args:
            url: relative to `base_url`, or absolute: `ws`, `wss`, `http` or `https`.
            subprotocols: what this side offers, the best first.
            **options: what `get` takes: `params`, `headers`, `cookies`, `auth`, `timeout`,
                `extensions`, `follow_redirects` (false unless given).

        Raises:
            UsageError: an argument is wrong.
        """
        subprotocols = checked_subprotocols(subprotocols)
        if (plan := self._find_handshake(url, subprotocols, options)) is not None:
            return WebSocketSession(Handshake(partial(self._connect_planned, plan)))
        request, send_options = self._build_handshake(url, subprotocols, options)

        async def open_line() -> WebSocketLine:
            __tracebackhide__ = True
            opening: Opening = request.extensions[WEBSOCKET]
            try:
                self.send(request, **send_options)
            except BaseException as error:
                if opening.line is not None:
                    finish(opening.line.leave_because_of(error))
                raise
            return opened(opening, lambda: request)

        return WebSocketSession(Handshake(open_line))

    @contextmanager
    def stream(
        self, method: str, url: httpx.URL | str, **options: Any
    ) -> Generator[httpx.Response]:
        """Stream a response; see `httpx.Client.stream`."""
        __tracebackhide__ = True
        with super().stream(method, url, **options) as response:
            try:
                yield response
            except Exception as error:
                with noted_on(error):
                    response.close()
                raise
        self._app_translator.host.raise_late_failure()

    def websocket(self, url: httpx.URL | str, **options: Any) -> WebSocketSession:
        """Return a WebSocket session, by httpx's name and parameters; see `websocket_connect`."""
        return self.websocket_connect(url, **options)

    def exchange(self, method: str, url: httpx.URL | str, **options: Any) -> Exchange:
        """Return an exchange, whose request is sent while its response is read.

        Args:
            method: of the request.
            url: relative to `base_url`, or absolute.
            **options: `params`, `headers`, `cookies`, `auth`, `timeout`, `extensions`.

        Raises:
            UsageError: an argument is wrong.
        """
        request = build_exchange_request(self, method, url, options)
        return Exchange(self._app_translator, request, self._take_in)

    @contextmanager
    def sse(
        self, url: httpx.URL | str, *, reconnects: int = 0, **options: Any
    ) -> Generator[EventSource]:
        """Connect to a stream of server-sent events; see `additions.Client.sse`.

        Args:
            url: relative to `base_url`, or absolute.
            reconnects: how often to connect again when the stream ends: with `Last-Event-ID`, and
                after as many milliseconds as the app has sent as `retry`.
            **options: what httpx's `sse` takes.
        """
        check_events_options(reconnects, options)
        with ExitStack() as stack:

            async def connect(headers: httpx.Headers) -> httpx.Response:
                anew: dict[str, Any] = {**options, "headers": headers}
                again = super(BlockingConversations, self).sse(url, **anew)
                return stack.enter_context(again).response

            headers = httpx.Headers(options.get("headers"))
            reconnection = Reconnection(reconnects, headers, connect, self._app_host.pause)
            yield EventSource(
                finish(connect(headers)),
                reconnection,
                is_strict=self._app_options.policy.strict is not False,
                **parser_options(options),
            )


class AsyncConversations(_Conversations, additions.AsyncClient):
    """What the async client has."""

    _app_host: AppHost
    _app_options: AppOptions

    def websocket_connect(
        self, url: httpx.URL | str, subprotocols: Sequence[str] | None = None, **options: Any
    ) -> AsyncWebSocketSession:
        """Return a WebSocket session; entering it makes the handshake.

        Args: as `TestClient.websocket_connect`'s.

        Raises:
            UsageError: an argument is wrong.
        """
        subprotocols = checked_subprotocols(subprotocols)
        if (plan := self._find_handshake(url, subprotocols, options)) is not None:
            return AsyncWebSocketSession(Handshake(partial(self._connect_planned, plan)))
        request, send_options = self._build_handshake(url, subprotocols, options)

        async def open_line() -> WebSocketLine:
            __tracebackhide__ = True
            opening: Opening = request.extensions[WEBSOCKET]
            try:
                await self.send(request, **send_options)
            except BaseException as error:
                if opening.line is not None:
                    await opening.line.leave_because_of(error)
                raise
            return opened(opening, lambda: request)

        return AsyncWebSocketSession(Handshake(open_line))

    @asynccontextmanager
    async def stream(
        self, method: str, url: httpx.URL | str, **options: Any
    ) -> AsyncGenerator[httpx.Response]:
        """Stream a response; see `httpx.AsyncClient.stream`."""
        __tracebackhide__ = True
        async with super().stream(method, url, **options) as response:
            try:
                yield response
            except Exception as error:
                with noted_on(error):
                    await response.aclose()
                raise
        self._app_translator.host.raise_late_failure()

    def websocket(self, url: httpx.URL | str, **options: Any) -> AsyncWebSocketSession:
        """Return a WebSocket session, by httpx's name and parameters; see `websocket_connect`."""
        return self.websocket_connect(url, **options)

    def exchange(self, method: str, url: httpx.URL | str, **options: Any) -> AsyncExchange:
        """Return an exchange, whose request is sent while its response is read.

        Args: as `TestClient.exchange`'s.

        Raises:
            UsageError: an argument is wrong.
        """
        request = build_exchange_request(self, method, url, options)
        return AsyncExchange(self._app_translator, request, self._take_in)

    @asynccontextmanager
    async def sse(
        self, url: httpx.URL | str, *, reconnects: int = 0, **options: Any
    ) -> AsyncGenerator[EventSource]:
        """Connect to a stream of server-sent events; see `additions.Client.sse`.

        Args: as `TestClient.sse`'s.
        """
        check_events_options(reconnects, options)
        async with AsyncExitStack() as stack:

            async def connect(headers: httpx.Headers) -> httpx.Response:
                anew: dict[str, Any] = {**options, "headers": headers}
                again = super(AsyncConversations, self).sse(url, **anew)
                return (await stack.enter_async_context(again)).response

            headers = httpx.Headers(options.get("headers"))
            reconnection = Reconnection(reconnects, headers, connect, self._app_host.pause)
            events = EventSource(
                await connect(headers),
                reconnection,
                is_strict=self._app_options.policy.strict is not False,
                **parser_options(options),
            )
            stack.push_async_callback(events.aclose)
            yield events


def _keep_cookies(
    client: httpx.Client | httpx.AsyncClient, plan: Plan, start: ResponseStart
) -> None:
    """Put the cookies of a planned handshake's response into the jar, as httpx's `send` does."""
    if any(name.lower() == b"set-cookie" for name, _ in start.headers):
        response = httpx.Response(start.status, headers=start.headers, request=plan.as_request())
        client.cookies.extract_cookies(response)
