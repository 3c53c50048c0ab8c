"""The peers with httpx's interface: ours, Starlette's, Litestar's, and httpx's own transports."""

from __future__ import annotations

from abc import abstractmethod
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar

from bench.apps import CHUNK
from bench.peer import (
    BUFFERS,
    HOST,
    WEBSOCKET_SCENARIOS,
    AsyncPeer,
    BlockingPeer,
    FullReply,
    Reply,
    module,
    now,
)

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from bench.apps import App

__all__ = ("HTTPX_PEERS",)

NO_LIFESPAN = "runs no lifespan"
NO_WEBSOCKET = dict.fromkeys(WEBSOCKET_SCENARIOS, "this transport knows no WebSocket")


class HTTPXBlocking(BlockingPeer):
    """A blocking client with httpx's methods."""

    # Foreign clients of several libraries, each imported late: there is no type to name.
    client: Any

    @abstractmethod
    def new_client(self, app: App) -> Any:
        """Construct the client."""

    def construct(self, app: App) -> object:
        return self.new_client(app)

    def open(self, app: App) -> None:
        self.client = self.new_client(app)
        self.client.__enter__()

    def close(self) -> None:
        self.client.__exit__(None, None, None)

    def get(self, url: str) -> Reply:
        response = self.client.get(url)
        return Reply(response.status_code, response.content)

    def get_and_read(self, url: str) -> FullReply:
        response = self.client.get(url)
        media_type = response.headers["content-type"]
        return FullReply(response.status_code, media_type, response.text, response.json())

    def post_json(self, url: str, payload: object) -> Reply:
        response = self.client.post(url, json=payload)
        return Reply(response.status_code, response.content)

    def upload(self, url: str, body: bytes) -> Reply:
        response = self.client.post(url, content=body)
        return Reply(response.status_code, response.content)

    def upload_pieces(self, url: str, count: int) -> Reply:
        response = self.client.post(url, content=repeat(CHUNK, count))
        return Reply(response.status_code, response.content)

    def stream(self, url: str) -> int:
        received_bytes = 0
        with self.client.stream("GET", url) as response:
            for chunk in response.iter_bytes():
                received_bytes += len(chunk)
        return received_bytes

    def first_chunk(self, url: str) -> float:
        start = now()
        with self.client.stream("GET", url) as response:
            chunks = response.iter_bytes()
            next(chunks)
            waited = now() - start
            for _ in chunks:
                pass
        return waited

    def websocket(self, url: str) -> AbstractContextManager[Any]:
        session: AbstractContextManager[Any] = self.client.websocket_connect(url)
        return session


class HTTPXAsync(AsyncPeer):
    """An async client with httpx's methods."""

    # As in `HTTPXBlocking`: there is no type to name.
    client: Any

    @abstractmethod
    def new_client(self, app: App) -> Any:
        """Construct the client."""

    async def construct(self, app: App) -> object:
        return self.new_client(app)

    async def open(self, app: App) -> None:
        self.client = self.new_client(app)
        await self.client.__aenter__()

    async def close(self) -> None:
        await self.client.__aexit__(None, None, None)

    async def get(self, url: str) -> Reply:
        response = await self.client.get(url)
        return Reply(response.status_code, response.content)

    async def get_and_read(self, url: str) -> FullReply:
        response = await self.client.get(url)
        media_type = response.headers["content-type"]
        return FullReply(response.status_code, media_type, response.text, response.json())

    async def post_json(self, url: str, payload: object) -> Reply:
        response = await self.client.post(url, json=payload)
        return Reply(response.status_code, response.content)

    async def upload(self, url: str, body: bytes) -> Reply:
        response = await self.client.post(url, content=body)
        return Reply(response.status_code, response.content)

    async def upload_pieces(self, url: str, count: int) -> Reply:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(count):
                yield CHUNK

        response = await self.client.post(url, content=pieces())
        return Reply(response.status_code, response.content)

    async def stream(self, url: str) -> int:
        received_bytes = 0
        async with self.client.stream("GET", url) as response:
            async for chunk in response.aiter_bytes():
                received_bytes += len(chunk)
        return received_bytes

    async def first_chunk(self, url: str) -> float:
        start = now()
        async with self.client.stream("GET", url) as response:
            chunks = response.aiter_bytes()
            await anext(chunks)
            waited = now() - start
            async for _ in chunks:
                pass
        return waited

    def websocket(self, url: str) -> AbstractAsyncContextManager[Any]:
        session: AbstractAsyncContextManager[Any] = self.client.websocket_connect(url)
        return session


class OursThread(HTTPXBlocking):
    """Our blocking client, the app in a background thread."""

    key = "ours-thread"
    title = "ours: TestClient, thread"
    is_ours = True
    distribution = "asgi-testkit"
    modules = ("asgi_testkit",)
    statement = "from asgi_testkit import TestClient"

    def new_client(self, app: App) -> Any:
        return module("asgi_testkit").TestClient(app, driver="thread")


class OursInline(HTTPXBlocking):
    """Our blocking client, the app in the calling thread."""

    key = "ours-inline"
    title = "ours: TestClient, inline"
    is_ours = True
    lacks = "progress of the app between calls"
    distribution = "asgi-testkit"
    modules = ("asgi_testkit",)

    def new_client(self, app: App) -> Any:
        return module("asgi_testkit").TestClient(app, driver="inline")


class OursAsync(HTTPXAsync):
    """Our async client on asyncio."""

    key = "ours-async"
    title = "ours: AsyncTestClient"
    is_ours = True
    distribution = "asgi-testkit"
    modules: ClassVar[tuple[str, ...]] = ("asgi_testkit",)
    statement: ClassVar[str | None] = "from asgi_testkit import AsyncTestClient"

    def new_client(self, app: App) -> Any:
        return module("asgi_testkit").AsyncTestClient(app)


class OursUvloop(OursAsync):
    """Our async client on uvloop."""

    key = "ours-uvloop"
    title = "ours: AsyncTestClient, uvloop"
    modules = ("asgi_testkit", "uvloop")
    statement = None
    only = frozenset({"get", "stream", "gather", "fastapi", "ws_connect", "ws_echo", "ws_push"})

    def new_loop(self) -> asyncio.AbstractEventLoop:
        loop: asyncio.AbstractEventLoop = module("uvloop").new_event_loop()
        return loop


class Starlette(HTTPXBlocking):
    """Starlette's client as its documentation shows it, in `with`."""

    key = "starlette"
    title = "Starlette TestClient"
    distribution = "starlette"
    modules: ClassVar[tuple[str, ...]] = ("starlette", "httpx2")
    statement: ClassVar[str | None] = "from starlette.testclient import TestClient"
    lacks: ClassVar[str] = "checks of what the app sends, time limits"

    def new_client(self, app: App) -> Any:
        return module("starlette.testclient").TestClient(app)


class StarletteBare(Starlette):
    """Starlette's client without `with`: a new loop in a new thread for each call."""

    key = "starlette-bare"
    title = "Starlette TestClient, no with"
    statement = None
    lacks = "lifespan; a new loop in a new thread for each call"
    only = frozenset({"get"})

    def open(self, app: App) -> None:
        self.client = self.new_client(app)

    def close(self) -> None:
        self.client.close()


class StarletteUvloop(Starlette):
    """Starlette's client with its loop from uvloop."""

    key = "starlette-uvloop"
    title = "Starlette TestClient, uvloop"
    modules = ("starlette", "httpx2", "uvloop")
    statement = None
    only = frozenset({"get", "ws_echo"})

    def new_client(self, app: App) -> Any:
        client = module("starlette.testclient").TestClient
        return client(app, backend_options={"use_uvloop": True})


class HTTPX2(HTTPXAsync):
    """httpx2's async client with the transport it brings along."""

    key = "httpx2"
    title = "httpx2 ASGITransport"
    distribution = "httpx2"
    modules = ("httpx2",)
    statement = "from httpx2 import ASGITransport, AsyncClient"
    cannot: ClassVar[Mapping[str, str]] = {
        "start_stop": NO_LIFESPAN,
        "whole_test": NO_LIFESPAN,
        **NO_WEBSOCKET,
    }
    notes: ClassVar[Mapping[str, str]] = {"stream": BUFFERS, "first_chunk": BUFFERS}
    lacks: ClassVar[str] = "lifespan, streaming, WebSocket; the app shares the test's task"

    def new_client(self, app: App) -> Any:
        httpx2 = module("httpx2")
        transport = httpx2.ASGITransport(app=app)
        return httpx2.AsyncClient(transport=transport, base_url=HOST)


class HTTPX(HTTPX2):
    """httpx's async client with the transport it brings along."""

    key = "httpx"
    title = "httpx ASGITransport"
    distribution = "httpx"
    modules = ("httpx",)
    statement = "from httpx import ASGITransport, AsyncClient"

    def new_client(self, app: App) -> Any:
        httpx = module("httpx")
        transport = httpx.ASGITransport(app=app)
        return httpx.AsyncClient(transport=transport, base_url=HOST)


class Litestar(HTTPXBlocking):
    """Litestar's client, which takes any ASGI app."""

    key = "litestar"
    title = "Litestar TestClient"
    distribution = "litestar"
    modules = ("litestar", "httpx")
    statement = "from litestar.testing import TestClient"
    notes: ClassVar[Mapping[str, str]] = {"stream": BUFFERS, "first_chunk": BUFFERS}
    lacks = "streaming, checks, time limits"

    def new_client(self, app: App) -> Any:
        return module("litestar.testing").TestClient(app)


class Lilya(HTTPXBlocking):
    """Lilya's client, which takes any ASGI app."""

    key = "lilya"
    title = "Lilya TestClient"
    distribution = "lilya"
    modules = ("lilya", "httpx2")
    statement = "from lilya.testclient import TestClient"
    notes: ClassVar[Mapping[str, str]] = {"stream": BUFFERS, "first_chunk": BUFFERS}
    lacks = "streaming, checks, time limits"

    def new_client(self, app: App) -> Any:
        return module("lilya.testclient").TestClient(app)


HTTPX_PEERS = (
    OursThread,
    OursInline,
    OursAsync,
    OursUvloop,
    Starlette,
    StarletteBare,
    StarletteUvloop,
    HTTPX2,
    HTTPX,
    Litestar,
    Lilya,
)
