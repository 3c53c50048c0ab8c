"""The traces of tests that have passed: all of a process in one file, some written at a time.

One after the other costs much less than each on its own. What still waits is lost if the process
dies; nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from asgi_testkit.protocol.record import Record

__all__ = ("PassedTests",)

_MOST_WAITING: Final = 200
"""How many exchanges wait to be written."""


class _Passed(NamedTuple):
    item_id: str
    records: Sequence[Record]
    seconds: float


class PassedTests:
    """Writes the traces of tests that have passed.

    Args:
        file: where to; its folder is made by `make_folder`.
        make_folder: called before the first are written.
        problems: takes what could not be written, and why.
    """

    def __init__(
        self, file: Path, make_folder: Callable[[Path], None], problems: list[str]
    ) -> None:
        self._file = file
        self._make_folder = make_folder
        self._problems = problems
        self._waiting: list[_Passed] = []
        self._count = 0
        self._is_begun = False

    def add(self, item_id: str, records: Sequence[Record], seconds: float) -> None:
        """Let a test wait, and write all that do when they are many."""
        self._waiting.append(_Passed(item_id, records, seconds))
        self._count += len(records)
        if self._count > _MOST_WAITING:
            self.write()

    def write(self) -> None:
        """Write what waits."""
        waiting, self._waiting, self._count = self._waiting, [], 0
        if lines := [line for passed in waiting if (line := self._line(passed))]:
            try:
                self._append(b"".join(lines))
            except OSError as error:
                self._tell(error)

    def _line(self, passed: _Passed) -> bytes:
        """Return the line of a test; empty: it cannot be made."""
        try:
            kept = import_module("asgi_testkit.report.kept").keep(
                passed.records, title=passed.item_id
            )
            line: bytes = import_module("asgi_testkit.report.archive").line_of(kept, passed.seconds)
        except Exception as error:  # noqa: BLE001 - what is told must break no run
            self._tell(error)
            return b""
        return line

    def _append(self, lines: bytes) -> None:
        self._make_folder(self._file.parent)
        with self._file.open("ab" if self._is_begun else "wb") as file:
            if file.tell() == 0:  # also where another run in this folder has removed it
                first: bytes = import_module("asgi_testkit.report.archive").FIRST_LINE
                file.write(first)
            file.write(lines)
        self._is_begun = True

    def _tell(self, error: Exception) -> None:
        self._problems.append(f"{type(error).__name__}: {error}")
