"""The peers with an interface of their own: async-asgi-testclient and asgi-tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from bench.peer import BUFFERS, AsyncPeer, FullReply, Reply, module, now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

    from bench.apps import App

__all__ = ("OTHER_PEERS",)

READ_BYTES = 64 * 1024


class AsyncASGITestClient(AsyncPeer):
    """async-asgi-testclient: the app in a task, an unbounded queue each way."""

    key = "async-asgi-testclient"
    title = "async-asgi-testclient"
    distribution = "async-asgi-testclient"
    modules = ("async_asgi_testclient",)
    statement = "from async_asgi_testclient import TestClient"
    notes: ClassVar[Mapping[str, str]] = {
        "stream": "queue without a limit: the app runs ahead of the reader",
        "ws_connect": "leaves before the app has ended",
    }

    lacks = "checks, time limits on sessions, limits on what is queued"

    # The library has no types.
    client: Any

    async def construct(self, app: App) -> object:
        return module("async_asgi_testclient").TestClient(app)

    async def open(self, app: App) -> None:
        self.client = await self.construct(app)
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
        response = await self.client.post(url, data=body)
        return Reply(response.status_code, response.content)

    async def stream(self, url: str) -> int:
        received_bytes = 0
        response = await self.client.get(url, stream=True)
        async for chunk in response.iter_content(READ_BYTES):
            received_bytes += len(chunk)
        return received_bytes

    async def first_chunk(self, url: str) -> float:
        start = now()
        response = await self.client.get(url, stream=True)
        chunks = response.iter_content(READ_BYTES)
        await anext(chunks)
        waited = now() - start
        async for _ in chunks:
            pass
        return waited

    def websocket(self, url: str) -> AbstractAsyncContextManager[Any]:
        session: AbstractAsyncContextManager[Any] = self.client.websocket_connect(url)
        return session


class ASGITools(AsyncPeer):
    """asgi-tools: the answer is read after the app has returned; waiting means polling each ms."""

    key = "asgi-tools"
    title = "asgi-tools ASGITestClient"
    distribution = "asgi-tools"
    modules = ("asgi_tools",)
    statement = "from asgi_tools.tests import ASGITestClient"
    notes: ClassVar[Mapping[str, str]] = {
        "stream": BUFFERS,
        "first_chunk": BUFFERS,
        "start_stop": "polls for lifespan messages each ms",
        "whole_test": "polls for lifespan messages each ms",
        "ws_connect": "does not wait for the app to accept",
        "ws_echo": "polls for messages each ms",
        "ws_push": "all are there once it has polled",
    }
    cannot: ClassVar[Mapping[str, str]] = {
        "ws_json": "its send_json gives the app a websocket.send"
    }

    lacks = "streaming, checks; answers are read when the app has returned"

    # Its verbs come from `__getattr__`, and its values are declared too loosely to check.
    client: Any
    lifespan: Any

    async def construct(self, app: App) -> object:
        return module("asgi_tools.tests").ASGITestClient(app)

    async def open(self, app: App) -> None:
        self.client = await self.construct(app)
        self.lifespan = self.client.lifespan()
        await self.lifespan.__aenter__()

    async def close(self) -> None:
        await self.lifespan.__aexit__(None, None, None)

    async def get(self, url: str) -> Reply:
        response = await self.client.get(url)
        return Reply(response.status_code, await response.body())

    async def get_and_read(self, url: str) -> FullReply:
        response = await self.client.get(url)
        media_type = response.headers["content-type"]
        text, value = await response.text(), await response.json()
        return FullReply(response.status_code, media_type, text, value)

    async def post_json(self, url: str, payload: object) -> Reply:
        response = await self.client.post(url, json=payload)
        return Reply(response.status_code, await response.body())

    async def upload(self, url: str, body: bytes) -> Reply:
        response = await self.client.post(url, data=body)
        return Reply(response.status_code, await response.body())

    async def stream(self, url: str) -> int:
        received_bytes = 0
        response = await self.client.get(url)
        async for chunk in response.stream():
            received_bytes += len(chunk)
        return received_bytes

    async def first_chunk(self, url: str) -> float:
        start = now()
        response = await self.client.get(url)
        chunks = response.stream()
        await anext(chunks)
        waited = now() - start
        async for _ in chunks:
            pass
        return waited

    def websocket(self, url: str) -> AbstractAsyncContextManager[Any]:
        session: AbstractAsyncContextManager[Any] = self.client.websocket(url)
        return session

    async def echo(self, text: str) -> object:
        await self.session.send(text)
        return await self.session.receive()

    async def ask_and_read(self, count: int) -> list[object]:
        await self.session.send("go")
        receive = self.session.receive
        return [await receive() for _ in range(count)]


OTHER_PEERS = (AsyncASGITestClient, ASGITools)
