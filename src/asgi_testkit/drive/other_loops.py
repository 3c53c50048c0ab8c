"""The note on an exception that tells of another event loop: the two loops, and the remedy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Final, cast

__all__ = ("note_other_loop",)

_TELLTALES: Final = ("attached to a different loop", "bound to a different event loop")

_REMEDY: Final = (
    "Make such objects inside the app (in its lifespan, or where they are used), or use an"
    " AsyncTestClient: it runs the app in the test's own loop.\n"
    "With async fixtures give fixture and test the same loop (pytest-asyncio: loop_scope=...)."
)


def note_other_loop(exception: BaseException) -> None:
    """Note both loops on asyncio's error about an object that belongs to another one.

    Called in the app's loop, where it was raised.
    """
    if not isinstance(exception, RuntimeError) or not _tells(str(exception)):
        return
    here = asyncio.get_running_loop()
    other = next(_loops_of_locals(exception, but=here), None)
    named = "another, in which it was made or first waited for" if other is None else repr(other)
    exception.add_note(
        f"The app runs in {here!r}, in thread {threading.current_thread().name!r}; what it has used"
        f" belongs to {named}.\n{_REMEDY}"
    )


def _tells(text: str) -> bool:
    return any(telltale in text for telltale in _TELLTALES)


def _loops_of_locals(
    exception: BaseException, *, but: asyncio.AbstractEventLoop
) -> Iterator[asyncio.AbstractEventLoop]:
    """Yield the loops of futures and tasks that the frames of an exception hold."""
    trace = exception.__traceback__
    while trace is not None:
        for value in tuple(trace.tb_frame.f_locals.values()):
            if isinstance(value, asyncio.Future):
                loop = cast("asyncio.Future[object]", value).get_loop()
                if loop is not but:
                    yield loop
        trace = trace.tb_next
