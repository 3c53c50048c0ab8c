"""The test's line, whatever lies between: where it waits, and what warnings point at."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import Final

from asgi_testkit.drive.stacks import Place
from asgi_testkit.errors import ASGIRuleWarning
from asgi_testkit.protocol.exchange import BaseExchange

__all__ = ("caller_place", "warn_caller", "warn_of_rules")

_PASSED_OVER: Final = ("asgi_testkit", "httpx2", "contextlib")


def warn_caller(text: str, category: type[Warning]) -> None:
    """Warn at the first line up the stack that is neither ours nor the client library's."""
    warnings.warn(text, category, stacklevel=len(list(_passed_over())) + 1)


def warn_of_rules(exchange: BaseExchange) -> None:
    """Give the warnings that an exchange has gathered, once."""
    warned, exchange.warned = exchange.warned, []
    for _rule, text in warned:
        warn_caller(text, ASGIRuleWarning)


def caller_place() -> tuple[str, Place]:
    """Return the name of what the test has called, and the test's line."""
    passed = list(_passed_over())
    outermost = passed[-1].f_back
    called = [frame for frame in passed if _library(frame) != "contextlib"][-1]
    frame = outermost or called
    place = Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
    return called.f_code.co_qualname.rpartition("<locals>.")[2], place


def _passed_over() -> Iterator[FrameType]:
    """Yield the frames between here and the test, the innermost first."""
    frame = inspect.currentframe()
    while frame is not None and _library(frame) in _PASSED_OVER:
        if frame.f_code is not _passed_over.__code__:
            yield frame
        frame = frame.f_back


def _library(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
