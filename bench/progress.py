"""The progress bar on stderr: a moving line on a terminal, a line per scenario elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

__all__ = ("Progress",)

BAR_CHARS = 30
LINE_CHARS = 79


class Progress:
    """How much of the run is done, counted in timed pieces of work."""

    def __init__(self, total: int, *, stream: TextIO = sys.stderr) -> None:
        self.total = total
        self.done = 0
        self.stream = stream
        self.is_terminal = stream.isatty()
        self.heading = ""

    def begin(self, heading: str) -> None:
        """Name what comes next."""
        self.heading = heading
        if not self.is_terminal:
            print(f"{self.percent():3}% {heading}", file=self.stream, flush=True)

    def advance(self, pieces: int, detail: str) -> None:
        """Count work that is done, or is never going to be needed."""
        self.done += pieces
        if self.is_terminal:
            filled = BAR_CHARS * self.done // max(self.total, 1)
            bar = "#" * filled + "." * (BAR_CHARS - filled)
            line = f"[{bar}] {self.percent():3}% {self.heading}: {detail}"
            print("\r" + line[:LINE_CHARS].ljust(LINE_CHARS), end="", file=self.stream, flush=True)

    def finish(self) -> None:
        """Take the bar away."""
        if self.is_terminal:
            print("\r" + " " * LINE_CHARS + "\r", end="", file=self.stream, flush=True)

    def percent(self) -> int:
        """Return the part done, at most 100."""
        return min(100, 100 * self.done // max(self.total, 1))
