"""A pytest plugin of `scripts/suites.py`: what came of each test, as JSON, and progress meanwhile.

It notes which tests went through the client that `starlette.testclient` gives, by wrapping what its
calls have in common; that is done to Starlette's own client only, ours is left as it is.

Environment: `SUITE_REPORT`: the file to write; `SUITE_PROGRESS`: the descriptor that gets a line
after each test.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

__all__ = ("pytest_configure",)

_PATIENCE_SECONDS = 12.0  # trio ends its idle threads after 10


class SuiteReport:
    """What came of each test of one run."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}
        self.failures: dict[str, str] = {}
        self.through_client: set[str] = set()
        self.running = ""
        self.total = 0
        self.began = time.perf_counter()
        self.client = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Wrap Starlette's client, before conftests and tests are collected."""
        from starlette.testclient import TestClient  # noqa: PLC0415 - whichever it is by now

        self.client = f"{TestClient.__module__}.{TestClient.__qualname__}"
        if TestClient.__module__.startswith("starlette"):
            for name in ("send", "__enter__"):
                setattr(TestClient, name, self._noted(getattr(TestClient, name)))

    def _noted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def noting(*args: Any, **options: Any) -> Any:
            self.through_client.add(self.running)
            return method(*args, **options)

        return noting

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note how many tests there are."""
        self.total = len(session.items)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Note which test runs."""
        self.running = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what came of a test: the worst of its three parts."""
        node = report.nodeid
        if hasattr(report, "wasxfail"):
            self.outcomes[node] = "xfailed" if report.skipped else "xpassed"
        elif report.failed:
            self.outcomes[node] = "failed"
            self.failures.setdefault(node, report.longreprtext[-4000:])
        elif report.when == "call" or report.skipped:
            self.outcomes.setdefault(node, report.outcome)
        if report.when == "teardown":
            _tell(f"{len(self.outcomes)} {self.total} {len(self.failures)}\n")

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Write everything down, with the threads that are left."""
        if self.client.startswith("asgi_testkit."):
            _end_idle_threads()
        others = (each for each in threading.enumerate() if each is not threading.main_thread())
        threads = [each for each in others if _stays(each)]
        report = {
            "client": self.client,
            "seconds": time.perf_counter() - self.began,
            "outcomes": self.outcomes,
            "failures": self.failures,
            "through_client": sorted(self.through_client),
            "threads": sorted(each.name for each in threads),
        }
        Path(os.environ["SUITE_REPORT"]).write_text(json.dumps(report), encoding="utf-8")


def _end_idle_threads() -> None:
    """End what waits for another client, as before a fork: what is left then, nobody ends."""
    from asgi_testkit.drive.pool import POOL  # noqa: PLC0415 - there in one of two runs
    from asgi_testkit.drive.watchdog import WATCHDOG  # noqa: PLC0415

    POOL.end_idle()
    WATCHDOG.stop()


def _stays(thread: threading.Thread) -> bool:
    """Return whether a thread is there to stay, and not about to end."""
    thread.join(_PATIENCE_SECONDS)
    return thread.is_alive()


def _tell(line: str) -> None:
    os.write(int(os.environ["SUITE_PROGRESS"]), line.encode())


def pytest_configure(config: pytest.Config) -> None:
    """Begin a report; know the marker of pytest-xdist, which is not there."""
    config.addinivalue_line("markers", "xdist_group(name): which worker of pytest-xdist runs it.")
    config.pluginmanager.register(SuiteReport())
