"""Apps that are slow but alive are never called stalled; the tables are in `tests.living`."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from asgi_testkit import TestClient
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import answer, http_app
from tests.living.table import DRIVERS, LIVING, SIGNALLED
from tests.processes import environment, run_script

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


LOOP_HANDLES_SIGNAL = """
import asyncio, json, signal
from asgi_testkit import TestClient
from tests.apps.raw import answer, http_app

@http_app
async def app(scope, receive, send):
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.add_signal_handler(signal.SIGALRM, future.set_result, None)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    await future
    await answer(send, b"alive")

print(json.dumps(TestClient(app, driver="inline", timeout=5).get("/").text))
"""


def test_signal_that_the_apps_loop_handles_is_heard() -> None:
    assert run_script(LOOP_HANDLES_SIGNAL) == "alive"


@pytest.mark.asyncio
async def test_blocking_client_inside_a_running_loop_waits_for_living_apps() -> None:
    for name in ("sleep", "timer thread", "pool that has been idle", "thread of another library"):
        for driver in DRIVERS:
            with LIVING[name](driver) as run:
                run(FIRST_SECONDS)


# -- where nothing can be looked at ---------------------------------------------------------------


def _fail(*_: object, **__: object) -> Any:
    raise FileNotFoundError("nothing can be looked at")


@contextmanager
def no_temporary_file(patch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp"):
        patch.setattr(tempfile, name, _fail)
    yield


@contextmanager
def no_folder(patch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("exists", "iterdir", "open", "read_text"):
        patch.setattr(Path, name, _fail)
    yield


@contextmanager
def no_free_descriptor(_patch: pytest.MonkeyPatch) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("lack", [no_temporary_file, no_folder, no_free_descriptor])
def test_living_app_is_waited_for_where_nothing_can_be_looked_at(
    lack: Callable[[pytest.MonkeyPatch], Any], driver: Any
) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        threading.Timer(FIRST_SECONDS, loop.call_soon_threadsafe, (future.set_result, None)).start()
        with pytest.MonkeyPatch.context() as patch, lack(patch):
            await future
        await answer(send, b"alive")

    assert TestClient(app, driver=driver, timeout=5).get("/").text == "alive"


@pytest.mark.parametrize("driver", DRIVERS)
def test_living_app_is_waited_for_where_its_test_moves_the_clock(
    driver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, moved = time.perf_counter, [0.0]

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        moved[0] = 3600.0
        await asyncio.sleep(FIRST_SECONDS)
        await answer(send, b"alive")

    client = TestClient(app, driver=driver, timeout=5)
    for module, name in everywhere(now):
        monkeypatch.setattr(module, name, lambda: now() + moved[0])

    assert client.get("/").text == "alive"


def everywhere(value: object) -> list[tuple[Any, str]]:
    """Return the modules in which a value is, and its names there."""
    return [
        (module, name)
        for module in list(sys.modules.values())
        for name, found in list(getattr(module, "__dict__", {}).items())
        if found is value
    ]


# -- at a debugger's prompt -----------------------------------------------------------------------


@pytest.mark.parametrize("start", [(), ("-m", "pytest", "-s", "-p", "no:cacheprovider")])
def test_app_at_a_debuggers_prompt_is_waited_for(start: tuple[str, ...], tmp_path: Path) -> None:
    script = tmp_path / "test_prompts.py"
    script.write_text(PROMPTS)

    with subprocess.Popen(
        [sys.executable, *start, str(script)],
        cwd=tmp_path,
        env=environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"),
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
