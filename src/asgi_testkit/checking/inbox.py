"""The inbox: what the engine tells otherwise than by raising, during a check.

Warnings, and the log of what an app raised after its client had left. Warnings of others are given
again afterwards.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from asgi_testkit.errors import TestkitWarning

__all__ = ("Inbox", "listening")

_LOGGER: Final = "asgi_testkit"


class Inbox(logging.Handler):
    """Gathers warnings and logged exceptions until they are taken.

    Args:
        caught: where caught warnings arrive.
    """

    def __init__(self, caught: list[warnings.WarningMessage]) -> None:
        super().__init__(logging.WARNING)
        self.foreign: list[warnings.WarningMessage] = []
        self._caught = caught
        self._logged: list[BaseException] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take the exception that a line of the log is about."""
        exception = record.exc_info[1] if record.exc_info else None
        if exception is not None:
            self._logged.append(exception)

    def take_warnings(self) -> list[TestkitWarning]:
        """Return our warnings that have come since this was asked last; others' are put aside."""
        caught, self._caught[:] = list(self._caught), []
        self.foreign += [one for one in caught if not isinstance(one.message, TestkitWarning)]
        return [one.message for one in caught if isinstance(one.message, TestkitWarning)]

    def take_exceptions(self) -> list[BaseException]:
        """Return what the app has raised after its client had left, since this was asked last."""
        logged, self._logged = self._logged, []
        return logged


@contextmanager
def listening() -> Generator[Inbox]:
    """Gather what is told, in the whole process."""
    logger = logging.getLogger(_LOGGER)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TestkitWarning)
        inbox = Inbox(caught)
        logger.addHandler(inbox)
        try:
            yield inbox
        finally:
            logger.removeHandler(inbox)
            inbox.take_warnings()
    for one in inbox.foreign:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
