"""Proof of a stall: that nothing can ever happen in a loop any more, though nobody's time is up.

Asked by a loop of ours that is at rest (no timer, no socket, nothing to run) while callers wait for
it: then only another thread could wake it. What is not certain is no proof.
"""

from __future__ import annotations

import linecache
import signal
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from asgi_testkit.drive import threads
from asgi_testkit.drive.places import Place
from asgi_testkit.drive.stacks import Stack, stacks
from asgi_testkit.drive.standing import Standing
from asgi_testkit.drive.threads import QuietableThread
from asgi_testkit.drive.words import THREAD
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
_WORKERS_REST: Final = {  # in these lines of these functions
    ("thread.py", "_worker"): "work_queue.get(block=True)",
    ("_thread_cache.py", "_work"): "_worker_lock.acquire(",
}
_NO_HANDLERS: Final = (None, signal.SIG_DFL, signal.SIG_IGN)


def is_stalled(standings: Collection[Standing], waiting: Collection[int]) -> bool:
    """Return whether nothing can wake a loop at rest, which calls this.

    Args:
        standings: of all tasks in the loop but ours.
        waiting: the idents of the threads whose callers wait for this loop; the loop's own among
            them.
    """
    if _may_be_signalled() or any(standing.waits_for == THREAD for standing in standings):
        return False
    return not _has_foreign_threads() and _rests_everywhere(waiting)


def _may_be_signalled() -> bool:
    """Return whether a signal may come that Python code waits for, such as a timer's or a child's.

    Ctrl-C is none: whoever presses it wants to know where the test stands.
    """
    if hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0):
        return True
    handlers = map(signal.getsignal, signal.valid_signals() - {signal.SIGINT})
    return any(handler not in _NO_HANDLERS for handler in handlers)


def _has_foreign_threads() -> bool:
    """Return whether there are threads that Python does not know, or that cannot be known."""
    folder = Path("/proc/self/task")
    if not folder.exists():
        return True
    known = {thread.native_id for thread in threading.enumerate()} | SETTINGS.quiet_threads
    return any(int(task.name) not in known for task in folder.iterdir())


def _rests_everywhere(waiting: Collection[int]) -> bool:
    """Return whether every thread waits for this loop, or rests until somebody gives it work."""
    here = threading.get_ident()
    others = [each for each in threading.enumerate() if each.ident != here and not _is_gone(each)]
    seen = {stack.thread_id: stack for stack in stacks()}
    return all(_sleeps(thread) and _rests(thread, seen, waiting) for thread in others)


def _is_gone(thread: threading.Thread) -> bool:
    """Return whether only Python's entry is left, of a thread that another library had started."""
    return thread.native_id is not None and not _task(thread).exists()


def _sleeps(thread: threading.Thread) -> bool:
    """Return whether the system has a thread asleep: one that was woken and not run is not."""
    stat = (_task(thread) / "stat").read_text(encoding="ascii")
    return stat.rpartition(")")[2].split()[0] == "S"


def _task(thread: threading.Thread) -> Path:
    """Return the folder in which the system tells of a thread."""
    return Path(f"/proc/self/task/{thread.native_id}")


def _rests(thread: threading.Thread, seen: Mapping[int, Stack], waiting: Collection[int]) -> bool:
    if thread.ident in waiting or (isinstance(thread, QuietableThread) and thread.is_quiet()):
        return True
    stack = seen.get(thread.ident or 0)
    if stack is None or not stack.places:
        return False
    if _is_at_rest(stack) or _calls(stack) == _ANYIO_WORKER_RESTS:
        return True
    return _is_idle_worker(stack.places[0])


def _is_at_rest(stack: Stack) -> bool:
    """Return whether it is a thread of ours that sleeps until its bell rings."""
    outside = (place for place in stack.places if place.file != threads.__file__)
    innermost = next(outside, None)
    if innermost is None or Path(innermost.file).parent != _FOLDER:
        return False
    return innermost.function == RESTING


def _calls(stack: Stack) -> tuple[tuple[str, str], ...]:
    return tuple((Path(place.file).name, place.function) for place in stack.places)


def _is_idle_worker(innermost: Place) -> bool:
    """Return whether it is a worker of a pool that waits for work, by the line it stands at."""
    wanted = _WORKERS_REST.get((Path(innermost.file).name, innermost.function))
    return wanted is not None and wanted in linecache.getline(innermost.file, innermost.line)
