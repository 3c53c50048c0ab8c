"""The targets: by how much a client of ours has to be faster than another in the same run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.results import ScenarioResult, ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("TARGETS", "Target", "Verdict", "judge")


@dataclass(frozen=True, slots=True)
class Target:
    """`ours` needs at most 1/`minimum` of the time of `peer`, best round against best round."""

    name: str
    scenario: str
    ours: str
    peer: str
    minimum: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and the ratio that was measured, None where one of the two has no numbers."""

    target: Target
    measured: float | None

    @property
    def word(self) -> str:
        """What the table says."""
        if self.measured is None:
            return "not measured"
        return "met" if self.measured >= self.target.minimum else "missed"


TARGETS = (
    Target("blocking GET, thread", "get", "ours-thread", "starlette", 8.0),
    Target("blocking GET, inline", "get", "ours-inline", "starlette", 10.0),
    Target("async GET", "get", "ours-async", "httpx2", 1.5),
    Target("requests GET, thread", "get", "ours-requests", "requests-noop", 1 / 1.4),
    Target("requests GET, inline", "get", "ours-requests-inline", "requests-noop", 1 / 1.4),
    Target("requests GET, adapter", "get", "ours-requests-adapter", "requests-noop", 1 / 1.4),
    Target("stream, thread", "stream", "ours-thread", "starlette", 4.0),
    Target("stream, inline", "stream", "ours-inline", "starlette", 4.0),
    Target("stream, async", "stream", "ours-async", "starlette", 4.0),
    Target("WebSocket message, thread", "ws_echo", "ours-thread", "starlette", 10.0),
    Target("WebSocket message, inline", "ws_echo", "ours-inline", "starlette", 15.0),
    Target("WebSocket message, async", "ws_echo", "ours-async", "async-asgi-testclient", 1.5),
    Target("connect and close, thread", "ws_connect", "ours-thread", "starlette", 7.0),
    Target("connect and close, inline", "ws_connect", "ours-inline", "starlette", 7.0),
)


def judge(results: Mapping[str, ScenarioResult]) -> list[Verdict]:
    """Compare every target with the results, which are keyed by scenario."""
    return [Verdict(target, measured_ratio(target, results)) for target in TARGETS]


def measured_ratio(target: Target, results: Mapping[str, ScenarioResult]) -> float | None:
    """Return how many times faster ours was."""
    result = results.get(target.scenario)
    if result is None:
        return None
    return ratio(result.best(target.peer), result.best(target.ours))
