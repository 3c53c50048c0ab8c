"""What is seen of an event loop's tasks from outside: names, coroutines, words for their waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType, FrameType
from typing import NamedTuple, TypeAlias

__all__ = ("TaskView", "Words")

Words: TypeAlias = Mapping[CodeType, Callable[[FrameType], str]]
"""What to say of a task that waits in a function, by the function's code."""


class TaskView(NamedTuple):
    """A task of either library: its name and what it runs."""

    name: str
    coroutine: object
