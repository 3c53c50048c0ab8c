"""Test files as users write them pass under each runner, with every warning an error."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import WITHOUT_SLOW_PLUGINS, python_path

CASES = Path(__file__).with_name("cases")
FUNCTION_SCOPE = ("-o", "asyncio_default_fixture_loop_scope=function")
MODULE_SCOPE = (
    "-o",
    "asyncio_default_fixture_loop_scope=module",
    "-o",
    "asyncio_default_test_loop_scope=module",
)


@pytest.mark.parametrize(
    ("case", "options", "passed"),
    [
        ("pytest_asyncio_strict", ("-o", "asyncio_mode=strict", *FUNCTION_SCOPE), 9),
        ("pytest_asyncio_strict", ("-o", "asyncio_mode=auto", *FUNCTION_SCOPE), 9),
        ("pytest_asyncio_auto", ("-o", "asyncio_mode=auto", *MODULE_SCOPE), 5),
        ("anyio_plugin", ("-p", "no:asyncio"), 15),
        ("unittest_cases", ("-p", "no:asyncio"), 6),
    ],
    ids=["strict", "strict-in-auto", "auto", "anyio", "unittest-in-pytest"],
)
def test_clients_work_in_every_plugin_of_pytest(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    case: str,
    options: tuple[str, ...],
    passed: int,
) -> None:
    monkeypatch.setenv("PYTHONPATH", python_path())
    shutil.copy(CASES / f"{case}.py", pytester.path / f"test_{case}.py")

    result = pytester.runpytest_subprocess(
        "-W", "error", *WITHOUT_SLOW_PLUGINS, *options, timeout=30
    )

    result.assert_outcomes(passed=passed)
    assert "cancel scope" not in f"{result.stdout}{result.stderr}"


def test_clients_work_under_the_standard_librarys_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", python_path())

    command = [sys.executable, "-W", "error", str(CASES / "unittest_cases.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert done.stderr.split()[-1] == "OK", done.stderr
    assert "Ran 6 tests" in done.stderr
