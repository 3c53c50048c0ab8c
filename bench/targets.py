"""The targets: what our clients have to reach against others and the floor, measured in one run.

Each compares best rounds. The bounds differ between Python versions where tasks start eagerly.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bench.peers import FLOOR, TITLES, YARDSTICK
from bench.results import Measurement, ScenarioResult, ratio

__all__ = ("GROUPS", "TARGETS", "Measure", "Target", "Verdict", "judge")

EAGER_SINCE = (3, 12)
MIB = 1024 * 1024

STARLETTE_BARE = "starlette-bare"
HTTPX2 = "httpx2"
ASGI_TOOLS = "asgi-tools"
ASYNC_ASGI = "async-asgi-testclient"
NOOP = "requests-noop"


class Measure(Enum):
    """What is compared with the bound, and how it is written."""

    TIMES_FASTER = "at least {bound:g}x as fast as {peer}"
    TIMES_AS_LONG = "at most {bound:g}x the time of {peer}"
    PEAK_MIB = "peak under {bound:g} MiB"
    MILLISECONDS = "under {bound:g} ms"


@dataclass(frozen=True, slots=True)
class Target:
    """One bound for one client of ours; `bound_eager` replaces it from Python 3.12 on."""

    group: str
    ours: str
    bound: float
    scenario: str
    peer: str = YARDSTICK
    measure: Measure = Measure.TIMES_FASTER
    bound_eager: float | None = None

    def bound_for(self, python: tuple[int, int]) -> float:
        """Return the bound that holds for a Python version."""
        is_eager = python >= EAGER_SINCE and self.bound_eager is not None
        return self.bound_eager if is_eager and self.bound_eager is not None else self.bound

    def wanted(self, python: tuple[int, int]) -> str:
        """Say the bound in words."""
        bound = self.bound_for(python)
        return self.measure.value.format(bound=bound, peer=TITLES[self.peer])


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and what was measured, None where the numbers for it are missing."""

    target: Target
    measured: float | None
    python: tuple[int, int]

    @property
    def is_met(self) -> bool | None:
        """Whether the bound holds, None where that is not known."""
        if self.measured is None:
            return None
        bound = self.target.bound_for(self.python)
        match self.target.measure:
            case Measure.TIMES_FASTER:
                return self.measured >= bound
            case Measure.TIMES_AS_LONG:
                return self.measured <= bound
            case Measure.PEAK_MIB | Measure.MILLISECONDS:
                return self.measured < bound

    @property
    def word(self) -> str:
        """What the table says."""
        return {None: "not measured", True: "met", False: "MISSED"}[self.is_met]


def against_starlette(group: str, scenario: str, **bounds: float) -> list[Target]:
    """Return a target for each of our clients named: `thread=`, `inline=`, `asynchronous=`."""
    names = {"asynchronous": "ours-async"}
    return [
        Target(group, names.get(name, f"ours-{name}"), bound, scenario)
        for name, bound in bounds.items()
    ]


def against_floor(group: str, scenario: str, **bounds: float) -> list[Target]:
    """Return the same against the bare app call."""
    return [
        Target(each.group, each.ours, each.bound, scenario, FLOOR, Measure.TIMES_AS_LONG)
        for each in against_starlette(group, scenario, **bounds)
    ]


def absolute(group: str, scenario: str, measure: Measure, bound: float) -> list[Target]:
    """Return one bound for all three clients that stands for itself."""
    ours = ("ours-thread", "ours-inline", "ours-async")
    return [Target(group, each, bound, scenario, each, measure) for each in ours]


TARGETS = (
    Target("small GET", "ours-thread", 25, "get"),
    Target("small GET", "ours-inline", 35, "get", bound_eager=60),
    Target("small GET", "ours-thread", 40, "get", STARLETTE_BARE),
    Target("small GET", "ours-inline", 40, "get", STARLETTE_BARE),
    Target("small GET", "ours-async", 6, "get", HTTPX2, bound_eager=10),
    Target("small GET", "ours-async", 2.5, "get", ASGI_TOOLS),
    *against_starlette("new URL each time", "get_new_url", thread=15),
    *against_starlette("POST of JSON", "post_json", thread=12),
    *against_starlette("1 MiB upload", "upload", thread=7),
    *against_starlette("cookie from the jar", "get_cookie", thread=25),
    *against_floor("FastAPI", "fastapi", thread=1.7, inline=1.6, asynchronous=1.6),
    *against_floor("FastAPI, def", "fastapi_def", thread=1.35, inline=1.35, asynchronous=1.35),
    *against_starlette("WebSocket message", "ws_echo", thread=12, inline=30),
    Target("WebSocket message", "ours-async", 2, "ws_echo", ASYNC_ASGI),
    *against_starlette("connect and close", "ws_connect", thread=10, inline=15),
    *against_starlette("10 MiB stream", "stream", thread=5, inline=7, asynchronous=6),
    *absolute("10 MiB stream", "stream", Measure.PEAK_MIB, 1),
    *absolute("first chunk", "first_chunk", Measure.MILLISECONDS, 1),
    Target("100 GETs at once", "ours-async", 5, "gather", HTTPX2),
    *against_starlette("construct", "construct", thread=1.5),
    *against_starlette("start and stop", "start_stop", thread=8),
    *against_starlette("whole test", "whole_test", thread=11),
    Target("requests", "ours-requests", 1.4, "get", NOOP, Measure.TIMES_AS_LONG),
    Target("requests", "ours-requests-adapter", 1.4, "get", NOOP, Measure.TIMES_AS_LONG),
)
GROUPS = tuple(dict.fromkeys(target.group for target in TARGETS))


def judge(
    results: Mapping[str, ScenarioResult], python: tuple[int, int] = sys.version_info[:2]
) -> list[Verdict]:
    """Compare every target with the results, which are keyed by scenario."""
    return [Verdict(each, measured_value(each, results), python) for each in TARGETS]


def measured_value(target: Target, results: Mapping[str, ScenarioResult]) -> float | None:
    """Return what the target's bound is for."""
    result = results.get(target.scenario)
    if result is None:
        return None
    ours, peer = result.best(target.ours), result.best(target.peer)
    match target.measure:
        case Measure.TIMES_FASTER:
            return ratio(peer, ours)
        case Measure.TIMES_AS_LONG:
            return ratio(ours, peer)
        case Measure.MILLISECONDS:
            return None if ours is None else ours * 1e3
        case Measure.PEAK_MIB:
            return peak_mib(target.ours, result)


def peak_mib(peer: str, result: ScenarioResult) -> float | None:
    """Return the most memory that one operation held."""
    outcome = result.outcomes.get(peer)
    if not isinstance(outcome, Measurement) or outcome.peak_bytes is None:
        return None
    return outcome.peak_bytes / MIB
