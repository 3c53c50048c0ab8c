"""Offspring: what an app has started in an asyncio loop, and the lines that started it.

Tasks are noted by a task factory, exceptions that nobody retrieves by an exception handler, async
generators by the hook for their first iteration; all three are public. On loops of ours everything
counts while a client is entered; on the test's own loop only what comes from a context that `mark`
has marked, and only where nobody else has a factory or handler. Trio needs none of it: its tasks
have a nursery each.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context, ContextVar
from dataclasses import dataclass
from inspect import currentframe
from itertools import count
from types import AsyncGeneratorType
from typing import Any, Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary, WeakSet

from asgi_testkit.drive.code_lines import CodeLine, creating_line, is_of_library

__all__ = ("Failure", "Offspring", "offspring_of")

AnyTask: TypeAlias = asyncio.Task[Any]  # an app's tasks return what they like
AnyGenerator: TypeAlias = AsyncGeneratorType[Any, Any]

_MOST_FAILURES: Final = 100
_ORIGIN: Final = "asgi_testkit_origin"

_creator: ContextVar[object] = ContextVar("asgi_testkit_creator", default=None)


class _Origin(NamedTuple):
    """Where a task comes from; it hangs on the task, so that both end together."""

    creator: object
    line: CodeLine | None
    number: int


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of a task that nobody awaited.

    The task itself is gone: it is said of it then that nobody retrieved its exception.
    """

    exception: BaseException
    task_name: str
    coroutine: object
    created: CodeLine | None
    creator: object


class Offspring:
    """What the apps of one loop have started; used in the loop's thread.

    Attributes:
        is_of_our_loop: whether everything in the loop is the app's.
        loop: the loop.
        life: on a loop of ours, who has entered it; `None`: nobody, and nothing is noted.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, is_of_our_loop: bool) -> None:
        self.is_of_our_loop = is_of_our_loop
        self.life: object = None
        self.loop = loop
        self._creators: set[object] = set()
        self._makes_tasks = loop.get_task_factory() is None
        self._handles_failures = loop.get_exception_handler() is None
        self._numbers = count()
        self._generators: WeakKeyDictionary[AnyGenerator, object] = WeakKeyDictionary()
        self._told: WeakSet[AnyTask] = WeakSet()
        self._failures: deque[Failure] = deque(maxlen=_MOST_FAILURES)
        self._note = self._note_generator  # one object, so that it is known again
        self._inner_note: Callable[[Any], None] | None = None

    # -- installing -----------------------------------------------------------------------------

    def install(self) -> None:
        """Take the places that were free at first, also where an app has taken them since."""
        if self._makes_tasks:
            self.loop.set_task_factory(self._make_task)
        if self._handles_failures:
            self.loop.set_exception_handler(self._handle)

    def begin_life(self) -> None:
        """Begin to note, on a loop of ours; what comes from an earlier life is no more told of."""
        self._creators.discard(self.life)
        self.life = object()
        self._creators.add(self.life)
        self.install()

    def attach(self, creator: object) -> None:
        """Begin to note for one more client that is entered inside the loop."""
        if not self._creators:
            self.install()
        self._creators.add(creator)
        self.hook_generators()

    def detach(self, creator: object) -> None:
        """Note for one client less; the last one gives a loop of the test's back as it was."""
        self._creators.discard(creator)
        if self._creators or self.is_of_our_loop:
            return
        if self.loop.get_task_factory() == self._make_task:
            self.loop.set_task_factory(None)
        if self.loop.get_exception_handler() == self._handle:
            self.loop.set_exception_handler(None)
        if sys.get_asyncgen_hooks().firstiter is self._note:
            sys.set_asyncgen_hooks(firstiter=self._inner_note)

    def hook_generators(self) -> None:
        """Come before the loop's own hook, which the running loop has set in this thread.

        A hook that somebody has put before ours since then stays where it is.
        """
        before = sys.get_asyncgen_hooks().firstiter
        if self._inner_note is None:
            self._inner_note = before
        if before == self._inner_note:
            sys.set_asyncgen_hooks(firstiter=self._note)

    def hook_generators_again(self) -> None:
        """Do as `hook_generators`, where a loop of ours that has set its hooks anew runs."""
        if self._inner_note is None:
            self.hook_generators()
        else:
            sys.set_asyncgen_hooks(firstiter=self._note)

    def mark(self, context: Context, creator: object) -> None:
        """Have all that is started in this context, and in those copied from it, noted."""
        context.run(_creator.set, creator)

    # -- what was started -----------------------------------------------------------------------

    def owns_all(self, creator: object) -> bool:
        """Return whether everything in the loop is this creator's."""
        return self.is_of_our_loop and creator is self.life

    def running(self, creator: object, *spared: AnyTask | None) -> list[AnyTask]:
        """Return the app's tasks that go on, in the order of their creation where it is known.

        On a loop that is not ours those of libraries are left alone.
        """
        passed_over = {asyncio.current_task(), *spared}
        tasks = [task for task in asyncio.all_tasks(self.loop) if task not in passed_over]
        if not self.owns_all(creator):
            tasks = [
                task
                for task in tasks
                if _origin(task).creator is creator and not self.is_of_library(task)
            ]
        return sorted(tasks, key=lambda task: _origin(task).number)

    def created(self, task: AnyTask) -> CodeLine | None:
        """Return the line that created a task, where it is known."""
        return _origin(task).line

    def is_of_library(self, task: AnyTask) -> bool:
        """Return whether a library has created a task for itself: the app's author cannot end it.

        Such as the one that sse-starlette keeps for each loop.
        """
        code, created = getattr(task.get_coro(), "cr_code", None), self.created(task)
        return (
            code is not None
            and is_of_library(code)
            and (created is None or is_of_library(created[0]))
        )

    def has_notes(self) -> bool:
        """Return whether generators may be open, or exceptions be there that nobody retrieved."""
        return bool(self._failures) or bool(self._generators)

    def open_generators(self, creator: object) -> list[AnyGenerator]:
        """Return the app's async generators that were begun and neither ended nor closed."""
        return [
            generator
            for generator, its_creator in self._generators.items()
            if its_creator is creator
            and generator.ag_frame is not None
            and not generator.ag_running
        ]

    def has_open_generators(self, creator: object) -> bool:
        """Return whether there are any, without keeping them alive."""
        return bool(self.open_generators(creator))

    def take_failures(self, creator: object) -> list[Failure]:
        """Return the exceptions that nobody has retrieved since this was asked last."""
        failures = [self._failures.popleft() for _ in range(len(self._failures))]
        self._failures.extend(one for one in failures if one.creator is not creator)
        return [one for one in failures if one.creator is creator]

    def is_told(self, task: AnyTask) -> bool:
        """Return whether somebody has said already that the task does not end."""
        return task in self._told

    def note_told(self, task: AnyTask) -> None:
        """Note that somebody has said that the task does not end."""
        self._told.add(task)

    def _creator_here(self) -> object:
        """Return whose app runs now: a client's inside this loop, or that of the loop itself."""
        creator = _creator.get()
        return creator if creator in self._creators else self.life

    # -- what the loop calls --------------------------------------------------------------------

    def _make_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coroutine: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
        **options: Any,  # a context; from 3.13.3 on a name, too
    ) -> AnyTask:
        task: AnyTask = asyncio.Task(coroutine, loop=loop, **options)
        creator = self._creator_here()
        if creator is not None:
            line = creating_line(currentframe())
            setattr(task, _ORIGIN, _Origin(creator, line, next(self._numbers)))
        return task

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        loop.default_exception_handler(context)
        future, exception = context.get("future"), context.get("exception")
        if exception is None or not isinstance(future, asyncio.Task):
            return
        task: AnyTask = future  # pyright: ignore[reportUnknownVariableType]
        origin = _origin(task)
        if origin.creator in self._creators:
            coroutine = task.get_coro()
            self._failures.append(
                Failure(exception, task.get_name(), coroutine, origin.line, origin.creator)
            )

    def _note_generator(self, generator: Any) -> None:  # typeshed has it more general
        creator = self._creator_here()
        if creator is not None:
            self._generators[generator] = creator
        if self._inner_note is not None:
            self._inner_note(generator)


def _origin(task: AnyTask) -> _Origin:
    origin: _Origin = getattr(task, _ORIGIN, _UNKNOWN)
    return origin


_UNKNOWN: Final = _Origin(None, None, -1)


def offspring_of(loop: asyncio.AbstractEventLoop) -> Offspring | None:
    """Return what watches this loop now, unless the app has put something else in its place."""
    for place in (loop.get_task_factory(), loop.get_exception_handler()):
        owner = getattr(place, "__self__", None)
        if isinstance(owner, Offspring):
            return owner
    return None
