"""Runs scenarios: our engine and the servers are started once, and asked for one run at a time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, Self, TypeAlias

import httpx2

from asgi_testkit import LiveServer, TestClient, serve
from tests.conformance.apps import CONTROL, app
from tests.conformance.control import Control, Fetch
from tests.conformance.engine import EngineHTTP, EngineWebSocket, open_engine
from tests.conformance.facets import facets_of
from tests.conformance.living import life_in_engine, life_over
from tests.conformance.quirks import expected_facets
from tests.conformance.scenario import Saw, Scenario, Sighting
from tests.conformance.wire import WireHTTP
from tests.conformance.wire_websocket import WireWebSocket

__all__ = ("OURS", "RUNNERS", "SERVERS", "Runs")

OURS: Final = "ours"
SERVERS: Final = ("uvicorn", "hypercorn", "granian", "daphne")
RUNNERS: Final = (OURS, *SERVERS)

# Daphne gives an app so many seconds to answer a handshake; its own 5 would be long for a test.
_OPTIONS: Final[dict[str, dict[str, Any]]] = {"daphne": {"websocket_connect_timeout": 1}}

# After an app's failure it answers and logs no other for as long as it runs.
_SPOILT: Final = frozenset({"daphne"})

APP: Final = "tests.conformance.apps:app"
_PATIENCE: Final = 10.0  # seconds that a server may think about an answer
_IMPATIENCE: Final = 0.8  # where the table of quirks says that none will come
_WAITS: Final = ("hang", "runs on", "no head yet", "never:", "left, app not called")

Facets: TypeAlias = dict[str, str]


class Runs:
    """What runs scenarios, while it is open; a runner starts when it is first needed."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._servers: dict[str, tuple[LiveServer, httpx2.Client, ExitStack]] = {}
        self._client: TestClient | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for over in list(self._servers):
            self._stop(over)
        self._open.close()

    def facets(self, scenario: Scenario) -> dict[str, Facets]:
        """Return what each runner shows."""
        return {runner: self.facets_of(scenario, runner) for runner in RUNNERS}

    def facets_of(self, scenario: Scenario, runner: str) -> Facets:
        """Run it once."""
        if scenario.kind == "lifespan":
            return life_in_engine(scenario) if runner == OURS else life_over(scenario, runner)
        sighting = self._ours(scenario) if runner == OURS else self._over(scenario, runner)
        return facets_of(scenario, sighting)

    # -- our engine -------------------------------------------------------------------------------

    def _ours(self, scenario: Scenario) -> Sighting:
        if self._client is None:
            self._client = self._open.enter_context(open_engine(app))
        client = self._client

        def line_of(label: bytes, control: Control) -> Any:
            line_type: Any = EngineHTTP if scenario.kind == "http" else EngineWebSocket
            return line_type(client, scenario.request, label, control)

        return self._run(scenario, _PATIENCE, _asking(client), line_of)

    # -- servers ----------------------------------------------------------------------------------

    def _over(self, scenario: Scenario, over: str) -> Sighting:
        server, client, _ = self._started(over)
        patience = _patience(scenario, over)

        def line_of(label: bytes, control: Control) -> Any:
            line_type: Any = WireHTTP if scenario.kind == "http" else WireWebSocket
            return line_type(server.url, scenario.request, label, control, patience)

        try:
            sighting = self._run(scenario, patience, _asking(client), line_of)
        except httpx2.TransportError:
            self._kill(over)
            return Sighting(Saw(end="the server's process ends"), {})
        if scenario.spoils and over in _SPOILT and _has_failed(sighting):
            self._kill(over)
        return sighting

    def _started(self, over: str) -> tuple[LiveServer, httpx2.Client, ExitStack]:
        if over not in self._servers:
            stack = ExitStack()
            server = stack.enter_context(serve(APP, over, **_OPTIONS.get(over, {})))
            client = stack.enter_context(server.client(timeout=60.0))
            self._servers[over] = server, client, stack
        return self._servers[over]

    def _stop(self, over: str) -> None:
        self._servers.pop(over)[2].close()

    def _kill(self, over: str) -> None:
        """End a server that is of no use any more; how it ends does not count."""
        self._servers[over][0].kill()
        self._stop(over)

    # -- both -------------------------------------------------------------------------------------

    def _run(
        self,
        scenario: Scenario,
        patience: float,
        fetch: Fetch,
        line_of: Callable[[bytes, Control], Any],
    ) -> Sighting:
        run = f"{scenario.name}-{next(self._numbers)}"
        control = Control(fetch, run, patience)
        line = line_of(f"{scenario.app} {run}".encode(), control)
        scenario.script(line)
        return Sighting(line.saw, control.record())


def _has_failed(sighting: Sighting) -> bool:
    return sighting.client.end != "whole" or sighting.app.get("ended") != "returned"


def _asking(client: httpx2.Client) -> Fetch:
    def fetch(question: str) -> bytes:
        return client.get("/", headers=[(CONTROL, question.encode())]).content

    return fetch


def _patience(scenario: Scenario, over: str) -> float:
    """Return how long to wait; not long for what is known not to come."""
    known = " ".join(expected_facets(scenario.name, over).values())
    return _IMPATIENCE if any(word in known for word in _WAITS) else _PATIENCE
