"""Running one test in every mode: both blocking drivers, and async on three event loops.

A test is an `async def` that takes `open_client`. In the blocking modes its client is a thin
facade over `TestClient`, and the coroutine never suspends; in the others it is the real
`AsyncTestClient`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self

import httpx2
import trio
import uvloop

from asgi_testkit import AsyncTestClient, Exchange, TestClient, WebSocketSession
from asgi_testkit.httpx2.events import EventSource

BLOCKING_MODES = ("thread", "inline")
ASYNC_MODES = ("asyncio", "uvloop", "trio")
MODES = (*BLOCKING_MODES, *ASYNC_MODES)


class OpenClient:
    """What the fixture `open_client` is: call it for an entered client of an app."""

    def __init__(self, mode: str) -> None:
        self.mode = mode

    @property
    def is_blocking(self) -> bool:
        return self.mode in BLOCKING_MODES

    def __call__(self, app: Any, **options: Any) -> AbstractAsyncContextManager[Any]:
        if self.is_blocking:
            return _entered_facade(app, driver=self.mode, **options)
        return AsyncTestClient(app, **options)

    def without_entering(self, app: Any, **options: Any) -> Any:
        if self.is_blocking:
            return Facade(TestClient(app, driver=self.mode, **options))  # type: ignore[arg-type]
        return AsyncTestClient(app, **options)

    def upload(self, pieces: Iterable[bytes]) -> Iterator[bytes] | AsyncIterator[bytes]:
        """Return a generator of `pieces`, of the kind that the mode's client takes."""
        return iter(pieces) if self.is_blocking else _async_pieces(pieces)

    async def sleep_in_app(self, seconds: float) -> None:
        """Sleep in the app's event loop, of whichever library it is."""
        await (trio.sleep(seconds) if self.mode == "trio" else asyncio.sleep(seconds))

    async def sleep(self, seconds: float) -> None:
        """Let the app run for a while, as a test that does other things."""
        if self.mode == "trio":
            await trio.sleep(seconds)
        elif not self.is_blocking:
            await asyncio.sleep(seconds)


async def _async_pieces(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@asynccontextmanager
async def _entered_facade(app: Any, **options: Any) -> AsyncIterator[Any]:
    with TestClient(app, **options) as client:
        yield Facade(client)


class Facade:
    """The blocking client, awaitable."""

    def __init__(self, client: TestClient) -> None:
        self.blocking = client

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.blocking, name)
        if name in _AWAITED:
            return _awaitable(value)
        return value

    @asynccontextmanager
    async def stream(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with self.blocking.stream(*args, **kwargs) as response:
            yield FacadeResponse(response)

    @asynccontextmanager
    async def sse(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        with self.blocking.sse(*args, **kwargs) as events:
            yield FacadeEvents(events)

    def websocket_connect(self, *args: Any, **kwargs: Any) -> FacadeSession:
        return FacadeSession(self.blocking.websocket_connect(*args, **kwargs))

    def exchange(self, *args: Any, **kwargs: Any) -> FacadeExchange:
        return FacadeExchange(self.blocking.exchange(*args, **kwargs))

    def websocket(self, *args: Any, **kwargs: Any) -> FacadeSession:
        return FacadeSession(self.blocking.websocket(*args, **kwargs))

    def new_client(self, **options: Any) -> Self:
        return type(self)(self.blocking.new_client(**options))

    async def aclose(self) -> None:
        self.blocking.close()

    async def __aenter__(self) -> Self:
        self.blocking.__enter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.blocking.__exit__()


_AWAITED = (
    "delete", "get", "head", "options", "patch", "post", "put", "query", "request", "run", "send",
    "wait_background",
)  # fmt: skip


def _awaitable(method: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        return method(*args, **kwargs)

    return call


class FacadeResponse:
    """A streamed response of the blocking client, with the async methods' names."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    async def aiter_bytes(self) -> AsyncIterator[bytes]:
        for piece in self._response.iter_bytes():
            yield piece

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        for piece in self._response.iter_raw():
            yield piece

    async def aiter_text(self) -> AsyncIterator[str]:
        for text in self._response.iter_text():
            yield text

    async def aiter_lines(self) -> AsyncIterator[str]:
        for line in self._response.iter_lines():
            yield line

    async def aread(self) -> bytes:
        return self._response.read()

    async def aclose(self) -> None:
        self._response.close()


class FacadeEvents:
    """An event source of the blocking client, iterated by `async for`."""

    def __init__(self, events: EventSource) -> None:
        self._events = events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)

    async def __aiter__(self) -> AsyncIterator[httpx2.ServerSentEvent]:
        for event in self._events:
            yield event


class FacadeSession:
    """A WebSocket session of the blocking client, awaitable."""

    def __init__(self, session: WebSocketSession) -> None:
        self.blocking = session

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.blocking, name)
        if name.startswith("iter_"):
            return lambda *args: _async_iterator(value(*args))
        return _awaitable(value) if callable(value) else value

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        return _async_iterator(self.blocking)

    async def __anext__(self) -> str | bytes:
        try:
            return next(self.blocking)
        except StopIteration:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        self.blocking.__enter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:  # noqa: PYI036 - passed on as they are
        self.blocking.__exit__(*exc)


class FacadeExchange:
    """An exchange of the blocking client, awaitable."""

    def __init__(self, exchange: Exchange) -> None:
        self.blocking = exchange

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.blocking, name)
        return _awaitable(value) if callable(value) else value

    @property
    async def response(self) -> FacadeResponse:
        return FacadeResponse(self.blocking.response)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            return next(self.blocking)
        except StopIteration:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        self.blocking.__enter__()
        return self

    async def __aexit__(self, *exc: Any) -> None:  # noqa: PYI036 - passed on as they are
        self.blocking.__exit__(*exc)


async def _async_iterator(values: Iterable[Any]) -> AsyncIterator[Any]:
    for value in values:
        yield value


def run_in_mode(mode: str, test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's coroutine as its mode says."""
    if mode in BLOCKING_MODES:
        _run_blocking(test())
    elif mode == "trio":
        trio.run(test)
    else:
        factory = uvloop.new_event_loop if mode == "uvloop" else None
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(test())


def _run_blocking(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise AssertionError("a blocking client's test has suspended")
