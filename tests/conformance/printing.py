"""The matrix on a terminal: a line a scenario, and what is unexplained as lines of the table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from tests.conformance.comparing import Row
from tests.conformance.runs import RUNNERS

__all__ = ("counts", "header_line", "line_of", "unexplained_text")


def header_line() -> str:
    """Return the line above the table."""
    return f"{'':9} {'scenario':42}" + "".join(f"{who:13}" for who in RUNNERS)


def line_of(scenario: str, row: Row) -> str:
    """Return a line of the table."""
    return f"{scenario:42}" + "".join(f"{cell.verdict:13}" for cell in row.values())


def counts(matrix: Mapping[str, Row]) -> dict[str, Counter[str]]:
    """Return how often each runner has each verdict."""
    totals: dict[str, Counter[str]] = {}
    for row in matrix.values():
        for who, cell in row.items():
            totals.setdefault(who, Counter())[cell.verdict] += 1
    return totals


def unexplained_text(scenario: str, row: Row) -> str:
    """Return what the table of quirks would have to say, and what it says in vain."""
    return "\n".join(_unexplained(scenario, row))


def _unexplained(scenario: str, row: Row) -> Iterator[str]:
    for who, cell in row.items():
        new = [difference for difference in cell.differences if difference.quirk is None]
        if new:
            pairs = ", ".join(f"{json.dumps(d.facet)} = {json.dumps(d.value)}" for d in new)
            yield f"{who}: seen.{json.dumps(scenario)} = {{ {pairs} }}"
            yield from (f"  most show: {json.dumps(d.facet)} = {json.dumps(d.usual)}" for d in new)
        for facet, value in cell.gone.items():
            yield f"{who}: {scenario} no longer shows {facet!r} as {value!r}"
