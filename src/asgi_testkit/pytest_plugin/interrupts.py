"""What an interrupted run says besides: the notes on the KeyboardInterrupt.

The engine puts its report of what was being waited for into such a note, and pytest prints none.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

__all__ = ("InterruptNotes",)


class InterruptNotes:
    """Prints the notes of a KeyboardInterrupt, and of what led to it, after the run."""

    def __init__(self) -> None:
        self._notes: list[str] = []

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Collect the notes."""
        for exception in _chain(excinfo.value):
            notes: list[str] = getattr(exception, "__notes__", [])
            self._notes += [note for note in notes if note not in self._notes]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print them in a section of their own."""
        if not self._notes:
            return
        terminalreporter.write_sep("=", "asgi-testkit: when interrupted")
        for note in self._notes:
            terminalreporter.write_line(note)


def _chain(exception: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [exception]
    while waiting:
        each = waiting.pop(0)
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__]
