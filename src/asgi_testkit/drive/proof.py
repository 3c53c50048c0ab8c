"""Proof of a stall: that nothing can ever happen in a loop any more, though nobody's time is up.

Asked by a loop of ours that is at rest (no timer, no socket, nothing to run) while callers wait for
it: then only another thread could wake it. What is not certain is no proof.
"""

from __future__ import annotations

import inspect
import signal
import sys
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

from asgi_testkit.drive.stacks import Place, Stack, stacks
from asgi_testkit.drive.standing import RECEIVE, THREAD, Standing
from asgi_testkit.settings import SETTINGS

__all__ = ("RESTING", "is_stalled")

RESTING: Final = "_rest"
"""The name of the functions of this package in which a thread sleeps until it is woken."""

_FOLDER: Final = Path(__file__).parent

_ANYIO_WORKER_RESTS: Final = (
    ("threading.py", "wait"),
    ("queue.py", "get"),
    ("_asyncio.py", "run"),
    ("threading.py", "_bootstrap_inner"),
    ("threading.py", "_bootstrap"),
)


def is_stalled(standings: Collection[Standing], waiting: Collection[int]) -> bool:
    """Return whether nothing can wake a loop at rest, which calls this.

    Args:
        standings: of all tasks in the loop but ours.
        waiting: the idents of the threads whose callers wait for this loop; the loop's own among
            them.
    """
    waits = {standing.waits_for for standing in standings}
    if _has_alarm() or THREAD in waits:
        return False
    if waits != {RECEIVE} and _has_foreign_threads():
        return False
    return _rests_everywhere(waiting)


def _has_alarm() -> bool:
    """Return whether a timer of the process is about to ring, such as a test's time limit."""
    return hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0)


def _has_foreign_threads() -> bool:
    """Return whether there are threads that Python does not know, or that cannot be known."""
    folder = Path("/proc/self/task")
    if not folder.exists():
        return True
    known = {thread.native_id for thread in threading.enumerate()} | SETTINGS.quiet_threads
    return any(int(task.name) not in known for task in folder.iterdir())


def _rests_everywhere(waiting: Collection[int]) -> bool:
    """Return whether every thread waits for this loop, or rests until somebody gives it work."""
    seen = {stack.thread_id: stack for stack in stacks()}
    for thread in threading.enumerate():
        if thread.ident in waiting:
            continue
        stack = seen.get(thread.ident or 0)
        if stack is None or not _rests(stack):
            return False
    return True


def _rests(stack: Stack) -> bool:
    innermost = next(iter(stack.places), None)
    if innermost is None:
        return False
    if Path(innermost.file).parent == _FOLDER and innermost.function == RESTING:
        return True
    return _is_idle_pool_worker(innermost) or _calls(stack) == _ANYIO_WORKER_RESTS


def _calls(stack: Stack) -> tuple[tuple[str, str], ...]:
    return tuple((Path(place.file).name, place.function) for place in stack.places)


def _is_idle_pool_worker(innermost: Place) -> bool:
    return (innermost.file, innermost.line) in _idle_lines()


@cache
def _idle_lines() -> frozenset[tuple[str, int]]:
    """Return the lines at which a worker of a thread pool waits for work, by its source."""
    module = sys.modules[ThreadPoolExecutor.__module__]
    return frozenset(
        (str(module.__file__), line) for line in _lines_with(inspect.getsource(module))
    )


def _lines_with(source: str, wanted: str = "work_queue.get(block=True)") -> Iterator[int]:
    for number, line in enumerate(source.splitlines(), start=1):
        if wanted in line:
            yield number
