"""Leftovers: tasks that an app has created and that go on when its client is left."""

from __future__ import annotations

import asyncio
import warnings
from typing import Final

from asgi_testkit.drive.parked import ParkedLoop
from asgi_testkit.errors import ASGITaskLeakWarning

__all__ = ("cancel_leftovers",)

_PATIENCE_SECONDS: Final = 1.0


async def cancel_leftovers(*keep: asyncio.Task[None] | None) -> bool:
    """Cancel all tasks of this loop but `keep`; return whether the loop is clean after it.

    A loop is clean when no task and no registered file is left.
    """
    spared = {asyncio.current_task(), *keep}
    tasks = {task for task in asyncio.all_tasks() if task not in spared}
    for task in tasks:
        task.cancel()
    if tasks:
        _, deaf = await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)
        for task in deaf:
            warnings.warn(_leak_text(task), ASGITaskLeakWarning, stacklevel=2)
        if deaf:
            return False
    loop = asyncio.get_running_loop()
    return not (isinstance(loop, ParkedLoop) and loop.watches_files)


def _leak_text(task: asyncio.Task[object]) -> str:
    return (
        f"A task of the app went on after it was cancelled: {task.get_name()}, {task.get_coro()!r}."
        " Its event loop is not used again."
    )
