"""Mocks of outgoing HTTP catch what the app sends, and never what the test sends to the app."""

from __future__ import annotations

from pathlib import Path

from tests.plugin.runs import Run, run_pytest

CASE = Path(__file__).with_name("cases") / "outbound_mocks.py"
PLUGINS = ("anyio", "respx", "pytest_httpx", "pytest_httpx2")
EXPECTED = {
    # tests for three blocking clients, and for two async ones on asyncio and trio
    "test_respx": 3,
    "test_respx_async": 4,
    "test_pytest_httpx": 3,
    "test_pytest_httpx_async": 4,
    "test_httpx2_pytest": 3,
    "test_httpx2_pytest_async": 4,
    "test_responses": 3,
    "test_respx_using_httpx": 1,
}


def run_case(folder: Path) -> Run:
    """Run the case, with warnings as errors."""
    plugins = [argument for name in PLUGINS for argument in ("-p", name)]
    text = CASE.read_text(encoding="utf-8")
    return run_pytest(folder, *plugins, "-W", "error", "-rA", "-q", test=text)


# All in one test: the run takes some seconds.
def test_mocks_catch_the_apps_outgoing_calls_and_none_of_the_clients(tmp_path: Path) -> None:
    run = run_case(tmp_path)

    passed = [line.partition("::")[2] for line in run.lines if line.startswith("PASSED")]
    names = [name.partition("[")[0] for name in passed]
    assert {name: names.count(name) for name in EXPECTED} == EXPECTED, run.out
    assert run.summary == f"{sum(EXPECTED.values())} passed"
