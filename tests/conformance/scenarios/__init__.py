"""All scenarios, one module a topic; `SCENARIOS` has them by name."""

from __future__ import annotations

from typing import Final

from tests.conformance.scenario import Scenario
from tests.conformance.scenarios import bodies, heads, lifespans, order, rules, targets, websockets

__all__ = ("SCENARIOS",)

_MODULES: Final = (targets, heads, bodies, order, websockets, lifespans, rules)

SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.name: scenario for module in _MODULES for scenario in module.SCENARIOS
}
