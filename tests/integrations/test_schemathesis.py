"""Schemathesis sends its requests through our clients, and judges the shop by the answers."""

from __future__ import annotations

import re
from pathlib import Path

from tests.plugin.runs import Run, run_pytest
from tests.processes import REPOSITORY

CASE = Path(__file__).with_name("cases") / "schemathesis_shop.py"
SHOP = REPOSITORY / "examples" / "shop"


def run_case(folder: Path) -> Run:
    """Run the case, with warnings as errors."""
    arguments = ("-p", "schemathesis", "-p", "hypothesispytest", "-W", "error", "-rA", "-q")
    return run_pytest(
        folder, *arguments, test=CASE.read_text(encoding="utf-8"), path=(SHOP,), seconds=180
    )


def passed(run: Run, name: str) -> int:
    return sum(line.startswith(f"PASSED test_it.py::{name}") for line in run.lines)


# All in one test: the run takes some seconds.
def test_schemathesis_tests_the_shop_through_our_clients_and_finds_its_bug(tmp_path: Path) -> None:
    run = run_case(tmp_path)

    assert (passed(run, "test_session"), passed(run, "test_keywords")) == (23, 4), run.out
    assert run.summary == "1 failed, 27 passed"
    failure = "\n".join(run.failure("test_bug[GET /report]"))
    assert re.search("^E +ZeroDivisionError: division by zero$", failure, re.MULTILINE)
    assert "curl -X GET 'http://localhost/report?days=0'" in failure
