"""The verdicts on targets, from times that are given here."""

from __future__ import annotations

import pytest

from bench.peers import PEERS, TITLES
from bench.results import Absent, Measurement, Outcome, ScenarioResult
from bench.scenarios import SCENARIOS
from bench.targets import TARGETS, Measure, Target, Verdict, judge

GET = next(each for each in SCENARIOS if each.key == "get")


def result_of(**seconds: float) -> ScenarioResult:
    """Return a result whose best rounds are these; `_` in a name stands for `-`."""
    outcomes: dict[str, Outcome] = {
        name.replace("_", "-"): Measurement((each, each * 2), 1) for name, each in seconds.items()
    }
    return ScenarioResult(GET, outcomes)


def verdict_on(target: Target, result: ScenarioResult, minor: int = 11) -> str:
    found = judge({target.scenario: result}, python=(3, minor))
    return next(each.word for each in found if each.target is target)


def target_for(ours: str, peer: str) -> Target:
    return next(
        each for each in TARGETS if (each.scenario, each.ours, each.peer) == ("get", ours, peer)
    )


def test_every_target_names_a_scenario_and_clients_that_exist() -> None:
    scenarios = {each.key for each in SCENARIOS}
    takes_part = {(peer.key, key) for peer in PEERS for key in scenarios if peer.takes_part(key)}

    for target in TARGETS:
        assert (target.ours, target.scenario) in takes_part
        assert (target.peer, target.scenario) in takes_part


@pytest.mark.parametrize(("seconds", "word"), [(1e-6, "met"), (1.01e-6, "MISSED")])
def test_a_ratio_below_the_bound_is_shown_as_a_miss(seconds: float, word: str) -> None:
    target = target_for("ours-thread", "starlette")

    assert verdict_on(target, result_of(ours_thread=seconds, starlette=25e-6)) == word


@pytest.mark.parametrize(("minor", "word"), [(11, "met"), (12, "MISSED"), (13, "MISSED")])
def test_bounds_are_higher_where_tasks_start_eagerly(minor: int, word: str) -> None:
    target = target_for("ours-inline", "starlette")
    result = result_of(ours_inline=1e-6, starlette=40e-6)

    assert verdict_on(target, result, minor) == word


def test_a_cost_above_its_bound_is_a_miss() -> None:
    target = target_for("ours-requests", "requests-noop")

    assert verdict_on(target, result_of(ours_requests=14e-6, requests_noop=10e-6)) == "met"
    assert verdict_on(target, result_of(ours_requests=15e-6, requests_noop=10e-6)) == "MISSED"


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    target = target_for("ours-thread", "starlette")
    result = ScenarioResult(GET, {"ours-thread": Absent("failed"), "starlette": Absent("failed")})

    assert verdict_on(target, result) == "not measured"
    assert {each.word for each in judge({})} == {"not measured"}


@pytest.mark.parametrize(("peak_bytes", "is_met"), [(2**20 - 1, True), (2**20, False)])
def test_a_peak_is_bounded_by_itself(peak_bytes: int, *, is_met: bool) -> None:
    target = next(each for each in TARGETS if each.measure is Measure.PEAK_MIB)
    outcome = Measurement((1.0,), 1, peak_bytes=peak_bytes)

    found = judge({target.scenario: ScenarioResult(GET, {target.ours: outcome})})

    assert [each.is_met for each in found if each.target is target] == [is_met]


def test_the_best_peer_is_no_client_of_ours_and_does_all_that_is_asked() -> None:
    result = result_of(floor=1.0, ours_thread=2.0, asgiref=3.0, httpx2=4.0, starlette=5.0)
    stream = next(each for each in SCENARIOS if each.key == "stream")

    assert result.best_peer() == ("httpx2", 4.0)
    assert ScenarioResult(stream, result.outcomes).best_peer() == ("starlette", 5.0)


def test_a_bound_is_said_in_words() -> None:
    verdict = Verdict(target_for("ours-inline", "starlette"), None, (3, 13))

    wanted = f"at least 60x as fast as {TITLES['starlette']}"
    assert verdict.target.wanted(verdict.python) == wanted
