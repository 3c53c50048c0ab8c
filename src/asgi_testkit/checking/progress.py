"""Progress: one line on a terminal, written anew with each request."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Final, Self, TextIO

__all__ = ("Progress",)

_WIDTH: Final = 79


class Progress:
    """Says how far `check` has come, where somebody can see it.

    Args:
        total: how many requests there are.
        wanted: `None`: where standard error is a terminal.
    """

    def __init__(self, total: int, *, wanted: bool | None = None) -> None:
        self._total = total
        self._stream: TextIO = sys.stderr
        self._is_shown = self._stream.isatty() if wanted is None else wanted

    def show(self, done: int, found: int, request: str) -> None:
        """Write the line anew: what is being asked."""
        self._write(f"{self._count(done, found)}: {request}")

    def end(self, done: int, found: int, reason: str) -> None:
        """Write the last line: what was done, and why not all."""
        self._write(f"{self._count(done, found)}{'; ' if reason else '.'}{reason}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._is_shown:
            self._stream.write("\n")
            self._stream.flush()

    def _count(self, done: int, found: int) -> str:
        return f"asgi-testkit: {done} of {self._total} requests, {found} found"

    def _write(self, line: str) -> None:
        if self._is_shown:
            self._stream.write(f"\r{line[:_WIDTH]:<{_WIDTH}}")
            self._stream.flush()
