"""Runs an app's whole life: started, asked once, stopped; on a server of its own, or our engine."""

from __future__ import annotations

import warnings
from contextlib import redirect_stdout
from io import StringIO
from typing import Any, Final

from asgi_testkit import TestClient, serve
from asgi_testkit.errors import ServerFailed, TestkitWarning
from tests.conformance import apps_lifespan
from tests.conformance.apps_lifespan import MARK
from tests.conformance.scenario import Scenario

__all__ = ("life_in_engine", "life_over")

_APPS: Final = "tests.conformance.apps_lifespan"

Facets = dict[str, str]


def life_over(scenario: Scenario, over: str) -> Facets:
    """Return what is seen of a server with the scenario's app."""
    server = serve(f"{_APPS}:{scenario.app}", over)
    seen = ["starts"]
    try:
        with server:
            response = server.client().get("/")
            seen.append(f"answers {response.status_code} {response.text}")
    except ServerFailed:
        seen.append("fails")
    else:
        seen.append("stops")
    return _facets(seen, server.log)


def life_in_engine(scenario: Scenario) -> Facets:
    """Return what is seen of our client with the scenario's app."""
    app: Any = getattr(apps_lifespan, scenario.app)
    seen = ["starts"]
    printed = StringIO()
    with warnings.catch_warnings(), redirect_stdout(printed):
        warnings.simplefilter("ignore", TestkitWarning)
        try:
            with TestClient(app, raise_server_exceptions=False) as client:
                response = client.get("/")
                seen.append(f"answers {response.status_code} {response.text}")
        except Exception as error:
            seen.append(f"raises {type(error).__name__}")
        else:
            seen.append("stops")
    return _facets(seen, printed.getvalue())


def _facets(seen: list[str], log: str) -> Facets:
    printed = [line.partition(MARK)[2] for line in log.splitlines() if MARK in line]
    return {"client": ", ".join(seen), "lifespan": ", ".join(printed) or "nothing"}
