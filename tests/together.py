"""Running parts of one test at once: in threads for blocking clients, in tasks for async ones."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import anyio

from tests.modes import OpenClient, run_in_mode

__all__ = ("together",)


async def together(
    open_client: OpenClient, *parts: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Run all parts at once and wait for their end."""
    if not open_client.is_blocking:
        async with anyio.create_task_group() as tasks:
            for part in parts:
                tasks.start_soon(part)
        return
    with ThreadPoolExecutor(len(parts)) as threads:
        runs = [threads.submit(partial(run_in_mode, open_client.mode, part)) for part in parts]
    for run in runs:
        run.result()
