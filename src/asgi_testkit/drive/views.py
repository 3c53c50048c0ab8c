"""What is seen of an event loop's tasks from outside."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ("TaskView",)


class TaskView(NamedTuple):
    """A task of either library.

    Attributes:
        name: its name.
        coroutine: what it runs.
        call: the app call that it is the task of, where the coroutine does not tell.
    """

    name: str
    coroutine: object
    call: object = None
