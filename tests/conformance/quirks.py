"""The table of quirks, `quirks.toml`: where a runner differs from what most show, and why.

A quirk names who, what it does, why, and what is seen of it: for each scenario the facets with
their values. It has to show exactly so; a difference that no quirk names is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

__all__ = ("TABLE", "Quirk", "expected_facets", "quirk_at", "read_quirks")

TABLE: Final = Path(__file__).with_name("quirks.toml")


@dataclass(frozen=True, slots=True)
class Quirk:
    """One way in which one runner differs from the others.

    Attributes:
        who: the runner; `ours` is our engine.
        does: what it does, as a sentence.
        why: the source, or our reason.
        seen: by scenario the facets that differ, with their values; `-`: it has no such facet.
    """

    who: str
    does: str
    why: str
    seen: Mapping[str, Mapping[str, str]]


@cache
def read_quirks(table: Path = TABLE) -> tuple[Quirk, ...]:
    """Return the table.

    Raises:
        ValueError: two quirks explain the same facet.
    """
    rows = tomllib.loads(table.read_text(encoding="utf-8")).get("quirk", ())
    quirks = tuple(Quirk(row["who"], row["does"], row["why"], _seen(row)) for row in rows)
    places = list(_places(quirks))
    for place in places:
        if places.count(place) > 1:
            raise ValueError(f"Two quirks explain {place}.")
    return quirks


def quirk_at(who: str, scenario: str, facet: str, value: str) -> Quirk | None:
    """Return the quirk that says that this is seen."""
    for quirk in read_quirks():
        if quirk.who == who and quirk.seen.get(scenario, {}).get(facet) == value:
            return quirk
    return None


def expected_facets(scenario: str, who: str) -> dict[str, str]:
    """Return what the table says of this cell."""
    facets: dict[str, str] = {}
    for quirk in read_quirks():
        if quirk.who == who:
            facets |= quirk.seen.get(scenario, {})
    return facets


def _seen(row: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return it by single scenarios; in the table one line may have several."""
    seen: dict[str, dict[str, str]] = {}
    for names, facets in row["seen"].items():
        for name in names.split():
            seen.setdefault(name, {}).update(facets)
    return seen


def _places(quirks: tuple[Quirk, ...]) -> Iterator[tuple[str, str, str]]:
    for quirk in quirks:
        for scenario, facets in quirk.seen.items():
            yield from ((quirk.who, scenario, facet) for facet in facets)
