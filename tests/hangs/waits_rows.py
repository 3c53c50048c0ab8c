"""Apps that wait for what does not come: locks, queues, tasks, sleeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App
from tests.hangs.table import EVERYWHERE, row, without_lifespan


@row("gets")
async def lock_that_it_holds_itself(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    GET / waits for a lock:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    lock = asyncio.Lock()
    await lock.acquire()
    await lock.acquire()  # HERE


@row("gets")
async def event_that_nobody_sets(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await asyncio.Event().wait()  # HERE


@row("gets", modes=EVERYWHERE)
async def event_of_anyio(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... anyio, asyncio [asyncio]
      ... anyio, trio [trio]
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await anyio.Event().wait()  # HERE


@row("gets")
async def queue_that_stays_empty(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an item that nobody puts into the queue.
    The test waits in {test}.
    GET / waits for an item of a queue:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    queue: asyncio.Queue[int] = asyncio.Queue()
    await queue.get()  # HERE


@row("gets")
async def queue_that_stays_full(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for room in a queue that nobody empties.
    The test waits in {test}.
    GET / waits for room in a queue:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
    await queue.put(1)
    await queue.put(2)  # HERE


@row("gets")
async def queue_that_is_not_worked_off(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a queue that nobody works off.
    The test waits in {test}.
    GET / waits for a queue to be worked off:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    queue: asyncio.Queue[int] = asyncio.Queue()
    await queue.put(1)
    await queue.join()  # HERE


@row("gets")
async def future_without_a_result(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a future that nobody gives a result.
    The test waits in {test}.
    GET / waits for a future:
      {HERE}
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await asyncio.get_running_loop().create_future()  # HERE


@row("gets")
async def condition_that_nobody_notifies_of(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a condition that nobody notifies of.
    The test waits in {test}.
    GET / waits for a condition:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    condition = asyncio.Condition()
    async with condition:
        await condition.wait()  # HERE


@row("gets")
async def barrier_that_nobody_else_comes_to(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits at a barrier that nobody else comes to.
    The test waits in {test}.
    GET / waits for a barrier:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await asyncio.Barrier(2).wait()  # HERE


@row("gets")
async def pool_without_a_free_connection(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a semaphore that nobody releases.
    The test waits in {test}.
    GET / waits for a semaphore:
      {HERE}
      {QUERY}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    connections = asyncio.Semaphore(1)

    async def query() -> None:
        async with connections:  # QUERY
            pass

    async with connections:
        await query()  # HERE


@row("gets", is_provable=False)
async def sleep_of_an_hour(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app sleeps for longer than is allowed.
    The test waits in {test}.
    GET / waits for a sleep of 3600 s:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await asyncio.sleep(3600)  # HERE


@row("gets", is_provable=False)
async def time_limit_of_its_own(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    async with asyncio.timeout(3600):
        await asyncio.Event().wait()  # HERE


@row("gets")
async def generator_of_its_own(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      {PAGES}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def pages() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()  # PAGES

    async for _ in pages():  # HERE
        pass


@row("gets")
async def context_manager_that_does_not_enter(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... contextlib
      {CONNECTS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    @asynccontextmanager
    async def connection() -> AsyncIterator[int]:
        await asyncio.Event().wait()  # CONNECTS
        yield 1

    async with connection():  # HERE
        pass


@row("gets", is_factory=True)
def event_that_the_test_would_set() -> App:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    allowed = asyncio.Event()

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await allowed.wait()  # HERE

    return app
