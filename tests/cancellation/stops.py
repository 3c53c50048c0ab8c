"""An app that is stopped at one chosen suspension: cancelled there, or held until its client left.

Suspensions are counted by a trampoline around the app's coroutine. Every `receive` and `send`
suspends, too, which ours do only where they have to wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

import anyio
import trio
from anyio.lowlevel import checkpoint

from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.raw import App, answer, answer_lifespan

__all__ = ("CANCELLED", "LEFT", "Stop")

CANCELLED, LEFT = "cancelled", "left"


class Stop:
    """One run of an app up to its suspension `at`, and what happens there; 0: nowhere.

    Attributes:
        count: how often the app has been suspended.
        reached: set when the app is there, or has ended before.
    """

    def __init__(self, app: App, *, at: int = 0, how: str = "") -> None:
        self._app = app
        self._at = at
        self._how = how
        self.count = 0
        self.reached = anyio.Event()

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        elif scope["path"] == "/well":
            await answer(send, b"well")
        else:
            await self._run(scope, receive, send)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def paused_receive() -> Message:
            await checkpoint()
            return await receive()

        async def paused_send(message: Message) -> None:
            await checkpoint()
            await send(message)

        exchange = receive.__self__.exchange  # type: ignore[attr-defined]
        call = self._app(scope, paused_receive, paused_send)
        try:
            if trio.lowlevel.in_trio_run():
                with trio.CancelScope() as cancelling:
                    await _Stepped(self, call, exchange, cancelling.cancel)
                if cancelling.cancelled_caught:
                    raise RuntimeError("cancelled")
            else:
                task = asyncio.current_task()
                assert task is not None
                await _Stepped(self, call, exchange, task.cancel)
        finally:
            self.reached.set()

    def arrives(self, cancel: Any) -> bool:
        """Count a suspension; return whether the app is to be held at it."""
        self.count += 1
        if self.count != self._at:
            return False
        self.reached.set()
        if self._how == CANCELLED:
            cancel()
        return self._how == LEFT and not trio.lowlevel.in_trio_run()


class _Stepped:
    """Await a coroutine step by step."""

    def __init__(self, stop: Stop, call: Any, exchange: Any, cancel: Any) -> None:
        self._stop = stop
        self._call = call
        self._exchange = exchange
        self._cancel = cancel

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._call.__await__()
        answered: Any = None
        error: BaseException | None = None
        while True:
            try:
                asked = steps.send(answered) if error is None else steps.throw(error)
            except StopIteration as end:
                return end.value
            answered, error = None, None
            try:
                if self._stop.arrives(self._cancel):
                    yield from self._until_left().__await__()
                answered = yield asked
            except BaseException as thrown:
                error = thrown

    async def _until_left(self) -> None:
        """Wait until the client has gone; a whole response it does not leave but waits for."""
        while not self._exchange.client_is_gone and self._exchange.state_name != "COMPLETE":
            await asyncio.sleep(0)
