"""The app of these tests: it waits, streams, and uses what a test made in its own event loop."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ("App",)


class App:
    """An ASGI app that keeps a log of its lifespan and of how its calls ended.

    Attributes:
        log: `"startup"`, `"shutdown"` and the endings, in order.
        before_waiting: called whenever `/wait` or `/stream` is about to wait for the client.
        shared: what a test gives its app: locks, queues and events, by their names.
    """

    def __init__(self) -> None:
        self.log: list[str] = []
        self.before_waiting: Callable[[], object] = list
        self.shared: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        views = {"/": self._greet, "/wait": self._wait, "/stream": self._stream}
        view = views.get(scope["path"], self._use_shared)
        await view(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        for name in ("startup", "shutdown"):
            await receive()
            self.log.append(name)
            await send({"type": f"lifespan.{name}.complete"})

    async def _greet(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, scope["query_string"].decode() or "hello")

    async def _wait(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer never; end when the client is gone."""
        try:
            await self._wait_for_the_end(receive)
        finally:
            self.log.append("ended")

    async def _stream(self, scope: Any, receive: Any, send: Any) -> None:
        """Send a first piece, and no more; end when the client is gone."""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await self._wait_for_the_end(receive)

    async def _wait_for_the_end(self, receive: Any) -> None:
        await receive()
        self.before_waiting()
        self.log.append((await receive())["type"])

    async def _use_shared(self, scope: Any, receive: Any, send: Any) -> None:
        """Let the test through the lock, take from the queue, and set the event."""
        async with self.shared["lock"]:
            taken = await self.shared["queue"].get()
        self.shared["event"].set()
        await answer(send, json.dumps(taken))


def answer(send: Callable[[Any], Awaitable[None]], text: str) -> Awaitable[None]:
    """Send a whole response."""

    async def whole() -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": text.encode()})

    return whole()
