"""The tables: slow but living apps, and stalled ones; what is no stall must never be called one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import anyio

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, end, http_app, piece, read_body, start
from tests.apps.websockets import accept
from tests.living.clients import CLIENTS, MORE_CLIENTS, SIGNALLED_CLIENTS, Scenario, waiting
from tests.living.threads import MORE_THREADS, SIGNALS, THREADS
from tests.living.waits import MORE_WAITS, WAITS

__all__ = ("DRIVERS", "LIVING", "MORE_LIVING", "SIGNALLED", "STALLED")

DRIVERS = ("thread", "inline")

LIVING: dict[str, Scenario] = {
    **{name: waiting(wait) for name, wait in {**WAITS, **THREADS}.items()},
    **CLIENTS,
}

MORE_LIVING: dict[str, Scenario] = {
    **{name: waiting(wait) for name, wait in {**MORE_WAITS, **MORE_THREADS}.items()},
    **MORE_CLIENTS,
}
"""What is much like a row of `LIVING`; for long runs."""

SIGNALLED: dict[str, Scenario] = {
    **{name: waiting(wait) for name, wait in SIGNALS.items()},
    **SIGNALLED_CLIENTS,
}
"""What needs the main thread for the app."""

Stall: TypeAlias = Callable[[Receive, Send], Awaitable[object]]


async def _lock(_receive: Receive, _send: Send) -> None:
    lock = asyncio.Lock()
    await lock.acquire()
    await lock.acquire()


async def _semaphore(_receive: Receive, _send: Send) -> None:
    await asyncio.Semaphore(0).acquire()


async def _condition(_receive: Receive, _send: Send) -> None:
    condition = asyncio.Condition()
    async with condition:
        await condition.wait()


async def _full_queue(_receive: Receive, _send: Send) -> None:
    queue: asyncio.Queue[int] = asyncio.Queue(1)
    while True:
        await queue.put(0)


async def _unfinished_queue(_receive: Receive, _send: Send) -> None:
    queue: asyncio.Queue[int] = asyncio.Queue()
    queue.put_nowait(0)
    await queue.join()


async def _channel(_receive: Receive, _send: Send) -> None:
    sending, receiving = anyio.create_memory_object_stream[int]()
    with sending, receiving:
        await receiving.receive()


async def _two_tasks(_receive: Receive, _send: Send) -> None:
    """Let two tasks take two locks in different order."""
    locks = (asyncio.Lock(), asyncio.Lock())

    async def take(first: asyncio.Lock, second: asyncio.Lock) -> None:
        async with first:
            await asyncio.sleep(0)
            async with second:
                pass

    await asyncio.gather(take(*locks), take(*reversed(locks)))


async def _receive_again(receive: Receive, _send: Send) -> None:
    await read_body(receive)
    await receive()


async def _unfinished_response(receive: Receive, send: Send) -> None:
    await start(send)
    await piece(send, b"one")
    await read_body(receive)
    await receive()
    await end(send)


async def _after_a_thread(_receive: Receive, _send: Send) -> None:
    await asyncio.to_thread(int)
    await asyncio.Event().wait()


async def _after_a_worker_of_anyios(_receive: Receive, _send: Send) -> None:
    await anyio.to_thread.run_sync(threading.get_ident)
    await asyncio.Event().wait()


def _stalled(stall: Stall) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await accept(receive, send)
        await stall(receive, send)

    return app


STALLED: dict[str, App] = {
    "lock": _stalled(_lock),
    "event": _stalled(lambda *_: asyncio.Event().wait()),
    "semaphore": _stalled(_semaphore),
    "condition": _stalled(_condition),
    "empty queue": _stalled(lambda *_: asyncio.Queue[int]().get()),
    "full queue": _stalled(_full_queue),
    "unfinished queue": _stalled(_unfinished_queue),
    "future": _stalled(lambda *_: asyncio.get_running_loop().create_future()),
    "channel": _stalled(_channel),
    "two tasks": _stalled(_two_tasks),
    "receive": _stalled(_receive_again),
    "unfinished response": _stalled(_unfinished_response),
    "after a thread": _stalled(_after_a_thread),
    "after a worker of anyio's": _stalled(_after_a_worker_of_anyios),
}
