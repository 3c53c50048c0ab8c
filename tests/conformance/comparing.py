"""Compares what the runners show: with what most of them show, and with the table of quirks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tests.conformance.quirks import Quirk, expected_facets, quirk_at

__all__ = ("ABSENT", "Cell", "Difference", "Row", "compared")

ABSENT: Final = "-"

Facets: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One facet in which a runner differs; without a quirk it is unexplained."""

    facet: str
    value: str
    usual: str
    quirk: Quirk | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One scenario on one runner.

    Attributes:
        gone: facets that the table says differ, and do not, with their values.
    """

    differences: tuple[Difference, ...] = ()
    gone: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def verdict(self) -> str:
        """`agrees`, `quirk` or `UNEXPLAINED`."""
        if self.gone or any(difference.quirk is None for difference in self.differences):
            return "UNEXPLAINED"
        return "quirk" if self.differences else "agrees"


Row: TypeAlias = Mapping[str, Cell]


def compared(scenario: str, shown: Mapping[str, Facets]) -> Row:
    """Return the cells of a scenario, by runner; the first of `shown` is our engine."""
    usual = {facet: _usual(facet, shown) for facet in _all_facets(shown)}
    return {who: _cell(scenario, who, facets, usual) for who, facets in shown.items()}


def _cell(scenario: str, who: str, facets: Facets, usual: Facets) -> Cell:
    if _is_refused(facets):
        usual = {"client": usual["client"]}
    differences = tuple(
        Difference(facet, value, wanted, quirk_at(who, scenario, facet, value))
        for facet, wanted in usual.items()
        if (value := facets.get(facet, ABSENT)) != wanted
    )
    explained = {difference.facet for difference in differences if difference.quirk}
    known = expected_facets(scenario, who)
    return Cell(differences, {name: known[name] for name in known if name not in explained})


def _all_facets(shown: Mapping[str, Facets]) -> list[str]:
    return sorted({facet for facets in shown.values() for facet in facets})


def _usual(facet: str, shown: Mapping[str, Facets]) -> str:
    """Return the value that most runners show; where as many show another, the first's.

    So whatever three servers agree on is what our engine has to show, too.
    """
    answers = [facets for facets in shown.values() if facet == "client" or not _is_refused(facets)]
    values = [facets.get(facet, ABSENT) for facets in answers]
    return Counter(values).most_common(1)[0][0]


def _is_refused(facets: Facets) -> bool:
    """Whether all that can be compared is that the server, or a rule, has stood before the app."""
    return facets.get("client", "").startswith("rule ") or len(facets) == 1
