"""A side: one client with its app, and everything that was observed of it."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from types import ModuleType
from typing import Any
from unittest import mock

import asgi_testkit
import asgi_testkit.httpx
from asgi_testkit.client.options import default_timeout
from tests.differential.app import RecordingApp, Telling
from tests.differential.plain import plain_transport
from tests.differential.portraits import Portraits
from tests.differential.views import view_names, views

__all__ = ("MODES", "Side", "as_mode", "made_with", "opened", "run_side")

MODES = {"thread": "stock", "inline": "stock", "async": "stock async"}
"""The modes of our clients, and what each is measured by."""

_CLIENTS = {
    "httpx2": (asgi_testkit.TestClient, asgi_testkit.AsyncTestClient),
    "httpx": (asgi_testkit.httpx.TestClient, asgi_testkit.httpx.AsyncTestClient),
}


class Side:
    """What a shape is given: a client of the library's own or of ours, alike from outside.

    Attributes:
        lib: the client library.
        mode: `"stock"` or `"stock async"`, `"thread"`, `"inline"` or `"async"`.
        observed: what has been seen, in order, as plain data.
    """

    def __init__(self, library: ModuleType, mode: str) -> None:
        self.lib = library
        self.mode = mode
        self.is_async = mode.endswith("async")
        self.app = RecordingApp()
        self.portrait = Portraits(library, is_async=self.is_async)
        self.observed: list[tuple[str, Any]] = []
        self.urls: list[str] = []
        self.client: Any = None
        self._views = view_names(library)

    @property
    def answers(self) -> dict[str, Telling]:
        """What the app answers, by path."""
        return self.app.answers

    def note(self, label: str, value: Any) -> None:
        """Note a value that has to be the same on all sides."""
        self.observed.append((label, self.portrait(value)))

    # -- calls ----------------------------------------------------------------------------

    async def get(self, url: Any, **options: Any) -> Any:
        """Call `client.get` and note everything that can be seen of it."""
        return await self.call("get", url, **options)

    async def post(self, url: Any, **options: Any) -> Any:
        """Call `client.post` and note everything that can be seen of it."""
        return await self.call("post", url, **options)

    async def call(self, name: str, *args: Any, **options: Any) -> Any:
        """Call a method of the client, and note everything that can be seen of it."""
        self.urls += [url for url in args[-1:] if isinstance(url, str)]
        return await self.do(f"{name} {args}", lambda: getattr(self.client, name)(*args, **options))

    async def bare(self, name: str, *args: Any, **options: Any) -> Any:
        """Call a method of the client, and return what it returns, unseen."""
        result = getattr(self.client, name)(*args, **options)
        return await result if inspect.isawaitable(result) else result

    async def do(self, label: str, function: Callable[[], Any]) -> Any:
        """Note what a function returns, or raises, and what the app and the client look like."""
        result: Any = None
        try:
            result = function()
            result = await result if inspect.isawaitable(result) else result
        except Exception as error:
            outcome = self.portrait(error)
        else:
            outcome = await self.seen_in(result, label)
        self.observed += [(label, outcome), ("the app saw", self._seen()), ("client", self._own())]
        return result

    async def seen_in(self, value: Any, label: str) -> Any:
        """Return all views of a response, in an order that is another one for each call."""
        if not isinstance(value, self.lib.Response):
            return self.portrait(value)
        names = list(self._views)
        random.Random(f"{label} {len(self.observed)}").shuffle(names)
        return await views(value, names, self.portrait)

    async def streamed(
        self, how: str, url: Any, *, method: str = "GET", stop: int = 99, **options: Any
    ) -> None:
        """Note what a streamed response gives when it is read by `iter_…`, up to `stop` pieces."""
        pieces: list[Any] = []
        label = f"stream {method} {url} by {how}"
        try:
            async with self._open_stream(method, url, options) as response:
                self.note(f"{label}, unread", response)
                await self._collect(response, how, pieces, stop)
                self.note(f"{label}, inside", response)
        except Exception as error:
            self.note(label, error)
        else:
            self.observed.append((label, await self.seen_in(response, label)))
        self.observed += [(label, self.portrait(pieces)), ("the app saw", self._seen())]

    @contextlib.asynccontextmanager
    async def _open_stream(self, method: str, url: Any, options: Any) -> AsyncIterator[Any]:
        stream = self.client.stream(method, url, **options)
        if self.is_async:
            async with stream as response:
                yield response
        else:
            with stream as response:
                yield response

    async def _collect(self, response: Any, how: str, pieces: list[Any], stop: int) -> None:
        read = getattr(response, f"a{how}" if self.is_async else how)
        result = read() if stop else None
        if inspect.isawaitable(result):
            pieces.append(await result)
        elif inspect.isasyncgen(result):
            async with contextlib.aclosing(result):
                async for piece in result:
                    pieces.append(piece)
                    if len(pieces) == stop:
                        break
        elif result is not None and not isinstance(result, bytes):
            with contextlib.closing(result):
                for piece in result:
                    pieces.append(piece)
                    if len(pieces) == stop:
                        break
        else:
            pieces.append(result)

    def _seen(self) -> Any:
        seen, self.app.seen = self.app.seen, []
        return self.portrait(seen)

    def _own(self) -> Any:
        names = ("auth", "base_url", "cookies", "headers", "is_closed", "params", "timeout")
        return {name: self.portrait.part(self.client, name) for name in names}

    # -- what the two kinds of client take ------------------------------------------------

    def pieces(self, *pieces: bytes) -> Any:
        """Return an iterator of the kind that the client takes as a body."""

        async def generated() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        return generated() if self.is_async else iter(pieces)

    def hook(self, function: Callable[[Any], None]) -> Callable[[Any], Any]:
        """Return an event hook of the kind that the client takes."""

        async def async_hook(value: Any) -> None:
            function(value)

        return async_hook if self.is_async else function

    @contextlib.contextmanager
    def noted(self, owner: Any, name: str) -> Iterator[None]:
        """Patch a method so that its calls are noted; it does what it did."""
        original = getattr(owner, name)
        observed = self.observed

        def wrapper(*args: Any, **options: Any) -> Any:
            observed.append(("called", name))
            return original(*args, **options)

        with mock.patch.object(owner, name, wrapper):
            yield


def made_with(
    make: Callable[[Side], dict[str, Any]] | None = None, *, mixin: type | None = None
) -> Any:
    """Say with what options a shape's client is made, and what its class overrides."""

    def mark(shape: Any) -> Any:
        shape.make, shape.mixin = make, mixin
        return shape

    return mark


def run_side(library: ModuleType, mode: str, shape: Any, turns: int = 2) -> list[tuple[str, Any]]:
    """Return everything that is observed of a shape on one side.

    It runs twice with the same client. In between, each of its URLs is got plainly, twice, so that
    whatever our clients remember of a URL is there when the shape comes again.
    """

    async def run() -> list[tuple[str, Any]]:
        async with opened(library, mode, shape) as side:
            for turn in range(turns):
                if turn:
                    await _get_plainly(side)
                side.observed.append(("turn", turn))
                await shape(side)
            return side.observed

    return as_mode(mode, run())


async def _get_plainly(side: Side) -> None:
    side.urls = list(dict.fromkeys(side.urls))
    for url in list(side.urls) * 2:
        await side.get(url)


def as_mode(mode: str, coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine as the side's mode wants it; a blocking side never suspends."""
    if mode.endswith("async"):
        return asyncio.run(coroutine)
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a blocking client has suspended")


@contextlib.asynccontextmanager
async def opened(library: ModuleType, mode: str, shape: Any = None) -> AsyncIterator[Side]:
    """Open a side with a client as a shape wants it; the inline one runs lifespan, too."""
    side = Side(library, mode)
    make, mixin = getattr(shape, "make", None), getattr(shape, "mixin", None)
    side.client = _made(side, make(side) if make else {}, [mixin] if mixin else [])
    try:
        if mode == "inline":
            with side.client:
                yield side
        else:
            yield side
    finally:
        if side.is_async:
            await side.client.aclose()
        else:
            side.client.close()


def _made(side: Side, given: dict[str, Any], mixins: Iterable[type]) -> Any:
    if "stock" in side.mode:
        stock = side.lib.AsyncClient if side.is_async else side.lib.Client
        transport = plain_transport(side.lib, side.app, is_async=side.is_async)
        options = {**_like_ours(side.lib), **given, "transport": transport}
        options["headers"] = _with_user_agent(side.lib, given.get("headers"))
        return _derived(stock, mixins)(**options)
    ours = _CLIENTS[side.lib.__name__][side.is_async]
    driver = {} if side.is_async else {"driver": side.mode}
    return _derived(ours, mixins)(side.app, strict=False, **driver, **given)


def _derived(kind: type, mixins: Iterable[type]) -> Any:
    bases = (*mixins, kind)
    return type("Derived", bases, {}) if len(bases) > 1 else kind


def _like_ours(library: ModuleType) -> dict[str, Any]:
    """Return what our clients set by default and the library's own do not."""
    return {
        "base_url": "http://testserver",
        "follow_redirects": True,
        "timeout": default_timeout(),
    }


def _with_user_agent(library: ModuleType, given: Any) -> Any:
    headers = library.Headers({"user-agent": "testclient"})
    headers.update(given)
    return headers
