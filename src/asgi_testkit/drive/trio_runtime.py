"""The runtime on trio, and a thread that runs trio: the only module that imports trio.

Trio is an extra; this module is imported where it was chosen or already runs.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from contextvars import Context
from typing import Any

import trio

from asgi_testkit.drive.caller_warnings import warn_caller
from asgi_testkit.drive.leftovers import Settled
from asgi_testkit.drive.offspring import Offspring
from asgi_testkit.drive.parked import Suspect
from asgi_testkit.drive.runtime import Run, Wakeup
from asgi_testkit.drive.threads import QuietableThread
from asgi_testkit.drive.views import TaskView
from asgi_testkit.errors import ASGITaskLeakWarning, UsageValueError

__all__ = ("TrioLoopThread", "TrioRuntime")


_PATIENCE_SECONDS = 5.0  # for tasks of the app that shield themselves from their cancellation

_DEAF = (
    "A task of the app in trio goes on after it was cancelled, so its thread cannot be ended.\n"
    "Look for CancelScope(shield=True) around something that does not return."
)


class _TrioWakeup:
    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = trio.Event()

    def wake(self) -> None:
        self._event.set()
        self._event = trio.Event()

    async def wait(self, seconds: float | None = None) -> None:
        with trio.move_on_after(math.inf if seconds is None else max(seconds, 0.0)):
            await self._event.wait()

    def rest(self) -> None:
        """Do nothing: each wait has a time of its own."""


class _TrioTask:
    """A system task; its cancel scope is the only one around it."""

    __slots__ = ("_scope",)

    def __init__(self, run: Run, context: Context) -> None:
        self._scope = trio.CancelScope()
        name = getattr(_call_of(run), "title", "a call of the app")
        trio.lowlevel.spawn_system_task(self._main, run, name=name, context=context)

    @trio.lowlevel.disable_ki_protection
    async def _main(self, run: Run) -> None:
        with self._scope:
            await run()

    @property
    def ran_out_of_grace(self) -> bool:
        if self._scope.deadline == math.inf:
            return False
        try:
            return self._scope.cancel_called
        except RuntimeError:  # of a scope that is not cancelled trio asks its clock, in its thread
            return False

    def cancel(self) -> None:
        self._scope.cancel()

    def cancel_after(self, seconds: float) -> None:
        if self._scope.deadline == math.inf:
            self._scope.deadline = trio.current_time() + seconds

    def note_begun(self) -> None:
        """Do nothing: a task of trio begins before it can be cancelled."""

    def note_told(self) -> None:
        """Do nothing: what trio's run does not end is told of as a thread that does not end."""


class TrioRuntime:
    """See `Runtime`."""

    __slots__ = ("_root", "identity", "running")

    name = "trio"
    must_propagate: tuple[type[BaseException], ...] = (trio.Cancelled,)

    def __init__(self) -> None:
        self.identity: object = trio.lowlevel.current_trio_token()
        self.running: set[object] = set()
        self._root = trio.lowlevel.current_root_task()

    def wakeup(self) -> Wakeup:
        """Return a new condition."""
        return _TrioWakeup()

    def spawn(self, run: Run, context: Context, on_end: Callable[[object], object]) -> _TrioTask:  # noqa: ARG002
        """Start `run()` as a system task: no nursery of the caller owns it.

        It always takes its first step, so that `on_end` is not needed.
        """
        return _TrioTask(run, context)

    def is_here(self) -> bool:
        """Return whether the caller is in this loop."""
        return trio.lowlevel.in_trio_task() and (
            trio.lowlevel.current_trio_token() is self.identity
        )

    def soon(self, callback: Callable[[], object]) -> None:
        """Call `callback()` when the running task has taken its step."""
        trio.lowlevel.current_trio_token().run_sync_soon(callback)

    def tasks(self) -> Iterable[TaskView]:
        """Return the tasks of app calls and those below them; from any thread."""
        views: list[TaskView] = []
        for own in _of_app_calls(self._root):
            views.append(TaskView(own.name, own.coro, _call_of_task(own)))
            views.extend(TaskView(task.name, task.coro) for task in _below(own) if task is not own)
        return views

    async def let_run(self) -> None:
        """Let a spawned task take its first step."""
        await trio.lowlevel.checkpoint()

    def checkpoint(self) -> Awaitable[None]:
        """Let all other tasks take a step."""
        return trio.lowlevel.checkpoint()  # noqa: ASYNC105 - the caller awaits it


def _is_ours(task: trio.lowlevel.Task) -> bool:
    """Return whether a task was spawned by `TrioRuntime.spawn`."""
    code = getattr(task.coro, "cr_code", None)
    return code is not None and (code.co_filename, code.co_name) == (__file__, "_main")


def _of_app_calls(root: trio.lowlevel.Task | None) -> Iterator[trio.lowlevel.Task]:
    return (task for task in _below(root) if _is_ours(task))


def _call_of(run: object) -> object:
    """Return the call whose method is run in a task."""
    return getattr(run, "__self__", None)


def _call_of_task(task: trio.lowlevel.Task) -> object:
    frame = getattr(task.coro, "cr_frame", None)
    return None if frame is None else _call_of(frame.f_locals.get("run"))


def _below(task: trio.lowlevel.Task | None) -> Iterator[trio.lowlevel.Task]:
    if task is None:
        return
    yield task
    for nursery in task.child_nurseries:
        for child in tuple(nursery.child_tasks):
            yield from _below(child)


class TrioLoopThread:
    """A background thread that runs trio until it is stopped; see `LoopThread`."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._is_ready = threading.Event()
        self._failure: BaseException | None = None
        self._stop: trio.Event | None = None
        self._token: trio.lowlevel.TrioToken | None = None
        self.offspring: Offspring | None = None
        self._root: trio.lowlevel.Task | None = None
        self.thread = QuietableThread(
            self._main, name="asgi-testkit-trio", is_quiet=lambda: not self.has_tasks()
        )
        self.thread.start()
        self._is_ready.wait()
        if self._failure is not None:
            raise UsageValueError(
                f"trio did not start with backend_options={dict(options)!r}: {self._failure}\n"
                "They are passed to trio.run() as they are."
            ) from self._failure

    def post(self, job: Callable[[], object]) -> None:
        """Run `job()` in the thread, soon."""
        assert self._token is not None
        self._token.run_sync_soon(job)

    def suspect(self, suspect: Suspect) -> None:
        """Do nothing: in trio no stall can be proved."""

    def trust(self) -> None:
        """Do nothing."""

    def make_runtime(self) -> TrioRuntime:
        """Return the thread's runtime; called in the thread."""
        return TrioRuntime()

    def has_tasks(self) -> bool:
        """Return whether an app call runs."""
        return next(_of_app_calls(self._root), None) is not None

    def stop(self) -> None:
        """End trio's run and the thread; what still runs in it is cancelled."""
        assert self._stop is not None
        try:
            self.post(self._stop.set)
        except trio.RunFinishedError:
            return
        self.thread.join(_PATIENCE_SECONDS)
        if self.thread.is_alive():
            warn_caller(_DEAF, ASGITaskLeakWarning)

    def when_at_rest(self, look: Callable[[], object]) -> bool:  # noqa: ARG002 - never called
        """Return false: trio does not tell."""
        return False

    def has_leftovers(self) -> bool:
        """Return true: see `leftovers`."""
        return True

    def leftovers(self, grace: float) -> Coroutine[Any, Any, Settled] | None:  # noqa: ARG002
        """Return nothing: a trio run is never used again, its end cancels what is left.

        An app's tasks have nurseries, so that nothing of it can be left when its calls are over.
        """
        return None

    def _main(self) -> None:
        try:
            trio.run(self._keep, **self._options)
        except BaseException as error:
            if self._is_ready.is_set():
                raise
            self._failure = error  # raised by the constructor
            self._is_ready.set()

    async def _keep(self) -> None:
        self._stop = trio.Event()
        self._token = trio.lowlevel.current_trio_token()
        self._root = trio.lowlevel.current_root_task()
        self._is_ready.set()
        await self._stop.wait()
