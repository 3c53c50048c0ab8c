"""What a server has written: the last lines, and no more than a test run can hold."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

__all__ = ("LogLines", "ServerLog")

_LINES: Final = 5_000
_LINE_CHARACTERS: Final = 4_000
_CHANGING: Final = threading.Lock()


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
    """Adds what a server logs in the current thread to its log.

    Servers of one kind log by the same loggers: what another one's thread says is not its own.

    Attributes:
        levels: those that loggers had before the first server listened to them.
        thread_id: the server's thread.
    """

    def __init__(self, log: ServerLog) -> None:
        super().__init__()
        self._log = log
        self.levels: dict[str, int] = {}
        self.thread_id = threading.get_ident()
        self.addFilter(self._is_ours)
        self.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))

    @contextmanager
    def hear(self, *names: str) -> Generator[None]:
        """Take what these loggers are told, from INFO on; the last to leave them restores them."""
        loggers = [logging.getLogger(name) for name in names]
        try:
            for logger in loggers:
                self._begin(logger)
            yield
        finally:
            for logger in loggers:
                self._end(logger)

    def _begin(self, logger: logging.Logger) -> None:
        with _CHANGING:
            others = _lines_of(logger)
            before = others[0].levels.get(logger.name, logger.level) if others else logger.level
            self.levels[logger.name] = before
            logger.addHandler(self)
            logger.setLevel(min(before or logging.INFO, logging.INFO))

    def _end(self, logger: logging.Logger) -> None:
        with _CHANGING:
            logger.removeHandler(self)
            if not _lines_of(logger):
                logger.setLevel(self.levels[logger.name])

    def _is_ours(self, record: logging.LogRecord) -> bool:
        others = {lines.thread_id for lines in _lines_of(logging.getLogger(record.name))}
        return record.thread not in others - {self.thread_id}

    def emit(self, record: logging.LogRecord) -> None:
        """Add one record, with its traceback."""
        self._log.add(self.format(record))


def _lines_of(logger: logging.Logger) -> list[LogLines]:
    """Return the servers that listen to a logger, or to one above it."""
    found: list[LogLines] = []
    above: logging.Logger | None = logger
    while above is not None:
        found += [handler for handler in above.handlers if isinstance(handler, LogLines)]
        above = above.parent
    return found
