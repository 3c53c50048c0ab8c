"""Apps of several tasks, of which one waits for another."""

from __future__ import annotations

import asyncio

from asgi_testkit.types import Receive, Scope, Send
from tests.hangs.table import row


@row("gets")
async def lock_that_another_task_holds(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    GET / waits for a lock:
      {HERE}
      ... asyncio
    task 'holder' waits for an event to be set:
      {HOLDS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    lock = asyncio.Lock()

    async def hold() -> None:
        async with lock:
            await asyncio.Event().wait()  # HOLDS

    task = asyncio.create_task(hold(), name="holder")
    await asyncio.sleep(0)
    async with lock:  # HERE
        task.cancel()


@row("gets")
async def two_locks_in_opposite_order(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the tasks that it gathers; task 'taker 1' waits for a lock.
    The test waits in {test}.
    GET / waits for the tasks that it gathers:
      {HERE}
    task 'taker 1' waits for a lock:
      {TAKES}
      ... asyncio
    task 'taker 2' waits for a lock:
      {TAKES}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    one, two = asyncio.Lock(), asyncio.Lock()

    async def take(first: asyncio.Lock, second: asyncio.Lock) -> None:
        async with first:
            await asyncio.sleep(0)
            async with second:  # TAKES
                pass

    takers = [
        asyncio.create_task(take(one, two), name="taker 1"),
        asyncio.create_task(take(two, one), name="taker 2"),
    ]
    await asyncio.gather(*takers)  # HERE


@row("gets")
async def task_of_its_own(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the task 'worker'; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for the task 'worker':
      {HERE}
    task 'worker' waits for an event to be set:
      {WORKS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await asyncio.Event().wait()  # WORKS

    await asyncio.create_task(work(), name="worker")  # HERE


@row("gets")
async def task_that_waits_for_another(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the task 'leader'; task 'leader' waits for the task 'worker'.
    The test waits in {test}.
    GET / waits for the task 'leader':
      {HERE}
    task 'leader' waits for the task 'worker':
      {LEADS}
    task 'worker' waits for an item of a queue:
      {WORKS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await asyncio.Queue[int]().get()  # WORKS

    async def lead() -> None:
        await asyncio.create_task(work(), name="worker")  # LEADS

    await asyncio.create_task(lead(), name="leader")  # HERE


@row("gets")
async def task_group(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the tasks of its group; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for the tasks of its group:
      {HERE}
      ... asyncio
    task 'worker' waits for an event to be set:
      {WORKS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await asyncio.Event().wait()  # WORKS

    async with asyncio.TaskGroup() as group:  # HERE
        group.create_task(work(), name="worker")


@row("gets")
async def gathered_tasks(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the tasks that it gathers; task 'one' waits for an event to be set.
    The test waits in {test}.
    GET / waits for the tasks that it gathers:
      {HERE}
    task 'one' waits for an event to be set:
      {WORKS}
      ... asyncio
    task 'two' waits for an event to be set:
      {WORKS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await asyncio.Event().wait()  # WORKS

    tasks = [asyncio.create_task(work(), name=name) for name in ("one", "two")]
    await asyncio.gather(*tasks)  # HERE


@row("gets")
async def waited_tasks(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for tasks; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for tasks:
      {HERE}
      ... asyncio
    task 'worker' waits for an event to be set:
      {WORKS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await asyncio.Event().wait()  # WORKS

    await asyncio.wait([asyncio.create_task(work(), name="worker")])  # HERE


@row("gets")
async def semaphore_of_several_tasks(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a semaphore that nobody releases.
    The test waits in {test}.
    GET / waits for a semaphore:
      {HERE}
      ... asyncio
    task 'query' waits for an event to be set:
      {QUERY}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    connections = asyncio.Semaphore(1)

    async def query() -> None:
        async with connections:
            await asyncio.Event().wait()  # QUERY

    one = asyncio.create_task(query(), name="query")
    await asyncio.sleep(0)
    await connections.acquire()  # HERE
    await one
