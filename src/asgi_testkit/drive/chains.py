"""Chains of awaits: what a coroutine or async generator awaits, and that in its turn, to the last.

Read by public attributes, from any thread; nothing is changed or awaited.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from types import FrameType
from typing import Final, cast

__all__ = ("links_of",)

_CHAINED: Final = ("cr_await", "gi_yieldfrom", "ag_await")
_FRAMES: Final = ("cr_frame", "gi_frame", "ag_frame")
_LONGEST: Final = 500


def links_of(awaitable: object) -> Iterator[FrameType | asyncio.Future[object]]:
    """Yield the frames of a chain, the outermost first, and the future at its end if it has one."""
    current = awaitable
    for _ in range(_LONGEST):
        if isinstance(current, asyncio.Future):
            yield cast("asyncio.Future[object]", current)
            return
        if (frame := _frame_of(current)) is not None:
            yield frame
        if (current := _next_of(current)) is None:
            return


def _frame_of(awaitable: object) -> FrameType | None:
    for name in _FRAMES:
        frame = getattr(awaitable, name, None)
        if isinstance(frame, FrameType):
            return frame
    return None


def _next_of(awaitable: object) -> object:
    """Return what an awaitable waits for; `None`: it is the last, or not known.

    The objects that `anext()` and `__await__` make do not tell what they stand for; the collector
    knows what they refer to.
    """
    for name in _CHAINED:
        if hasattr(awaitable, name):
            return getattr(awaitable, name)
    for referent in gc.get_referents(awaitable):
        if isinstance(referent, asyncio.Future) or _frame_of(referent) is not None:
            return cast("object", referent)
    return None
