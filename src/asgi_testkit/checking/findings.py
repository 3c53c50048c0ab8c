"""Findings: the violations so far, each once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from asgi_testkit.checking.violation import Violation

__all__ = ("Findings",)


class Findings:
    """What was found, in the order in which it showed first."""

    def __init__(self) -> None:
        self._found: dict[tuple[object, ...], Violation] = {}

    def add(self, violations: Iterable[Violation]) -> None:
        """Add violations; one that is known is counted."""
        for one in violations:
            key = _key(one)
            known = self._found.get(key)
            more = 0 if known is None else known.count
            self._found[key] = one if known is None else replace(known, count=more + one.count)

    def __len__(self) -> int:
        return len(self._found)

    def as_list(self) -> list[Violation]:
        """Return the violations."""
        return list(self._found.values())


def _key(violation: Violation) -> tuple[object, ...]:
    """Return what makes a violation the same; without a place its first line has to do."""
    where = violation.place or violation.text.partition("\n")[0]
    return violation.kind, violation.rule, where
