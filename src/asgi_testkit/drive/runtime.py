"""What an event-loop library has to offer, as protocols, and which one is running now.

No library is imported here but asyncio, and trio only where the caller already runs in it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextvars import Context
from typing import Any, Protocol, TypeAlias

from asgi_testkit.drive.views import TaskView
from asgi_testkit.errors import ClientStateError

__all__ = ("AppTask", "Runtime", "Wakeup", "current_runtime", "is_loop_running_here")

Run: TypeAlias = Callable[[], Coroutine[Any, Any, None]]  # a coroutine's other types are the loop's


class Wakeup(Protocol):
    """A condition that tasks wait for; a wake-up that nobody waits for is lost.

    It also wakes when a time is up; then, and at any other moment, waking in vain is allowed:
    whoever waits looks whether there is something to see.
    """

    def wake(self) -> None:
        """Let all who wait go on."""
        ...

    def wait(self, seconds: float | None = None) -> Awaitable[None]:
        """Wait for the next `wake()`, `seconds` at most."""
        ...

    def rest(self) -> None:
        """Forget about time, unless somebody waits still."""
        ...


class AppTask(Protocol):
    """A task of ours that runs an app call."""

    @property
    def ran_out_of_grace(self) -> bool:
        """Whether `cancel_after` has cancelled it."""
        ...

    def note_begun(self) -> None:
        """Note that it has taken its first step, so that it sees to its end itself."""
        ...

    def cancel(self) -> None:
        """Cancel it now."""
        ...

    def cancel_after(self, seconds: float) -> None:
        """Cancel it after `seconds`, unless it has ended by then."""
        ...

    def note_told(self) -> None:
        """Note that the test was told that it does not end."""
        ...


class Runtime(Protocol):
    """An event loop of one library, seen from inside its thread.

    Attributes:
        name: `"asyncio"` or `"trio"`.
        identity: the running loop (asyncio) or token (trio): equal for the same run.
        must_propagate: exceptions that a task may not swallow.
        running: the calls whose tasks run; loops hold their tasks weakly.
    """

    name: str
    identity: object
    must_propagate: tuple[type[BaseException], ...]
    running: set[object]

    def wakeup(self) -> Wakeup:
        """Return a new condition."""
        ...

    def spawn(self, run: Run, context: Context, on_end: Callable[[object], object]) -> AppTask:
        """Start `run()` as a task that no scope of the caller cancels.

        `on_end(task)` is called where the task ends before it has said that it has begun.
        """
        ...

    def is_here(self) -> bool:
        """Return whether the caller is in this loop."""
        ...

    @property
    def soon(self) -> Callable[[Callable[[], object]], object]:
        """What calls a function when the running task has taken its step."""
        ...

    def tasks(self) -> Iterable[TaskView]:
        """Return the loop's tasks, but for the one that asks; from any thread."""
        ...

    async def let_run(self) -> None:
        """Let a task that was just spawned reach its first suspension, where it has not yet."""
        ...

    def checkpoint(self) -> Awaitable[None]:
        """Let all other tasks take a step."""
        ...


def current_runtime() -> Runtime:
    """Return the runtime that the caller's task runs in.

    Raises:
        ClientStateError: no event loop is running here.
    """
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        from asgi_testkit.drive.trio_runtime import TrioRuntime  # noqa: PLC0415 - an extra

        return TrioRuntime()
    from asgi_testkit.drive.asyncio_runtime import AsyncioRuntime  # noqa: PLC0415 - no cycle

    try:
        return AsyncioRuntime(asyncio.get_running_loop())
    except RuntimeError:
        raise ClientStateError(
            "An async client was used where no event loop runs.\n"
            "Use it inside an async test (asyncio or trio), or use the blocking TestClient."
        ) from None


def is_loop_running_here() -> bool:
    """Return whether an event loop, of either library, runs in the calling thread.

    Loops set the thread's hooks for async generators while they run, and that is quick to see.
    """
    if sys.get_asyncgen_hooks().firstiter is None:
        return False
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return True
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
