"""Warnings that point at the test's line, whatever lies between."""

from __future__ import annotations

import inspect
import warnings
from typing import Final

from asgi_testkit.errors import ASGIRuleWarning
from asgi_testkit.protocol.exchange import BaseExchange

__all__ = ("warn_caller", "warn_of_rules")

_PASSED_OVER: Final = ("asgi_testkit", "httpx2", "contextlib")


def warn_caller(text: str, category: type[Warning]) -> None:
    """Warn at the first line up the stack that is neither ours nor the client library's."""
    level, frame = 0, inspect.currentframe()
    while frame is not None and _is_passed_over(str(frame.f_globals.get("__name__", ""))):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level + 1)


def warn_of_rules(exchange: BaseExchange) -> None:
    """Give the warnings that an exchange has gathered, once."""
    warned, exchange.warned = exchange.warned, []
    for _rule, text in warned:
        warn_caller(text, ASGIRuleWarning)


def _is_passed_over(module: str) -> bool:
    return module.partition(".")[0] in _PASSED_OVER
