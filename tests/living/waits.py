"""Slow waits of an app in its own event loop, its files and its subprocesses.

Each is an `async def` that ends after `seconds`; whatever it has begun has ended then, too.
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

import aiosqlite
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

__all__ = ("MORE_WAITS", "WAITS", "Wait")

Wait: TypeAlias = Callable[[float], Awaitable[object]]


async def future_of_a_timer(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(seconds, future.set_result, None)
    await future


async def time_limit(seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()


async def chain_of_tasks(seconds: float) -> None:
    async def link(left: int) -> None:
        if left:
            await asyncio.create_task(link(left - 1))
        else:
            await asyncio.sleep(seconds)

    await link(20)


async def condition_that_a_task_notifies(seconds: float) -> None:
    condition = asyncio.Condition()

    async def notify() -> None:
        await asyncio.sleep(seconds)
        async with condition:
            condition.notify_all()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(notify())
        async with condition:
            await condition.wait()


async def abandoned_and_forgotten_task(seconds: float) -> None:
    """Wait for an event that a task sets which nothing but the loop knows."""
    event = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(seconds)
        event.set()

    task = asyncio.create_task(work())
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), 0)
    await event.wait()


# -- files and processes ------------------------------------------------------------------------


async def subprocess(seconds: float) -> None:
    process = await asyncio.create_subprocess_exec("sleep", str(seconds))
    await process.wait()


async def pipe_of_a_subprocess(seconds: float) -> None:
    process = await asyncio.create_subprocess_shell(
        f"sleep {seconds}; echo done", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output == b"done\n"


async def pipe_that_a_thread_writes(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    reading, writing = os.pipe()
    is_readable = asyncio.Event()
    loop.add_reader(reading, is_readable.set)
    timer = threading.Timer(seconds, os.write, (writing, b"x"))
    timer.start()
    await is_readable.wait()
    loop.remove_reader(reading)
    timer.join()
    os.close(reading)
    os.close(writing)


async def socket_pair(seconds: float) -> None:
    here, there = socket.socketpair()
    here.setblocking(False)
    timer = threading.Timer(seconds, there.send, (b"x",))
    timer.start()
    assert await asyncio.get_running_loop().sock_recv(here, 1) == b"x"
    timer.join()
    here.close()
    there.close()


async def server_on_loopback(seconds: float) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(b"late")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    assert await reader.read() == b"late"
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


# -- databases ----------------------------------------------------------------------------------

_COUNT = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {})"
    " SELECT count(*) FROM n"
)
_SAMPLE = 50_000


async def query(seconds: float) -> None:
    """Let SQLite count, without the interpreter lock, for about so long."""
    async with aiosqlite.connect(":memory:") as database:
        began = time.perf_counter()
        await database.execute_fetchall(_COUNT.format(_SAMPLE))
        rate = _SAMPLE / (time.perf_counter() - began)
        await database.execute_fetchall(_COUNT.format(int(rate * seconds) + 1))


async def pool_with_one_connection(seconds: float) -> None:
    """Wait for the only connection, which another task lets a slow function of SQL use."""
    engine = create_async_engine(
        "sqlite+aiosqlite:///:memory:",
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
    )

    async def use(statement: str) -> None:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.create_function("wait", 1, time.sleep)
            await connection.execute(text(statement))

    await asyncio.gather(use(f"SELECT wait({seconds})"), use("SELECT 1"))
    await engine.dispose()


async def many_short_sleeps(seconds: float) -> None:
    ends_at = time.perf_counter() + seconds
    while time.perf_counter() < ends_at:
        await asyncio.sleep(0.01)


WAITS: dict[str, Wait] = {
    "sleep": asyncio.sleep,
    "timer": future_of_a_timer,
    "subprocess": subprocess,
    "pipe of a subprocess": pipe_of_a_subprocess,
    "server on loopback": server_on_loopback,
    "query": query,
    "pool with one connection": pool_with_one_connection,
}

MORE_WAITS: dict[str, Wait] = {
    "many short sleeps": many_short_sleeps,
    "condition": condition_that_a_task_notifies,
    "chain of tasks": chain_of_tasks,
    "pipe that a thread writes": pipe_that_a_thread_writes,
    "time limit": time_limit,
    "shielded task": abandoned_and_forgotten_task,
    "socket pair": socket_pair,
}
