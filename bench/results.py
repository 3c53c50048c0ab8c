"""The values a run produces, and the ratios between them. No clock, no printing."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from statistics import median
from typing import TYPE_CHECKING

from bench.peers import PEERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.scenarios import Scenario

__all__ = ("Absent", "Measurement", "Outcome", "ScenarioResult", "ratio")


@dataclass(frozen=True, slots=True)
class Measurement:
    """The seconds of one operation, or of one of its acts if it has several, once per round."""

    seconds: tuple[float, ...]
    operations_per_round: int
    peak_bytes: int | None = None
    note: str | None = None

    @property
    def best(self) -> float:
        """The round that the rest of the machine disturbed least."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The round in the middle."""
        return median(self.seconds)


@dataclass(frozen=True, slots=True)
class Absent:
    """A row without numbers, and why."""

    reason: str


Outcome = Measurement | Absent


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """One scenario and what each peer made of it, by the peer's key."""

    scenario: Scenario
    outcomes: Mapping[str, Outcome]

    def best(self, peer: str) -> float | None:
        """Return a peer's best round in seconds, None where it has none."""
        outcome = self.outcomes.get(peer)
        return outcome.best if isinstance(outcome, Measurement) else None

    def best_peer(self) -> tuple[str, float] | None:
        """Return the fastest client of others that does all that is asked, and its best round."""
        rows = [
            (peer.key, seconds)
            for peer in PEERS
            if peer.can_be_yardstick(self.scenario.key)
            and (seconds := self.best(peer.key)) is not None
        ]
        return min(rows, key=itemgetter(1), default=None)


def ratio(slower: float | None, faster: float | None) -> float | None:
    """Return how many times `slower` is `faster`, None where either was not measured."""
    if slower is None or faster is None:
        return None
    return slower / faster
