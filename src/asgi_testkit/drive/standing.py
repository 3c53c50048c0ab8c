"""Standings: where the tasks of an app stand, and what each of them waits for.

Reads coroutines by their public attributes, from any thread; nothing is changed or awaited.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, Final, NamedTuple, cast

from asgi_testkit.drive import application
from asgi_testkit.drive.chains import links_of
from asgi_testkit.drive.places import Place
from asgi_testkit.drive.stacks import Stack, stacks
from asgi_testkit.drive.views import TaskView
from asgi_testkit.drive.words import THREAD, words_of

__all__ = ("RECEIVE", "SEND", "Standing", "survey", "with_threads")

RECEIVE: Final = "receive()"
"""What a task waits for that is in our `receive`: only the client side can let it go on."""

SEND: Final = "send()"
"""What a task waits for that is in our `send`: the client has to read first."""

_OUR_WAITS: Final = {"_receive": RECEIVE, "_wait_for_request": RECEIVE, "_send": SEND}
_OUR_STARTS: Final = ("_run",)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one task or thread stands.

    Attributes:
        title: what it is: `"GET /path"`, `"task 'Task-3'"`, `"thread 'worker'"`.
        places: its calls, the outermost first, without ours.
        waits_for: in words; empty where they are not known.
        call: the app call that it is the task of.
        receives_for: the app call whose messages it waits for in `receive()`.
        is_running: it does not wait, but runs or blocks its thread.
        in_loop: it is a task, and no thread.
    """

    title: str
    places: tuple[Place, ...]
    waits_for: str = ""
    call: object = None
    receives_for: object = None
    is_running: bool = False
    in_loop: bool = True


class _Step(NamedTuple):
    frame: FrameType
    place: Place


def survey(views: Iterable[TaskView]) -> list[Standing]:
    """Return where tasks stand; those of ours are left out."""
    found = (_standing_of(view) for view in views)
    return [standing for standing in found if standing is not None]


def with_threads(standings: Sequence[Standing], *, loop_thread: int | None) -> list[Standing]:
    """Return the standings with what threads know: where a task blocks, and the other threads.

    Args:
        standings: of the tasks.
        loop_thread: the ident of the thread that their loop runs in, if it does.
    """
    seen = stacks()
    running = next((stack for stack in seen if stack.thread_id == loop_thread), None)
    left_out = {loop_thread, threading.get_ident()}
    here = [_as_running(standing, running) for standing in _without_outer(standings)]
    return [*here, *_threads(stack for stack in seen if stack.thread_id not in left_out)]


def _without_outer(standings: Sequence[Standing]) -> list[Standing]:
    """Leave out tasks that run because an app call takes its first step inside them, eagerly."""
    is_call_running = any(one.is_running and one.call is not None for one in standings)
    return [
        one for one in standings if not (is_call_running and one.is_running and one.call is None)
    ]


def _as_running(standing: Standing, stack: Stack | None) -> Standing:
    """Return a running task's standing with all calls that its thread is in."""
    if stack is None or not standing.is_running:
        return standing
    places: list[Place] = []
    for place in stack.places:
        if place.file == application.__file__ and place.function in _OUR_STARTS:
            break
        if not place.is_ours:
            places.insert(0, place)
    return replace(standing, places=tuple(places))


def _threads(seen: Iterable[Stack]) -> Iterator[Standing]:
    """Yield the standings of threads that run code of the app's."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for stack in seen:
        if any(place.is_apps for place in stack.places):
            title = f"thread {names.get(stack.thread_id, 'unknown')!r}"
            places = tuple(reversed(stack.places))
            yield Standing(title, places, is_running=True, in_loop=False)


def _standing_of(view: TaskView) -> Standing | None:
    steps, innermost = _walk(view.coroutine)
    call = view.call or _call_of(steps)
    if call is None and _is_ours_or_the_tests(steps):
        return None
    title = f"task {view.name!r}" if call is None else str(getattr(call, "title", ""))
    places = tuple(step.place for step in _of_the_app(steps))
    if _is_running(view.coroutine):
        return Standing(title, places, call=call, is_running=True)
    waits_for = _waits_for(steps, innermost)
    receives_for = _receives_for(steps) if waits_for == RECEIVE else None
    return Standing(title, places, waits_for, call, receives_for)


def _is_ours_or_the_tests(steps: Sequence[_Step]) -> bool:
    """Return whether a task runs code of ours but for what the app has been given to call."""
    for step in steps:
        if step.place.is_ours:
            is_apps = step.place.file == application.__file__
            return not is_apps or step.place.function not in _OUR_WAITS
    return False


def _of_the_app(steps: Sequence[_Step]) -> Iterator[_Step]:
    """Yield the steps between ours: what our `receive` awaits is no affair of the app."""
    has_begun = False
    for step in steps:
        if not step.place.is_ours:
            has_begun = True
            yield step
        elif has_begun and step.place.function in _OUR_WAITS:
            return


def _is_running(coroutine: object) -> bool:
    return bool(getattr(coroutine, "cr_running", getattr(coroutine, "gi_running", False)))


def _call_of(steps: Sequence[_Step]) -> object:
    """Return the call whose task it is: of the app, or of a test's function."""
    for step in steps:
        if not step.place.is_ours:
            return None
        if step.place.file == application.__file__ and step.place.function in _OUR_STARTS:
            return _self_of(step)
    return None


def _receives_for(steps: Sequence[_Step]) -> object:
    """Return the app call in whose `receive` a chain ends."""
    found = (_self_of(step) for step in reversed(steps))
    return next((call for call in found if call is not None), None)


def _self_of(step: _Step) -> object:
    """Return the call that a frame of `application` is a method of; `None`: it is none."""
    is_of_a_call = step.place.file == application.__file__
    return step.frame.f_locals.get("self") if is_of_a_call else None


def _walk(coroutine: object) -> tuple[list[_Step], object]:
    """Return the frames of a chain of awaits, and the future at its end if it has one."""
    steps: list[_Step] = []
    for link in links_of(coroutine):
        if not isinstance(link, FrameType):
            return steps, link
        steps.append(_Step(link, _place_of(link)))
    return steps, None


def _place_of(frame: FrameType) -> Place:
    return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def _waits_for(steps: Sequence[_Step], innermost: object) -> str:
    """Return what a task waits for: of what its own code has called, the first with words."""
    own = max((at for at, step in enumerate(steps) if step.place.is_apps), default=-1)
    for step in steps[own + 1 :]:
        if step.place.file == application.__file__ and step.place.function in _OUR_WAITS:
            return _OUR_WAITS[step.place.function]
        if words := words_of(step.frame):
            return words
    return _future_words(innermost)


def _future_words(future: object) -> str:
    if isinstance(future, asyncio.Task):
        task = cast("asyncio.Task[object]", future)
        return f"the task {task.get_name()!r}"
    if not isinstance(future, asyncio.Future):
        return ""
    loop: Any = cast("asyncio.Future[object]", future).get_loop()  # perhaps one of ours
    if future in getattr(loop, "thread_calls", ()):
        return THREAD
    is_plain = type(cast("object", future)).__name__ == "Future"
    return "a future" if is_plain else "the tasks that it gathers"
