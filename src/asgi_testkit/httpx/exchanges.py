# Generated from src/asgi_testkit/httpx2/exchanges.py by scripts/write_httpx.py.
"""`Exchange` and `AsyncExchange`: a request and its response with both directions open at once.

What the two directions mean is the session's affair; here its parts get httpx's types.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, cast

import httpx

from asgi_testkit.drive.driver import finish
from asgi_testkit.errors import ClientStateError, UsageError, UsageTypeError
from asgi_testkit.httpx import additions
from asgi_testkit.httpx.bodies import AsyncBody, SyncBody
from asgi_testkit.httpx.values import Translator, translated
from asgi_testkit.protocol.fields import is_bytes_like
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.record import Entry
from asgi_testkit.session.http import HTTPSession
from asgi_testkit.types import HeaderPairs

__all__ = ("AsyncExchange", "Exchange", "build_exchange_request")

_BUILDS: Final = ("params", "headers", "cookies", "timeout", "extensions")

OnResponse: TypeAlias = Callable[[httpx.Response], object]
"""What a client does with a response: its cookies go into the jar."""


class _Facts:
    """What needs no waiting."""

    def __init__(
        self, translator: Translator, request: httpx.Request, on_response: OnResponse
    ) -> None:
        self.request = request
        self._translator = translator
        self._on_response = on_response
        self._opened: HTTPSession | None = None
        self._response: httpx.Response | None = None

    @property
    def trailers(self) -> HeaderPairs | None:
        """The trailers that have come; `None`: the app has declared none."""
        return self._session.exchange.trailers

    @property
    def early_hints(self) -> list[bytes]:
        """The links of the early hints that have come; offer them by `scope_extensions`."""
        return list(self._session.exchange.early_hints)

    @property
    def messages(self) -> list[Entry]:
        """What has crossed so far, in order: type, sender, time, size and a cut body of each."""
        return list(self._session.exchange.record)

    @property
    def _session(self) -> HTTPSession:
        if self._opened is None:
            raise UsageError(
                "The exchange is used outside its block: its request was not sent yet.\n"
                "Write 'with client.exchange(method, url) as exchange:', in async tests"
                " 'async with'."
            )
        return self._opened

    def _begin(self) -> HTTPSession:
        if self._opened is not None:
            raise ClientStateError(
                "The exchange was entered before; its request is sent.\n"
                "Call exchange() again for another one."
            )
        self._opened = self._translator.open_pushed(self.request)
        self._translator.host.keep_open(self._opened)
        return self._opened

    def _made(
        self, start: ResponseStart, body: httpx.SyncByteStream | httpx.AsyncByteStream
    ) -> httpx.Response:
        """Return httpx's response, with its request, once the client has seen it."""
        if self._response is not None:  # another task has waited for it, too
            return self._response
        response = self._translator.response(self._session, start, body)
        response.request = self.request
        self._response = response
        self._on_response(response)
        return response


class AsyncExchange(_Facts):
    """A request whose body is sent piece by piece while its response is read.

    Entering calls the app; leaving before the response is whole disconnects: the app gets its
    grace time, and is cancelled only then. Redirects are not followed, and of an auth flow the
    first step is made.
    """

    async def send(self, data: bytes) -> None:
        """Send a piece of the request body, waiting where the app is behind by 64 KiB.

        After the response is whole it is dropped, as on a server.

        Raises:
            StallError: the app does not take it; also httpx's `WriteTimeout`.
            BaseException: what the app raised, as it was raised.
        """
        __tracebackhide__ = True
        if not is_bytes_like(data):
            raise UsageTypeError(f"send() got {type(data).__name__}; bytes are wanted.")
        with translated(self.request):
            await self._session.send_piece(bytes(data))

    async def end(self) -> None:
        """Send the end of the request body."""
        await self._session.end_body()

    @property
    async def response(self) -> httpx.Response:
        """The response, as soon as it has started; its body is read as any stream's.

        Raises:
            StallError: it does not start; also httpx's `ReadTimeout`.
            BaseException: what the app raised, as it was raised.
        """
        __tracebackhide__ = True
        if self._response is not None:
            return self._response
        session = self._session
        with translated(self.request):
            start = await session.start()
        return self._made(start, AsyncBody(session, self._translator, self.request))

    async def read(self) -> bytes:
        """Return the whole body of the response, once it is there."""
        __tracebackhide__ = True
        return await (await self.response).aread()

    def __aiter__(self) -> Self:
        """Iterate over the pieces of the response body, as the app sent them."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece of the response body."""
        __tracebackhide__ = True
        if self._response is None:
            await self.response
        with translated(self.request):
            piece = await self._session.next_piece()
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def disconnect(self) -> None:
        """Drop the line: the app sees `http.disconnect` and is cancelled after its grace time."""
        await self._session.leave()

    async def __aenter__(self) -> Self:
        """Call the app."""
        __tracebackhide__ = True
        with translated(self.request):
            await self._begin().open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Wait for the app where its response is whole; disconnect where it is not."""
        __tracebackhide__ = True
        session = self._session
        try:
            with translated(self.request):
                if exc_value is None:
                    await session.close()
                else:
                    await session.leave_because_of(exc_value)
        finally:
            self._translator.closed(self._session)


class Exchange(_Facts):
    """The blocking twin of `AsyncExchange`."""

    def send(self, data: bytes) -> None:
        """Send a piece of the request body, waiting where the app is behind by 64 KiB.

        After the response is whole it is dropped, as on a server.

        Raises:
            StallError: the app does not take it; also httpx's `WriteTimeout`.
            BaseException: what the app raised, as it was raised.
        """
        __tracebackhide__ = True
        if not is_bytes_like(data):
            raise UsageTypeError(f"send() got {type(data).__name__}; bytes are wanted.")
        with translated(self.request):
            finish(self._session.send_piece(bytes(data)))

    def end(self) -> None:
        """Send the end of the request body."""
        finish(self._session.end_body())

    @property
    def response(self) -> httpx.Response:
        """The response, as soon as it has started; its body is read as any stream's.

        Raises:
            StallError: it does not start; also httpx's `ReadTimeout`.
            BaseException: what the app raised, as it was raised.
        """
        __tracebackhide__ = True
        if self._response is not None:
            return self._response
        session = self._session
        with translated(self.request):
            start = finish(session.start())
        return self._made(start, SyncBody(session, self._translator, self.request))

    def read(self) -> bytes:
        """Return the whole body of the response, once it is there."""
        __tracebackhide__ = True
        return self.response.read()

    def __iter__(self) -> Self:
        """Iterate over the pieces of the response body, as the app sent them."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece of the response body."""
        __tracebackhide__ = True
        if self._response is None:
            _ = self.response
        with translated(self.request):
            piece = finish(self._session.next_piece())
        if piece is None:
            raise StopIteration
        return piece

    def disconnect(self) -> None:
        """Drop the line: the app sees `http.disconnect` and is cancelled after its grace time."""
        finish(self._session.leave())

    def __enter__(self) -> Self:
        """Call the app."""
        __tracebackhide__ = True
        with translated(self.request):
            finish(self._begin().open())
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Wait for the app where its response is whole; disconnect where it is not."""
        __tracebackhide__ = True
        session = self._session
        try:
            with translated(self.request):
                if exc_value is None:
                    finish(session.close())
                else:
                    finish(session.leave_because_of(exc_value))
        finally:
            self._translator.closed(self._session)


def build_exchange_request(
    client: httpx.Client | httpx.AsyncClient,
    method: str,
    url: httpx.URL | str,
    options: Mapping[str, Any],
) -> httpx.Request:
    """Build the request with the client's cookies, headers, parameters and auth.

    Raises:
        UsageTypeError: an option is not known.
    """
    for name in options:
        if name not in (*_BUILDS, "auth"):
            raise UsageTypeError(f"exchange() got {name!r}. It takes: {', '.join(_BUILDS)}, auth.")
    parts = {name: value for name, value in options.items() if name != "auth"}
    content = iter(()) if isinstance(client, httpx.Client) else _no_pieces()
    if client.is_closed:
        raise ClientStateError("The client is closed; an exchange needs an open one.")
    request = client.build_request(method, url, content=content, **parts)
    return _authorised(request, options.get("auth", client.auth))


def _authorised(request: httpx.Request, auth: Any) -> httpx.Request:  # all that httpx takes
    """Return the first request of an auth flow."""
    if auth is None:
        return request
    if isinstance(auth, tuple):
        username, password = cast("tuple[str, str]", auth)
        auth = httpx.BasicAuth(username, password)
    elif not isinstance(auth, httpx.Auth):
        auth = additions.FunctionAuth(auth)
    flow = auth.auth_flow(request)
    try:
        first: httpx.Request = next(flow)
    finally:
        flow.close()
    return first


async def _no_pieces() -> AsyncIterator[bytes]:
    """Yield nothing: it stands for a body of unknown length."""
    for piece in tuple[bytes]():
        yield piece
