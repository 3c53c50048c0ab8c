"""Leftovers: what an app has started and not ended when its client is left.

It gets the grace time to end by itself, then it is cancelled; and what had to be cancelled is
told. Nothing here knows who is told, nor in which thread.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import CoroutineType, FrameType
from typing import Any, Final

from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.code_lines import (
    CodeLine,
    is_of_app,
    raising_line,
    show_definition,
    show_line,
    standing_line,
)
from asgi_testkit.drive.offspring import AnyGenerator, AnyTask, Failure, Offspring
from asgi_testkit.drive.parked import ParkedLoop
from asgi_testkit.protocol.record import Raised
from asgi_testkit.protocol.secret_texts import hide_secrets

__all__ = ("Settled", "failure_leaks", "has_leftovers", "settle")

_PATIENCE_SECONDS: Final = 1.0  # for a cancelled task to take its cancellation
_STEPS_OF_A_FINALISER: Final = 3  # the loop makes a task, which takes its first step
_MOST_OF_ONE_LINE: Final = 5
_LONGEST_VALUE: Final = 80

_log = logging.getLogger("asgi_testkit")


@dataclass(frozen=True, slots=True)
class Settled:
    """What has become of a loop when its client was left.

    Attributes:
        is_clean: whether it may serve another client: no task and no registered file is left.
        leaks: what to tell the test.
    """

    is_clean: bool
    leaks: list[Leak] = field(default_factory=list[Leak])


def has_leftovers(offspring: Offspring, *keep: AnyTask | None) -> bool:
    """Return whether `settle` would have anything to do on a loop of ours, or to tell.

    It is called in the loop's thread, while no task takes a step.

    Args:
        offspring: what the app has started in the loop.
        keep: tasks that go on.
    """
    return (
        offspring.has_notes()
        or not asyncio.all_tasks(offspring.loop).issubset(keep)
        or _watches_files(offspring.loop)
    )


def _watches_files(loop: asyncio.AbstractEventLoop) -> bool:
    return isinstance(loop, ParkedLoop) and loop.watches_files


async def settle(
    offspring: Offspring, creator: object, *keep: AnyTask | None, grace: float
) -> Settled:
    """End what the app has left behind, after `grace` seconds by cancelling it.

    Args:
        offspring: what the app has started in the running loop.
        creator: whose tasks are meant, in a loop that is not ours.
        keep: tasks that go on.
        grace: how long they may go on by themselves.
    """
    leaks: list[Leak] = []
    is_clean = True
    if offspring.running(creator, *keep):
        is_clean = await _end_tasks(offspring, creator, *keep, grace=grace, leaks=leaks)
    if offspring.has_open_generators(creator):
        leaks += await _end_generators(offspring, creator, *keep)
    leaks += failure_leaks(offspring.take_failures(creator))
    return Settled(is_clean and not _watches_files(offspring.loop), leaks)


async def _end_tasks(
    offspring: Offspring,
    creator: object,
    *keep: AnyTask | None,
    grace: float,
    leaks: list[Leak],
) -> bool:
    """Wait, cancel and wait again; return whether all have ended."""
    try:
        untold = _untold(offspring.running(creator, *keep), offspring)
        if untold and grace:
            await asyncio.wait(untold, timeout=grace)
    finally:  # also where the test itself is cancelled meanwhile
        tasks = offspring.running(creator, *keep)
        stood = {task: standing_line(task.get_coro()) for task in tasks}
        for task in tasks:
            task.cancel()
    if not tasks:
        return True
    _, deaf = await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)
    untold = _untold(tasks, offspring)
    if grace:  # without one, being cancelled is no news
        leaks += _task_leaks([task for task in untold if task not in deaf], stood, offspring)
    deaf_untold = [task for task in tasks if task in deaf and not offspring.is_told(task)]
    leaks += [_deaf_leak(task, stood[task], offspring) for task in deaf_untold]
    return not deaf


def _untold(tasks: Iterable[AnyTask], offspring: Offspring) -> list[AnyTask]:
    """Return those tasks that are the test's affair, and not reported yet."""
    return [
        task for task in tasks if not offspring.is_told(task) and not offspring.is_of_library(task)
    ]


async def _end_generators(
    offspring: Offspring, creator: object, *keep: AnyTask | None
) -> list[Leak]:
    """Return what to say of generators that somebody keeps open, and close them on loops of ours.

    What only waits for the garbage collector was dropped, and its loop closes it.
    """
    gc.collect()
    for _ in range(_STEPS_OF_A_FINALISER):
        await asyncio.sleep(0)
    if closing := offspring.running(creator, *keep):
        await asyncio.wait(closing, timeout=_PATIENCE_SECONDS)
    del closing
    generators = offspring.open_generators(creator)
    leaks = [
        _generator_leak(one)
        for one in generators
        if is_of_app(one.ag_code) and _is_kept(one, generators)
    ]
    if generators and offspring.owns_all(creator):
        await _close(generators)
    return leaks


def _is_kept(generator: AnyGenerator, but_for: object) -> bool:
    """Return whether more than the frames of a traceback hold a generator: nobody can close those.

    A test that holds an exception of the app holds the variables of its functions, too.
    """
    return any(
        holder is not but_for and not isinstance(holder, FrameType | CoroutineType)
        for holder in gc.get_referrers(generator)
    )


async def _close(generators: Iterable[AnyGenerator]) -> None:
    async def close(generator: AnyGenerator) -> None:
        try:
            await generator.aclose()
        except Exception as error:  # noqa: BLE001 - the generator itself is told of
            told = hide_secrets(Raised.of(error).text)
            _log.warning("An async generator of the app raised when it was closed: %s", told)

    tasks = [asyncio.create_task(close(generator)) for generator in generators]
    _, deaf = await asyncio.wait(tasks, timeout=_PATIENCE_SECONDS)
    for task in deaf:
        task.cancel()


# -- what is said of them -----------------------------------------------------------------------


def failure_leaks(failures: Iterable[Failure]) -> list[Leak]:
    """Return what to say of tasks that failed and that nobody awaited."""
    return [_failure_leak(failure) for failure in failures]


def _task_leaks(
    tasks: list[AnyTask], stood: Mapping[AnyTask, CodeLine | None], offspring: Offspring
) -> list[Leak]:
    """Return one for each task, and one for all of a line that has created many."""
    by_line: dict[object, list[AnyTask]] = {}
    for task in tasks:
        by_line.setdefault(offspring.created(task) or _code_of(task.get_coro()), []).append(task)
    leaks: list[Leak] = []
    for same in by_line.values():
        told, count = (same[:1], len(same)) if len(same) > _MOST_OF_ONE_LINE else (same, 1)
        leaks += [_task_leak(task, stood[task], offspring, count=count) for task in told]
    return leaks


def _task_leak(task: AnyTask, stood: CodeLine | None, offspring: Offspring, *, count: int) -> Leak:
    what = _title(task.get_name(), task.get_coro())
    one, many = f"A task of the app ({what})", f"{count} tasks of the app (the first: {what})"
    text = (
        f"{one if count == 1 else many} went on for the grace time after the client was left, and"
        " had to be cancelled.\n"
        f"{_places(task, stood, offspring)}\n"
        "Await it, or cancel it in the app's shutdown. Pass grace=... to the client for more time."
    )
    return Leak(text)


def _deaf_leak(task: AnyTask, stood: CodeLine | None, offspring: Offspring) -> Leak:
    text = (
        f"A task of the app ({_title(task.get_name(), task.get_coro())}) went on after it was"
        " cancelled.\n"
        f"{_places(task, stood, offspring)}\n"
        "Let CancelledError out of it."
    )
    return Leak(text)


def _failure_leak(failure: Failure) -> Leak:
    exception = failure.exception
    raised = raising_line(exception)
    where = "" if raised is None else f"; raised at {show_line(raised)}"
    text = (
        f"A task of the app ({_title(failure.task_name, failure.coroutine)}) failed and nobody"
        f" awaited it: {_cut(repr(exception))}.\n"
        f"{_creation(failure.created, failure.coroutine)}{where}.\n"
        "Await it, or catch the exception inside it."
    )
    return Leak(text, cause=exception)


def _generator_leak(generator: AnyGenerator) -> Leak:
    name, code, stands = generator.__qualname__, generator.ag_code, standing_line(generator)
    where = "" if stands is None else f"; it stands at {show_line(stands)}"
    text = (
        f"An async generator of the app was neither ended nor closed: {name}().\n"
        f"Defined at {show_definition(code)}{where}.\n"
        "Iterate it to its end, or close it: 'async with contextlib.aclosing(...)'."
    )
    return Leak(text)


def _places(task: AnyTask, stood: CodeLine | None, offspring: Offspring) -> str:
    where = "" if stood is None else f"; it stood at {show_line(stood)}"
    return f"{_creation(offspring.created(task), task.get_coro())}{where}."


def _creation(created: CodeLine | None, coroutine: object) -> str:
    if created is not None:
        return f"Created at {show_line(created)}"
    code = _code_of(coroutine)
    if code is None:
        return "Where it was created is not known"
    return f"Where it was created is not known; its function is defined at {show_definition(code)}"


def _title(name: str, coroutine: object) -> str:
    function = getattr(coroutine, "__qualname__", None) or type(coroutine).__qualname__
    return f"{_cut(repr(name))}, {function}()"


def _code_of(coroutine: Any) -> Any:  # a code object, where it is of Python
    return getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."
