"""What functions of asyncio, trio and anyio wait for, in words.

Known by the library and the qualified name, so that none of them has to be imported.
"""

from __future__ import annotations

import math
from types import FrameType
from typing import Final

__all__ = ("SLEEP", "THREAD", "words_of")

SLEEP: Final = "a sleep"
"""How the words for a sleep begin."""

THREAD: Final = "a thread"
"""What a task waits for whose work is done by a thread."""

_LOCK: Final = "a lock"
_EVENT: Final = "an event to be set"
_CONDITION: Final = "a condition"
_SEMAPHORE: Final = "a semaphore"
_SUBPROCESS: Final = "a subprocess"
_READ: Final = "a stream to be read"
_GROUP: Final = "the tasks of its group"

_WAITS: Final = {
    ("asyncio", "Barrier.wait"): "a barrier",
    ("asyncio", "Condition.wait"): _CONDITION,
    ("asyncio", "Event.wait"): _EVENT,
    ("asyncio", "Lock.acquire"): _LOCK,
    ("asyncio", "Process.communicate"): _SUBPROCESS,
    ("asyncio", "Process.wait"): _SUBPROCESS,
    ("asyncio", "Queue.get"): "an item of a queue",
    ("asyncio", "Queue.join"): "a queue to be worked off",
    ("asyncio", "Queue.put"): "room in a queue",
    ("asyncio", "Semaphore.acquire"): _SEMAPHORE,
    ("asyncio", "StreamReader.read"): _READ,
    ("asyncio", "StreamReader.readexactly"): _READ,
    ("asyncio", "StreamReader.readline"): _READ,
    ("asyncio", "StreamReader.readuntil"): _READ,
    ("asyncio", "StreamWriter.drain"): "a stream to be written",
    ("asyncio", "TaskGroup.__aexit__"): _GROUP,
    ("asyncio", "to_thread"): THREAD,
    ("asyncio", "wait"): "tasks",
    ("anyio", "CapacityLimiter.acquire_on_behalf_of"): "a capacity limiter",
    ("anyio", "Condition.wait"): _CONDITION,
    ("anyio", "Event.wait"): _EVENT,
    ("anyio", "Lock.acquire"): _LOCK,
    ("anyio", "MemoryObjectReceiveStream.receive"): "an item of a stream",
    ("anyio", "MemoryObjectSendStream.send"): "room in a stream",
    ("anyio", "Process.wait"): _SUBPROCESS,
    ("anyio", "Semaphore.acquire"): _SEMAPHORE,
    ("anyio", "TaskGroup.__aexit__"): _GROUP,
    ("anyio", "run_sync"): THREAD,
    ("anyio", "sleep_forever"): "a sleep for ever",
    ("trio", "CapacityLimiter.acquire"): "a capacity limiter",
    ("trio", "Condition.wait"): _CONDITION,
    ("trio", "Event.wait"): _EVENT,
    ("trio", "_LockImpl.acquire"): _LOCK,
    ("trio", "MemoryReceiveChannel.receive"): "an item of a channel",
    ("trio", "MemorySendChannel.send"): "room in a channel",
    ("trio", "NurseryManager.__aexit__"): "the tasks of its nursery",
    ("trio", "Process.wait"): _SUBPROCESS,
    ("trio", "Semaphore.acquire"): _SEMAPHORE,
    ("trio", "checkpoint"): "its turn",
    ("trio", "sleep_forever"): "a sleep for ever",
    ("trio", "to_thread_run_sync"): THREAD,
}
_DELAYS: Final = {
    ("asyncio", "sleep"): "delay",
    ("anyio", "sleep"): "delay",
    ("trio", "sleep"): "seconds",
}


def words_of(frame: FrameType) -> str:
    """Return what a task waits for that waits in this function; empty: there are no words."""
    library = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    key = library, frame.f_code.co_qualname
    if key in _DELAYS:
        return _sleep_words(frame.f_locals.get(_DELAYS[key]))
    return _WAITS.get(key, "")


def _sleep_words(delay: object) -> str:
    if not isinstance(delay, int | float):
        return SLEEP
    return f"{SLEEP} for ever" if math.isinf(delay) else f"{SLEEP} of {delay:g} s"
