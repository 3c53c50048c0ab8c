"""Apps that are slow but alive are never called stalled; the tables are in `tests.living`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.living.table import DRIVERS, LIVING, SIGNALLED
from tests.processes import python_path

FIRST_SECONDS = 0.2
SECONDS = 0.09  # well above the 50 to 70 ms in which a stall is proved
RUNS = 5

PROMPTS = """
import asyncio
import pytest
from asgi_testkit import TestClient

async def app(scope, receive, send):
    await receive()
    breakpoint()
    await asyncio.sleep(0.1)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"alive"})

@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_app_at_the_prompt(driver):
    assert TestClient(app, driver=driver, timeout=20).get("/").text == "alive"

if __name__ == "__main__":
    test_app_at_the_prompt("thread")
    test_app_at_the_prompt("inline")
    print("2 passed")
"""


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("name", LIVING)
def test_living_app_is_waited_for(name: str, driver: str) -> None:
    with LIVING[name](driver) as run:
        run(FIRST_SECONDS)
        for _ in range(RUNS - 1):
            run(SECONDS)


@pytest.mark.parametrize("name", SIGNALLED)
def test_app_that_a_signal_wakes_is_waited_for(name: str) -> None:
    with SIGNALLED[name]("inline") as run:
        for _ in range(RUNS):
            run(SECONDS)


@pytest.mark.asyncio
async def test_blocking_client_inside_a_running_loop_waits_for_living_apps() -> None:
    for name in ("sleep", "timer thread", "pool that has been idle", "thread of another library"):
        for driver in DRIVERS:
            with LIVING[name](driver) as run:
                run(FIRST_SECONDS)


@pytest.mark.parametrize("start", [(), ("-m", "pytest", "-s", "-p", "no:cacheprovider")])
def test_app_at_a_debuggers_prompt_is_waited_for(start: tuple[str, ...], tmp_path: Path) -> None:
    script = tmp_path / "test_prompts.py"
    script.write_text(PROMPTS)

    with subprocess.Popen(
        [sys.executable, *start, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": python_path(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for _ in DRIVERS:
            continue_late(process)
        output, _ = process.communicate(timeout=30)

    assert process.returncode == 0, output
    assert "2 passed" in output


def continue_late(process: subprocess.Popen[str]) -> None:
    """Leave the debugger's prompt, once it is there and some time has passed."""
    assert process.stdin is not None
    assert process.stdout is not None
    shown = ""
    while not shown.endswith("(Pdb) "):
        letter = process.stdout.read(1)
        assert letter, shown
        shown += letter
    time.sleep(FIRST_SECONDS)
    process.stdin.write("c\n")
    process.stdin.flush()
