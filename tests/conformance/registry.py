"""The apps of the scenarios, by name; those of the rules are found here, too."""

from __future__ import annotations

from functools import cache

import tests.rules.broken
import tests.rules.legal  # noqa: F401 - both register, before a server answers
from tests.apps.raw import App
from tests.rules.registry import BROKEN, LEGAL

__all__ = ("APPS", "app", "find_app")

APPS: dict[str, App] = {}


def app(function: App) -> App:
    """Register an app by its name."""
    name: str = function.__name__  # type: ignore[attr-defined]
    assert name not in APPS
    APPS[name] = function
    return function


def find_app(name: str) -> App:
    """Return an app: `name`, `broken:name` or `legal:kind:name`, as the rules' tests have them."""
    return APPS[name] if ":" not in name else _apps_of_rules()[name]


@cache
def _apps_of_rules() -> dict[str, App]:
    broken = {f"broken:{case.name}": case.app for case in BROKEN}
    return broken | {f"legal:{case.kind}:{case}": case.app for case in LEGAL}
