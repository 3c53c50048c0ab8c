"""The peers with requests' interface.

One of them has no app: a session whose adapter does nothing but answer, for what requests costs.
"""

from __future__ import annotations

import io
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from bench.apps import GREETING
from bench.peer import BUFFERS, HOST, AsyncPeer, BlockingPeer, FullReply, Reply, module, now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from bench.apps import App

__all__ = ("REQUESTS_PEERS",)

HEADERS = {"content-type": "application/json", "content-length": str(len(GREETING))}


class RequestsBlocking(BlockingPeer):
    """A blocking client with requests' methods."""

    # None: pieces as they come.
    piece_bytes: ClassVar[int | None] = None

    # Imported late, as every client: there is no type to name.
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
        response = self.client.post(url, data=body)
        return Reply(response.status_code, response.content)

    def stream(self, url: str) -> int:
        with self.client.get(url, stream=True) as response:
            return sum(map(len, response.iter_content(self.piece_bytes)))

    def first_chunk(self, url: str) -> float:
        start = now()
        with self.client.get(url, stream=True) as response:
            chunks = response.iter_content(self.piece_bytes)
            next(chunks)
            waited = now() - start
            for _ in chunks:
                pass
        return waited

    def websocket(self, url: str) -> AbstractContextManager[Any]:
        session: AbstractContextManager[Any] = self.client.websocket_connect(url)
        return session


class OursRequests(RequestsBlocking):
    """Our client of requests, the app in a background thread."""

    key = "ours-requests"
    title = "ours: requests, thread"
    distribution = "requests"
    modules: ClassVar[tuple[str, ...]] = ("asgi_testkit", "requests")
    statement: ClassVar[str | None] = "from asgi_testkit.requests import TestClient"
    is_ours: ClassVar[bool] = True
    driver = "thread"

    def new_client(self, app: App) -> Any:
        return module("asgi_testkit.requests").TestClient(app, driver=self.driver)


class OursRequestsInline(OursRequests):
    """Our client of requests, the app in the calling thread."""

    key = "ours-requests-inline"
    title = "ours: requests, inline"
    statement = None
    driver = "inline"
    only = frozenset({"get"})


class OursRequestsAdapter(OursRequests):
    """Our adapter, mounted on a session of requests' own as the one that does nothing is."""

    key = "ours-requests-adapter"
    title = "ours: requests, adapter"
    statement = None
    only = frozenset({"get"})

    def open(self, app: App) -> None:
        adapter = module("asgi_testkit.requests").ASGIAdapter(app, driver=self.driver)
        self.client = session_over(adapter)

    def close(self) -> None:
        self.client.close()

    def get(self, url: str) -> Reply:
        response = self.client.get(f"{HOST}{url}")
        return Reply(response.status_code, response.content)


class RequestsNoop(OursRequestsAdapter):
    """requests' session with an adapter that does nothing but answer: what requests costs alone.

    As ours it reads nothing from the environment, which would cost as much again.
    """

    key = "requests-noop"
    title = "requests, no app at all"
    lacks = "the app: it is what requests costs alone"
    is_client = False
    is_ours = False

    def open(self, app: App) -> None:
        self.client = session_over(noop_adapter())


def session_over(adapter: Any) -> Any:
    """Return a session that sends by an adapter, and reads nothing from the environment."""
    session = module("requests").Session()
    session.trust_env = False
    session.mount("http://", adapter)
    return session


def noop_adapter() -> Any:
    """Return an adapter that gives the greeting back, as requests builds responses."""
    urllib3 = module("urllib3")

    class Noop(module("requests.adapters").HTTPAdapter):  # type: ignore[misc]  # imported late
        def send(self, request: Any, **options: Any) -> Any:
            body = io.BytesIO(GREETING)
            raw = urllib3.HTTPResponse(body, HEADERS, 200, preload_content=False)
            return self.build_response(request, raw)

    return Noop()


class StarletteRequests(RequestsBlocking):
    """starlette-testclient: Starlette's client as it was when it stood on requests."""

    key = "starlette-requests"
    title = "starlette-testclient (requests)"
    # Its body has no end for a reader that takes pieces as they come.
    piece_bytes = 64 * 1024
    distribution = "starlette-testclient"
    modules = ("starlette_testclient",)
    statement = "from starlette_testclient import TestClient"
    notes: ClassVar[Mapping[str, str]] = dict.fromkeys(("stream", "first_chunk"), BUFFERS)
    lacks = "streaming, checks, time limits"

    def new_client(self, app: App) -> Any:
        return module("starlette_testclient").TestClient(app)


class Niquests(AsyncPeer):
    """niquests' async session over an app; its wheel replaces urllib3, so it is not installed."""

    key = "niquests"
    title = "niquests AsyncSession"
    distribution = "niquests"
    modules = ("niquests",)
    lacks = "lifespan that can be left, WebSocket"
    only = frozenset({"get", "get_read", "get_new_url", "post_json", "gather", "fastapi"})

    # Imported late: there is no type to name.
    client: Any

    async def open(self, app: App) -> None:
        self.client = module("niquests").AsyncSession(app=app)
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


REQUESTS_PEERS = (
    OursRequests,
    OursRequestsInline,
    OursRequestsAdapter,
    RequestsNoop,
    StarletteRequests,
    Niquests,
)
