"""The peers that only speak WebSocket: httpx2's own transport for it, and httpx-ws.

Both open anyio task groups, which must be left in the task that entered them, while each act of
the benchmark is a task of its own; so a task per peer holds them open (see `HeldOpen`).
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from bench.peer import HOST, WEBSOCKET_SCENARIOS, AsyncPeer, module

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bench.apps import App

__all__ = ("WEBSOCKET_PEERS",)


class HeldOpen:
    """An async context manager that one task enters, holds open and leaves."""

    def __init__(self, manager: AbstractAsyncContextManager[Any]) -> None:
        self.manager = manager
        self.entered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.may_leave = asyncio.Event()
        self.task: asyncio.Task[None]

    async def enter(self) -> Any:
        """Return what the manager gives."""
        self.task = asyncio.create_task(self.hold())
        await asyncio.wait((self.task, self.entered), return_when=asyncio.FIRST_COMPLETED)
        if not self.entered.done():
            # It failed to enter, and this raises why.
            await self.task
        return self.entered.result()

    async def hold(self) -> None:
        """Enter, wait, leave."""
        async with self.manager as value:
            self.entered.set_result(value)
            await self.may_leave.wait()

    async def leave(self) -> None:
        """Leave the manager and wait until it is left."""
        self.may_leave.set()
        await self.task


class AnyioPeer(AsyncPeer):
    """A client with a WebSocket transport made of anyio task groups."""

    only = frozenset(WEBSOCKET_SCENARIOS)

    # httpx2's or httpx's client, imported late.
    client: Any
    held: HeldOpen

    @abstractmethod
    def new_client(self, app: App) -> Any:
        """Construct the client with its transport."""

    async def open(self, app: App) -> None:
        self.held = HeldOpen(self.new_client(app))
        self.client = await self.held.enter()

    async def close(self) -> None:
        await self.held.leave()

    async def open_session(self, url: str) -> None:
        self.opened = HeldOpen(self.websocket(url))
        self.session = await self.opened.enter()

    async def close_session(self) -> None:
        await self.opened.leave()


class HTTPX2WebSocket(AnyioPeer):
    """httpx2's client with its WebSocket transport, which needs wsproto."""

    key = "httpx2-ws"
    title = "httpx2 ASGIWebSocketTransport"
    distribution = "httpx2"
    modules = ("httpx2", "wsproto")
    lacks = "lifespan"

    def new_client(self, app: App) -> Any:
        transport = module("httpx2.websockets").ASGIWebSocketTransport(app=app)
        return module("httpx2").AsyncClient(transport=transport, base_url=HOST)

    def websocket(self, url: str) -> AbstractAsyncContextManager[Any]:
        session: AbstractAsyncContextManager[Any] = self.client.websocket(HOST + url)
        return session


class HTTPXWS(AnyioPeer):
    """httpx's client with the transport of httpx-ws."""

    key = "httpx-ws"
    title = "httpx-ws ASGIWebSocketTransport"
    distribution = "httpx-ws"
    modules = ("httpx", "httpx_ws")
    lacks = "lifespan"

    def new_client(self, app: App) -> Any:
        transport = module("httpx_ws.transport").ASGIWebSocketTransport(app=app)
        return module("httpx").AsyncClient(transport=transport, base_url=HOST)

    def websocket(self, url: str) -> AbstractAsyncContextManager[Any]:
        connect = module("httpx_ws").aconnect_ws
        session: AbstractAsyncContextManager[Any] = connect(HOST + url, self.client)
        return session


WEBSOCKET_PEERS = (HTTPX2WebSocket, HTTPXWS)
