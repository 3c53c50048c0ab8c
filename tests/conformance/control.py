"""What is asked and told about a run: beside its own line, and to the same process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.conformance.recording import unpacked

__all__ = ("Control", "Fetch")

Fetch: TypeAlias = Callable[[str], bytes]
"""Sends what stands in `x-control`, and returns the body."""


class Control:
    """Questions about one run."""

    def __init__(self, fetch: Fetch, run: str, patience: float) -> None:
        self._fetch = fetch
        self._run = run
        self._patience = patience

    def has(self, mark: str) -> bool:
        """Wait for a mark; return whether it has come while there was patience."""
        return self._until(mark)["has mark"]

    def say(self, word: str) -> None:
        """Tell the app of the run."""
        self._fetch(f"{self._run}|say|{word}|0")

    def record(self) -> dict[str, Any]:
        """Return the record when the call has ended; at once where there was none."""
        now = self._until("now")
        return now if now["scope"] is None else self._until("ended")

    def _until(self, mark: str) -> Any:  # the record, and whether it has the mark
        return unpacked(self._fetch(f"{self._run}|until|{mark}|{self._patience}"))
