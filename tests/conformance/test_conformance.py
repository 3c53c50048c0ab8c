"""The scenarios on our engine and on every server: no difference without a name.

Those that spoil a server, which has to be started anew after each, run by `make conformance`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.comparing import compared
from tests.conformance.printing import unexplained_text
from tests.conformance.quirks import read_quirks
from tests.conformance.runs import RUNNERS, Runs
from tests.conformance.scenario import Scenario
from tests.conformance.scenarios import SCENARIOS


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    """Return what runs scenarios; each server is started once, and stopped at the end."""
    with Runs() as opened:
        yield opened


QUICK = [scenario for scenario in SCENARIOS.values() if not scenario.spoils]


@pytest.mark.parametrize("scenario", QUICK, ids=str)
def test_runners_differ_in_nothing_but_named_quirks(scenario: Scenario, runs: Runs) -> None:
    row = compared(scenario.name, runs.facets(scenario))

    assert not unexplained_text(scenario.name, row)


def test_every_quirk_is_of_a_runner_and_of_scenarios_that_are() -> None:
    for quirk in read_quirks():
        assert quirk.who in RUNNERS
        assert set(quirk.seen) <= set(SCENARIOS)
