"""The runtime on asyncio loops, uvloop's among them.

Called in the loop's own thread only. Nothing here knows what an app is.
"""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Callable, Generator, Iterable
from contextvars import Context
from functools import partial
from typing import Any

from asgi_testkit.drive.offspring import offspring_of
from asgi_testkit.drive.runtime import Run, Wakeup
from asgi_testkit.drive.views import TaskView

__all__ = ("AsyncioRuntime", "task_views")

_MANY_WAITERS = 8  # of which most have been cancelled

_HAS_EAGER_TASKS = sys.version_info >= (3, 12)


class _AsyncioWakeup:
    """One timer serves many waits: it is set anew only where it would ring too late."""

    __slots__ = ("_create_future", "_loop", "_timer", "_waiters")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._create_future: Callable[[], asyncio.Future[None]] = loop.create_future
        if type(loop).create_future is asyncio.BaseEventLoop.create_future:
            self._create_future = partial(asyncio.Future, loop=loop)  # the same, without a call
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: list[asyncio.Future[None]] = []

    def wake(self) -> None:
        waiters = self._waiters
        if not waiters:
            return
        self._waiters = []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def wait(self, seconds: float | None = None) -> asyncio.Future[None]:
        waiter = self._create_future()
        if self._waiters and len(self._waiters) > _MANY_WAITERS:
            self._waiters = [other for other in self._waiters if not other.done()]
        self._waiters.append(waiter)
        if seconds is not None:
            self._set_timer(self._loop.time() + seconds)
        return waiter

    def rest(self) -> None:
        if self._timer is not None and all(waiter.done() for waiter in self._waiters):
            self._timer.cancel()
            self._timer = None

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self.wake()


class _AsyncioTask:
    __slots__ = ("_loop", "_on_end", "_task", "_timer", "ran_out_of_grace")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        task: asyncio.Task[None],
        on_end: Callable[[object], object] | None,
    ) -> None:
        self._loop = loop
        self._task = task
        self._on_end = on_end
        self._timer: asyncio.TimerHandle | None = None
        self.ran_out_of_grace = False

    def note_begun(self) -> None:
        if self._on_end is not None:
            self._task.remove_done_callback(self._on_end)
            self._on_end = None  # which may hold this one

    def cancel(self) -> None:
        self._task.cancel()

    def cancel_after(self, seconds: float) -> None:
        if seconds:  # most apps end in their next step, before a timer is set
            self._loop.call_soon(self._set_timer, seconds)
        else:
            self._set_timer(seconds)

    def _set_timer(self, seconds: float) -> None:
        if not self._task.done() and self._timer is None:
            timer = self._timer = self._loop.call_later(seconds, self._cancel_late)
            self._task.add_done_callback(lambda _: timer.cancel())

    def note_told(self) -> None:
        if (offspring := offspring_of(self._loop)) is not None:
            offspring.note_told(self._task)

    def _cancel_late(self) -> None:
        self.ran_out_of_grace = self._task.cancel()


@types.coroutine
def _bare_yield() -> Generator[None]:
    """Give the loop one step and nothing more."""
    yield


class AsyncioRuntime:
    """See `Runtime`."""

    __slots__ = ("identity", "loop", "running", "soon")

    name = "asyncio"
    must_propagate: tuple[type[BaseException], ...] = ()

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        soon: Callable[[Callable[[], object]], object] | None = None,
    ) -> None:
        """Begin.

        Args:
            loop: the loop.
            soon: a quicker way than the loop's own to call something in its next step.
        """
        self.soon = loop.call_soon if soon is None else soon
        self.loop = loop
        self.identity: object = loop
        self.running: set[object] = set()

    def wakeup(self) -> Wakeup:
        """Return a new condition."""
        return _AsyncioWakeup(self.loop)

    def spawn(self, run: Run, context: Context, on_end: Callable[[object], object]) -> _AsyncioTask:
        """Start `run()` as a task of its own, on 3.12 up to its first suspension at once.

        The loop's task factory is passed over: it notes what the app creates.
        """
        loop = self.loop
        task: asyncio.Task[None]
        if _HAS_EAGER_TASKS and loop.is_running():
            # typeshed types `eager_start` for 3.12 only, and this package is checked as 3.11
            eager: dict[str, Any] = {"eager_start": True}
            task = asyncio.Task(run(), loop=loop, context=context, **eager)
            return _AsyncioTask(loop, task, None)
        task = asyncio.Task(run(), loop=loop, context=context)
        task.add_done_callback(on_end)
        return _AsyncioTask(loop, task, on_end)

    def is_here(self) -> bool:
        """Return whether the caller is in this loop."""
        try:
            return asyncio.get_running_loop() is self.loop
        except RuntimeError:
            return False

    def tasks(self) -> Iterable[TaskView]:
        """Return the loop's tasks, but for the one that asks; from any thread."""
        here = asyncio.current_task(self.loop) if self.is_here() else None
        return task_views(self.loop, but=here)

    async def let_run(self) -> None:
        """Let a spawned task take its first step, where `spawn` has not."""
        if not _HAS_EAGER_TASKS:
            await _bare_yield()

    checkpoint = staticmethod(_bare_yield)


def task_views(
    loop: asyncio.AbstractEventLoop, *, but: asyncio.Task[Any] | None = None
) -> list[TaskView]:
    """Return the tasks of a loop that are not done, in the order of their names."""
    tasks = (task for task in asyncio.all_tasks(loop) if task is not but)
    return sorted((TaskView(task.get_name(), task.get_coro()) for task in tasks), key=_by_name)


def _by_name(view: TaskView) -> tuple[int, str]:
    return len(view.name), view.name
