"""Slow apps on a busy machine are never called stalled, and stalled ones always are.

`ASGI_TESTKIT_SOAK_RUNS` sets how often each is run. `ASGI_TESTKIT_SOAK_FIGURES` names a file
that each test adds its figures to: under `-n` nothing that a test prints is shown.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from asgi_testkit import StallError
from asgi_testkit.errors import LifespanFailed
from tests.living.clients import Run, entered
from tests.living.table import DRIVERS, LIVING, MORE_LIVING, SIGNALLED, STALLED

pytestmark = pytest.mark.soak

ALL_LIVING = {**LIVING, **MORE_LIVING}

HOGS = 2
RUNS = int(os.environ.get("ASGI_TESTKIT_SOAK_RUNS", "200"))
SECONDS = 0.12


@pytest.fixture(scope="module", autouse=True)
def _busy_machine() -> Iterator[None]:
    """Let processes compute as long as these tests run."""
    command = [sys.executable, "-c", "while True: pass"]
    hogs = [subprocess.Popen(command) for _ in range(HOGS)]
    yield
    for hog in hogs:
        hog.kill()
        hog.wait()


Tell = Callable[[str], None]


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", ALL_LIVING)
def test_living_app_is_waited_for_on_a_busy_machine(name: str, driver: str, tell: Tell) -> None:
    with ALL_LIVING[name](driver) as run:
        alarms = _run_often(run, seconds := [])

    tell(f"{_figures(seconds)}, {len(alarms)} false alarms")
    assert alarms == []


@pytest.mark.parametrize("name", SIGNALLED)
def test_app_that_a_signal_wakes_is_waited_for_on_a_busy_machine(name: str, tell: Tell) -> None:
    with SIGNALLED[name]("inline") as run:
        alarms = _run_often(run, seconds := [])

    tell(f"{_figures(seconds)}, {len(alarms)} false alarms")
    assert alarms == []


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", STALLED)
def test_stalled_app_is_found_on_a_busy_machine(name: str, driver: str, tell: Tell) -> None:
    seconds = []
    with entered(STALLED[name], driver) as client:
        for _ in range(max(RUNS // 10, 5)):
            began = time.perf_counter()
            with pytest.raises(StallError, match="nothing can change that any more"):
                client.get("/")
            seconds.append(time.perf_counter() - began)

    tell(f"proved, {_figures(seconds)}")


def _run_often(run: Run, seconds: list[float]) -> list[str]:
    """Note the seconds of each run; return what was wrongly reported."""
    alarms = []
    for _ in range(RUNS):
        began = time.perf_counter()
        try:
            run(SECONDS)
        except (StallError, LifespanFailed) as error:
            alarms.append(str(error))
        seconds.append(time.perf_counter() - began)
    return alarms


def _figures(seconds: list[float]) -> str:
    total, slowest = sum(seconds), max(seconds)
    return f"{len(seconds)} runs, {total / len(seconds):.3f} s each, {slowest:.3f} s the slowest"
