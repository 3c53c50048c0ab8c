"""What a server has written: the last lines, and no more than a test run can hold."""

from __future__ import annotations

import logging
from collections import deque
from typing import Final

__all__ = ("LogLines", "ServerLog")

_LINES: Final = 5_000
_LINE_CHARACTERS: Final = 4_000


class ServerLog:
    """The last lines of a server; added in one thread, read in any."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LINES)

    def add(self, text: str) -> None:
        """Add what may be several lines; very long ones are cut."""
        for line in text.splitlines():
            self._lines.append(line[:_LINE_CHARACTERS])

    def __str__(self) -> str:
        return "\n".join(self.last())

    def last(self, count: int = _LINES) -> list[str]:
        """Return the last `count` lines."""
        return list(self._lines.copy())[-count:]


class LogLines(logging.Handler):
    """Adds what a server logs in this process to its log."""

    def __init__(self, log: ServerLog) -> None:
        super().__init__()
        self._log = log
        self.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Add one record, with its traceback."""
        self._log.add(self.format(record))
