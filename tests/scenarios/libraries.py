"""The libraries that the scenarios run on, and the few words in which their users differ.

Scenarios are spelled as httpx2's users spell them. The clients of httpx2 and httpx take that as it
is; requests' is behind a facade that spells it in requests' own words.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import httpx2
import pytest
import requests
import requests.auth

import asgi_testkit
import asgi_testkit.httpx
from asgi_testkit.requests import TestClient, WebSocketDenialResponse
from tests.httpx import modes as httpx_modes
from tests.modes import BLOCKING_MODES, MODES, Facade, FacadeResponse, FacadeSession, OpenClient

__all__ = ("CASES", "ENDS_HYPERCORN", "LIBRARIES", "Library", "OpenAnyClient")


@dataclass(frozen=True, slots=True)
class Library:
    """A client library: how to open its clients, and what it calls things.

    Attributes:
        opener: makes what opens clients in a mode.
        modes: those that it has.
        status_error: what `raise_for_status()` raises.
        too_many_redirects: what a chain of redirects ends with.
        read_timeout: silence of the app before its response.
        body_timeout: silence of the app amid its response body.
        write_timeout: a request body that the app does not take.
        cut_body: a response body that ends too soon.
        denial: the response that denies a WebSocket.
        digest: makes digest authentication of a name and a password.
        params_replace_the_query: `params` are instead of the query of the URL, not beside it.
        head_follows_redirects: as other requests do, unless a call says otherwise.
    """

    opener: Callable[[str], Any]
    modes: tuple[str, ...]
    status_error: type[Exception]
    too_many_redirects: type[Exception]
    read_timeout: type[Exception]
    body_timeout: type[Exception]
    write_timeout: type[Exception]
    cut_body: type[Exception]
    denial: type[Exception]
    digest: Callable[[str, str], Any]
    params_replace_the_query: bool
    head_follows_redirects: bool


class OpenAnyClient(OpenClient):
    """What the fixture `open_client` is here: call it for an entered client of an app."""

    def __init__(self, library: Library, mode: str, *, over: str | None = None) -> None:
        super().__init__(mode)
        self.library = library
        self._opener = library.opener(mode)
        self._over = {} if over is None else {"over": over}

    def __call__(self, app: Any, **options: Any) -> AbstractAsyncContextManager[Any]:
        opened: AbstractAsyncContextManager[Any] = self._opener(app, **self._over, **options)
        return opened

    def without_entering(self, app: Any, **options: Any) -> Any:
        return self._opener.without_entering(app, **self._over, **options)

    async def sleep_in_app(self, seconds: float) -> None:
        if self._over:  # servers run on asyncio, whatever the test does
            await asyncio.sleep(seconds)
        else:
            await super().sleep_in_app(seconds)


# -- requests in httpx2's words ---------------------------------------------------------------

_WORDS = {"content": "data", "follow_redirects": "allow_redirects"}
_REQUESTS = ("delete", "get", "head", "options", "patch", "post", "put", "request")


def _spelled(options: Mapping[str, Any]) -> dict[str, Any]:
    return {_WORDS.get(name, name): value for name, value in options.items()}


class OpenRequestsClient(OpenClient):
    """Opens clients of requests."""

    def __call__(self, app: Any, **options: Any) -> AbstractAsyncContextManager[Any]:
        return _entered(self.without_entering(app, **options))

    def without_entering(self, app: Any, **options: Any) -> RequestsFacade:
        client: Any = TestClient(app, driver=self.mode, **options)  # type: ignore[arg-type]
        return RequestsFacade(client)


@asynccontextmanager
async def _entered(facade: RequestsFacade) -> AsyncIterator[RequestsFacade]:
    with facade.blocking:
        yield facade


class RequestsFacade(Facade):
    """The client of requests, awaitable."""

    def __getattr__(self, name: str) -> Any:
        method = super().__getattr__(name)
        if name not in _REQUESTS:
            return method
        return lambda *args, **options: method(*args, **_spelled(options))

    @asynccontextmanager
    async def stream(self, *args: Any, **options: Any) -> AsyncIterator[Any]:
        client: Any = self.blocking
        with client.request(*args, stream=True, **_spelled(options)) as response:
            yield RequestsResponse(response)

    def websocket_connect(self, *args: Any, **options: Any) -> FacadeSession:
        return super().websocket_connect(*args, **_spelled(options))


class RequestsResponse(FacadeResponse):
    """A streamed response of requests, with the async methods' names."""

    def __init__(self, response: Any) -> None:
        super().__init__(response)
        self._requests_own = response

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        for piece in self._requests_own.iter_content(None):
            yield piece

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        pieces: Iterator[bytes] = self._requests_own.raw.stream(None, decode_content=False)
        for piece in pieces:
            yield piece

    async def aiter_text(self) -> AsyncIterator[str]:
        for text in self._requests_own.iter_content(None, decode_unicode=True):
            yield text

    async def aiter_lines(self) -> AsyncIterator[str]:
        for line in self._requests_own.iter_lines(decode_unicode=True):
            yield line

    async def aread(self) -> bytes:
        content: bytes = self._requests_own.content
        return content


# -- all of them ------------------------------------------------------------------------------


def _like_httpx(library: Any, opener: Callable[[str], Any], denial: type[Exception]) -> Library:
    """Return httpx2 or httpx: they call all things alike."""
    return Library(
        opener=opener,
        modes=MODES,
        status_error=library.HTTPStatusError,
        too_many_redirects=library.TooManyRedirects,
        read_timeout=library.ReadTimeout,
        body_timeout=library.ReadTimeout,
        write_timeout=library.WriteTimeout,
        cut_body=library.RemoteProtocolError,
        denial=denial,
        digest=library.DigestAuth,
        params_replace_the_query=True,
        head_follows_redirects=True,
    )


LIBRARIES = {
    "httpx2": _like_httpx(httpx2, OpenClient, asgi_testkit.WebSocketDenialResponse),
    "httpx": _like_httpx(httpx, httpx_modes.OpenClient, asgi_testkit.httpx.WebSocketDenialResponse),
    "requests": Library(
        opener=OpenRequestsClient,
        modes=BLOCKING_MODES,
        status_error=requests.HTTPError,
        too_many_redirects=requests.TooManyRedirects,
        read_timeout=requests.ReadTimeout,
        body_timeout=requests.ConnectionError,
        write_timeout=requests.ConnectionError,
        cut_body=requests.exceptions.ChunkedEncodingError,
        denial=WebSocketDenialResponse,
        digest=requests.auth.HTTPDigestAuth,
        params_replace_the_query=False,
        head_follows_redirects=False,
    ),
}

CASES = [(name, mode) for name, library in LIBRARIES.items() for mode in library.modes]
"""Every library in every mode that it has."""

ENDS_HYPERCORN: Any = pytest.param(
    SystemExit, marks=pytest.mark.in_process_only("Hypercorn ends with its app", over="hypercorn")
)
"""An exception of the app, as a parameter of tests."""
