"""What asyncio's functions wait for, in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from types import CodeType, FrameType
from typing import Any, Final

from asgi_testkit.drive.views import Words

__all__ = ("asyncio_words",)

_Queue: type[asyncio.Queue[object]] = asyncio.Queue

_WAITS: Final[Mapping[Any, str]] = {  # functions, which have no common type with `__code__`
    asyncio.Barrier.wait: "a barrier",
    asyncio.Condition.wait: "a condition",
    asyncio.Event.wait: "an event to be set",
    asyncio.Lock.acquire: "a lock",
    _Queue.get: "an item of a queue",
    _Queue.join: "a queue to be worked off",
    _Queue.put: "room in a queue",
    asyncio.Semaphore.acquire: "a semaphore",
    asyncio.StreamReader.read: "a stream to be read",
    asyncio.StreamReader.readexactly: "a stream to be read",
    asyncio.StreamReader.readuntil: "a stream to be read",
    asyncio.StreamWriter.drain: "a stream to be written",
    asyncio.TaskGroup.__aexit__: "the tasks of its group",
    asyncio.subprocess.Process.communicate: "a subprocess",
    asyncio.subprocess.Process.wait: "a subprocess",
    asyncio.to_thread: "a thread",
    asyncio.wait: "tasks",
}


@cache
def asyncio_words() -> Words:
    """Return what to say of a task that waits in a function of asyncio's, by its code."""
    table: dict[CodeType, Callable[[FrameType], str]] = {asyncio.sleep.__code__: _sleep_words}
    for function, text in _WAITS.items():
        table[function.__code__] = _always(text)
    return table


def _always(text: str) -> Callable[[FrameType], str]:
    return lambda _: text


def _sleep_words(frame: FrameType) -> str:
    delay = frame.f_locals.get("delay")
    return f"a sleep of {delay:g} s" if isinstance(delay, int | float) else "a sleep"
