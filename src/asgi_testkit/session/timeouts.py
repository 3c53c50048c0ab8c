"""The `timeout` of a session's methods: left out, a number of seconds, or `None`."""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias

from asgi_testkit.errors import UsageTypeError, UsageValueError

__all__ = ("DEFAULT", "Default", "Timeout", "seconds_of")


class Default(Enum):
    """The type of `DEFAULT`."""

    DEFAULT = "the client's"

    def __repr__(self) -> str:
        return "DEFAULT"


DEFAULT: Final = Default.DEFAULT
"""What a timeout that is left out is: the client's counts."""

Timeout: TypeAlias = float | Default | None


def seconds_of(timeout: object) -> float | None:
    """Return a given timeout in seconds; `None`: no limit; 0: do not wait.

    Raises:
        UsageError: it is no number, or less than 0.
    """
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise UsageTypeError(f"timeout is {timeout!r}; a number of seconds is wanted, or None.")
    if not timeout >= 0:  # nor is NaN
        raise UsageValueError(f"timeout is {timeout!r} seconds; it must be 0 or more.")
    return float(timeout)
