"""What the engine is told of the process: the debugger, the real stderr, pytest's threads."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.plugin.runs import run_pytest

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="thread ids are Linux's")

PROMPT = """
import pdb
from asgi_testkit.settings import SETTINGS

class Debugger(pdb.Pdb):
    def cmdloop(self, *args):
        print("AT THE PROMPT", SETTINGS.prompt.is_open)
        self.onecmd(COMMAND)

def test_it():
    assert not SETTINGS.prompt.is_open
    breakpoint()
    assert not SETTINGS.prompt.is_open
    assert SETTINGS.prompt.left_at > 0

import pytest

@pytest.fixture(autouse=True, scope="session")
def session():
    yield
    print("ENDS", SETTINGS.prompt.is_open)
"""

STDERR = """
import os
from asgi_testkit.settings import SETTINGS

def test_it():
    assert SETTINGS.stderr_fd > 2
    os.write(SETTINGS.stderr_fd, b"a report\\n")
"""

THREADS = """
import os, threading
from asgi_testkit.settings import SETTINGS

of_module = threading.Thread(target=threading.Event().wait, daemon=True)
of_module.start()

def python_threads():
    return {thread.native_id for thread in threading.enumerate()}

def test_quiet_threads_run():
    running = {int(name) for name in os.listdir("/proc/self/task")}
    assert SETTINGS.quiet_threads <= running
    assert len(SETTINGS.quiet_threads) == QUIET

def test_threads_of_tests_are_not_quiet():
    assert threading.get_native_id() not in SETTINGS.quiet_threads
    assert of_module.native_id not in SETTINGS.quiet_threads

def test_quiet_threads_are_none_that_python_code_has_started():
    assert SETTINGS.quiet_threads & python_threads() == set()
"""


def with_command(command: str) -> str:
    return PROMPT.replace("COMMAND", repr(command))


def test_debugger_is_at_its_prompt_until_the_test_goes_on(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "--pdbcls=test_it:Debugger", test=with_command("continue"))

    assert "AT THE PROMPT True" in run.out
    assert run.summary.strip() == "1 passed"


def test_debugger_that_is_quit_has_left_its_prompt_when_fixtures_end(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "--pdbcls=test_it:Debugger", test=with_command("quit"))

    assert "AT THE PROMPT True" in run.out
    assert "ENDS False" in run.out


@pytest.mark.parametrize("arguments", [(), ("--capture=sys",), ("-n", "1")])
def test_report_goes_to_the_real_stderr_past_the_capture(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    run = run_pytest(tmp_path, *arguments, test=STDERR)

    assert run.summary.strip() == "1 passed"
    assert "a report" in run.errors


@on_linux
@pytest.mark.parametrize(
    ("arguments", "quiet"),
    [
        ((), 0),
        (("-o", "faulthandler_timeout=60"), 1),
        (("-p", "no:faulthandler"), 0),
        (("-n", "1"), 1),
        (("-n", "1", "-o", "faulthandler_timeout=60"), 2),
    ],
    ids=["none", "timer", "no-plugin", "xdist", "timer-in-xdist"],
)
def test_threads_of_the_runner_are_quiet_and_those_of_tests_are_not(
    tmp_path: Path, arguments: tuple[str, ...], quiet: int
) -> None:
    run = run_pytest(tmp_path, *arguments, test=THREADS.replace("QUIET", str(quiet)))

    assert run.summary.strip() == "3 passed", run.out + run.errors


@on_linux
def test_thread_that_a_conftest_starts_is_not_quiet(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
        encoding="utf-8",
    )
    run = run_pytest(tmp_path, test=THREADS.replace("QUIET", "0"))

    assert run.summary.strip() == "3 passed"


FAILING = """
import pytest
from asgi_testkit.settings import SETTINGS

@pytest.fixture
def resource():
    yield
    print("LEFT", set(SETTINGS.quiet_threads))

def test_it(resource):
    assert len(SETTINGS.quiet_threads) == 1
    raise ValueError
"""


@on_linux
def test_timer_that_pytest_ends_at_a_failure_is_forgotten(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "-s", "-o", "faulthandler_timeout=60", test=FAILING)

    assert "E       ValueError" in run.lines
    assert "LEFT set()" in run.out


INTERRUPT = """
def test_it():
    interrupt = KeyboardInterrupt()
    interrupt.add_note("waited for GET /slow")
    error = ValueError("first")
    error.add_note("the app had sent nothing")
    try:
        raise error
    except ValueError:
        raise interrupt
"""


def test_notes_of_an_interrupt_and_of_what_led_to_it_are_printed(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, test=INTERRUPT)

    at = next(n for n, line in enumerate(run.lines) if "asgi-testkit: when interrupted" in line)
    assert run.status == pytest.ExitCode.INTERRUPTED
    assert run.lines[at + 1 : at + 3] == ["waited for GET /slow", "the app had sent nothing"]


def test_interrupt_without_notes_prints_no_section(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, test="def test_it():\n    raise KeyboardInterrupt\n")

    assert run.status == pytest.ExitCode.INTERRUPTED
    assert "when interrupted" not in run.out
