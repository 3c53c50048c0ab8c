"""Lifespans: whether the server starts, what it serves, and whether it stops in good order."""

from __future__ import annotations

from typing import Final

from tests.conformance.scenario import Scenario

__all__ = ("SCENARIOS",)

_LIFESPANS: Final = {
    "complete": "both are answered, and the state reaches requests",
    "raises-at-once": "an exception before anything is received",
    "raises-in-startup": "an exception before the answer to startup",
    "returns-at-once": "an app that returns without an answer",
    "startup-failed": "a startup that fails",
    "startup-twice": "two answers to startup",
    "unknown-message": "a message that nobody knows",
    "raises-after-startup": "an exception between startup and shutdown",
    "raises-in-shutdown": "an exception in shutdown",
    "shutdown-failed": "a shutdown that fails",
    "returns-from-shutdown": "an app that returns from shutdown without an answer",
    "state-replaced": "another state in the place of that which was given",
}

SCENARIOS: Final = tuple(
    Scenario(
        name=f"lifespan-{name}",
        topic="lifespans",
        asks=asks,
        app=name.replace("-", "_"),
        kind="lifespan",
        spoils=True,
    )
    for name, asks in _LIFESPANS.items()
)
