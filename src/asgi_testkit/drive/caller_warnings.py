"""Warnings that point at the test's line, whatever lies between."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from asgi_testkit.errors import ASGIRuleWarning, ASGITaskLeakWarning
from asgi_testkit.protocol.exchange import BaseExchange

__all__ = ("Leak", "note_leaks", "warn_caller", "warn_of_leaks", "warn_of_rules")

_PASSED_OVER: Final = ("asgi_testkit", "httpx2", "contextlib")


@dataclass(frozen=True, slots=True)
class Leak:
    """Something of the app that outlived what it belongs to.

    Attributes:
        text: what is said of it.
        cause: an exception of the app that has to do with it.
    """

    text: str
    cause: BaseException | None = None


def warn_caller(text: str, category: type[Warning], *, cause: BaseException | None = None) -> None:
    """Warn at the first line up the stack that is neither ours nor the client library's."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and _is_passed_over(str(frame.f_globals.get("__name__", ""))):
        level, frame = level + 1, frame.f_back
    warning = category(text)
    warning.__cause__ = cause
    warnings.warn(warning, stacklevel=level + 1)


def warn_of_leaks(leaks: Iterable[Leak]) -> None:
    """Warn of each; where warnings are errors, the first is raised with the others as notes."""
    raised: list[Warning] = []
    for leak in leaks:
        try:
            warn_caller(leak.text, ASGITaskLeakWarning, cause=leak.cause)
        except ASGITaskLeakWarning as warning:
            raised.append(warning)
    if raised:
        for other in raised[1:]:
            raised[0].add_note(str(other))
        raise raised[0]


def note_leaks(error: BaseException, leaks: Iterable[Leak]) -> None:
    """Tell of each by a note on an error that is raised already."""
    for leak in leaks:
        error.add_note(leak.text)


def warn_of_rules(exchange: BaseExchange) -> None:
    """Give the warnings that an exchange has gathered, once."""
    warned, exchange.warned = exchange.warned, []
    for _rule, text in warned:
        warn_caller(text, ASGIRuleWarning)


def _is_passed_over(module: str) -> bool:
    return module.partition(".")[0] in _PASSED_OVER
