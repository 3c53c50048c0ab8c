"""Slow waits of an app for threads, of every kind that can call back into its event loop.

Each is an `async def` that ends after `seconds` or a few times that; its threads have ended then,
too, or are idle.
"""

from __future__ import annotations

import _thread
import asyncio
import ctypes
import hashlib
import logging
import logging.handlers
import queue
import signal
import subprocess
import threading
import time
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import anyio.from_thread
import anyio.to_thread
from asgiref.sync import sync_to_async

from tests.living.waits import Wait

__all__ = ("MORE_THREADS", "SIGNALS", "THREADS")


def _wake_up() -> tuple[asyncio.Future[None], Future[None]]:
    """Return a future of the loop and one that any thread may set, which sets it."""
    outside: Future[None] = Future()
    return asyncio.wrap_future(outside), outside


async def executor_of_its_own(seconds: float) -> None:
    with ThreadPoolExecutor(1) as pool:
        await asyncio.get_running_loop().run_in_executor(pool, time.sleep, seconds)


async def wrapped_future(seconds: float) -> None:
    with ThreadPoolExecutor(1) as pool:
        await asyncio.wrap_future(pool.submit(time.sleep, seconds))


async def pool_that_has_been_idle(seconds: float) -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        await asyncio.wrap_future(pool.submit(time.sleep, seconds))


async def callback_of_one_pool_in_another(seconds: float) -> None:
    inside, outside = _wake_up()

    def go_on(_: object) -> None:
        second.submit(time.sleep, seconds).add_done_callback(lambda _: outside.set_result(None))

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        first.submit(time.sleep, seconds).add_done_callback(go_on)
        await inside


async def thread_that_calls_back(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def work() -> None:
        time.sleep(seconds)
        loop.call_soon_threadsafe(future.set_result, None)

    thread = threading.Thread(target=work)
    thread.start()
    await future
    thread.join()


async def timer_thread(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    timer = threading.Timer(seconds, loop.call_soon_threadsafe, (event.set,))
    timer.start()
    await event.wait()
    timer.join()


async def thread_that_starts_a_thread(seconds: float) -> None:
    inside, outside = _wake_up()
    second = threading.Timer(seconds, outside.set_result, (None,))
    threading.Timer(seconds, second.start).start()
    await inside


async def abandoned_worker_that_calls_back(seconds: float) -> None:
    """Leave a worker thread of anyio's alone, and wait for what it does in the end."""
    inside, outside = _wake_up()
    begun_inside, begun = _wake_up()

    def work() -> None:
        begun.set_result(None)
        time.sleep(seconds)
        outside.set_result(None)

    with anyio.CancelScope() as scope:
        begun_inside.add_done_callback(lambda _: scope.cancel())
        await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    await inside


async def cancelled_call_whose_worker_calls_back(seconds: float) -> None:
    """Cancel a call of the default executor, and wait for what its thread does in the end."""
    inside, outside = _wake_up()
    begun_inside, begun = _wake_up()

    def work() -> None:
        begun.set_result(None)
        time.sleep(seconds)
        outside.set_result(None)

    task = asyncio.create_task(asyncio.to_thread(work))
    await begun_inside  # a call that has not begun would be dropped
    task.cancel()
    await inside


async def worker_that_calls_the_loop(seconds: float) -> None:
    def work() -> None:
        anyio.from_thread.run(asyncio.sleep, seconds)
        anyio.from_thread.run_sync(event.set)

    event = anyio.Event()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.to_thread.run_sync, work)
        await event.wait()


async def another_loop(seconds: float) -> None:
    inside, outside = _wake_up()

    async def work() -> None:
        await asyncio.sleep(seconds)
        outside.set_result(None)

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    await inside
    thread.join()


async def process_in_a_thread(seconds: float) -> None:
    await asyncio.to_thread(subprocess.run, ["sleep", str(seconds)], check=True)


async def log_listener(seconds: float) -> None:
    """Wait for a log record that a listener's thread handles, slowly."""
    inside, outside = _wake_up()

    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            time.sleep(seconds)
            outside.set_result(None)

    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(records, Slow())  # type: ignore[arg-type]
    listener.start()
    records.put(logging.makeLogRecord({"msg": "slow"}))
    await inside
    listener.stop()


async def finalizer_in_a_thread(seconds: float) -> None:
    """Wait for an object to die, whose last reference a thread lets go."""
    inside, outside = _wake_up()
    last = [threading.Event()]
    weakref.finalize(last[0], outside.set_result, None)
    timer = threading.Timer(seconds, last.clear)
    timer.start()
    await inside
    timer.join()


# -- code that is no Python ---------------------------------------------------------------------


async def thread_in_c_code(seconds: float) -> None:
    usleep = ctypes.CDLL(None).usleep
    inside, outside = _wake_up()
    thread = threading.Thread(target=lambda: (usleep(int(seconds * 1e6)), outside.set_result(None)))
    thread.start()
    await inside
    thread.join()


async def hash_without_the_interpreter_lock(seconds: float) -> None:
    def work() -> None:
        ends_at = time.perf_counter() + seconds
        while time.perf_counter() < ends_at:
            hashlib.pbkdf2_hmac("sha256", b"", b"", 50_000)

    with ThreadPoolExecutor(1) as pool:
        await asyncio.wrap_future(pool.submit(work))


async def thread_of_another_library(seconds: float) -> None:
    """Wait for a thread that a C library has started, and that calls Python in the end."""
    library = ctypes.CDLL(None)
    inside, outside = _wake_up()
    usleep = library.usleep

    @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
    def work(_: object) -> None:
        usleep(int(seconds * 1e6))
        outside.set_result(None)

    thread = ctypes.c_ulong()
    library.pthread_create(ctypes.byref(thread), None, work, None)
    await inside
    library.pthread_join(thread, None)


async def thread_without_a_thread_object(seconds: float) -> None:
    inside, outside = _wake_up()
    ended = _thread.allocate_lock()
    ended.acquire()

    def work() -> None:
        time.sleep(seconds)
        outside.set_result(None)
        ended.release()

    _thread.start_new_thread(work, ())
    await inside
    ended.acquire()


async def cancelled_errand_that_calls_back(seconds: float) -> None:
    """Cancel a call of thread-sensitive code, and wait for what it does in the end."""
    inside, outside = _wake_up()
    begun_inside, begun = _wake_up()

    def work() -> None:
        begun.set_result(None)
        time.sleep(seconds)
        outside.set_result(None)

    task = asyncio.create_task(sync_to_async(work)())
    await begun_inside
    task.cancel()
    await inside


# -- signals: in the main thread only -------------------------------------------------------------


async def signal_of_a_timer(seconds: float) -> None:
    inside, outside = _wake_up()
    before = signal.signal(signal.SIGALRM, lambda *_: outside.set_result(None))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    await inside
    signal.signal(signal.SIGALRM, before)


THREADS: dict[str, Wait] = {
    "thread": lambda seconds: asyncio.to_thread(time.sleep, seconds),
    "pool that has been idle": pool_that_has_been_idle,
    "thread that calls back": thread_that_calls_back,
    "timer thread": timer_thread,
    "anyio worker": lambda seconds: anyio.to_thread.run_sync(partial(time.sleep, seconds)),
    "abandoned anyio worker": abandoned_worker_that_calls_back,
    "cancelled call in a thread": cancelled_call_whose_worker_calls_back,
    "cancelled errand": cancelled_errand_that_calls_back,
    "worker that calls the loop": worker_that_calls_the_loop,
    "finalizer": finalizer_in_a_thread,
    "thread in C code": thread_in_c_code,
    "thread of another library": thread_of_another_library,
    "thread without an object": thread_without_a_thread_object,
}

SIGNALS: dict[str, Wait] = {"signal of a timer": signal_of_a_timer}

MORE_THREADS: dict[str, Wait] = {
    "executor of its own": executor_of_its_own,
    "thread that starts a thread": thread_that_starts_a_thread,
    "another loop": another_loop,
    "process in a thread": process_in_a_thread,
    "two pools": callback_of_one_pool_in_another,
    "wrapped future": wrapped_future,
    "hash": hash_without_the_interpreter_lock,
    "log listener": log_listener,
}
