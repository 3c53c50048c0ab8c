"""What people see of each kind of failure: the whole of it, and its cause near the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.plugin.golden_runs import GOLDEN, KINDS, terminal_output
from tests.plugin.runs import run_pytest

CAUSES = {
    "assertion_on_a_status": ["POST /orders", "kiosk.py:23", "409", "sold out"],
    "exception_of_the_app": ["GET /prices/papers", "kiosk.py:31", "SoldOutError('papers')"],
    "broken_rule": ["GET /", "kiosk.py:70", "ASGIRuleError"],
    "stall": ["GET /queue", "kiosk.py:42", "waits for an event"],
    "websocket_closed_early": ["WebSocket /chat", "4001", "closing time"],
    "background_task": ["GET /receipt", "kiosk.py:36", "(background)"],
}
CAUSE_LINES = 30


@pytest.mark.parametrize("kind", KINDS)
def test_terminal_shows_what_is_expected_of_a_failure(kind: str, tmp_path: Path) -> None:
    expected = (GOLDEN / f"{kind}.txt").read_text(encoding="utf-8")

    assert terminal_output(kind, tmp_path) == expected


@pytest.mark.parametrize(("kind", "causes"), CAUSES.items())
def test_cause_of_a_failure_is_within_the_last_lines(kind: str, causes: list[str]) -> None:
    lines = (GOLDEN / f"{kind}.txt").read_text(encoding="utf-8").splitlines()

    end = "\n".join(lines[-CAUSE_LINES:])

    assert [cause for cause in causes if cause not in end] == []


def test_every_kind_has_its_file_and_no_file_is_left_over() -> None:
    assert sorted(file.stem for file in GOLDEN.glob("*.txt")) == sorted(KINDS)


def test_workers_of_xdist_send_the_same_sections(tmp_path: Path) -> None:
    test = "exception_of_the_app"

    alone = _failure(terminal_output(test, tmp_path))
    together = _failure(terminal_output(test, tmp_path, "-n", "4"))

    assert together == alone


def _failure(text: str) -> str:
    """Return the failure's part of what pytest prints."""
    return re.split(r"^=+ (?:FAILURES|short test summary info) =+$", text, flags=re.MULTILINE)[1]


def test_section_is_not_there_where_nothing_has_crossed(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, test="import asgi_testkit.httpx2.clients\ndef test_it(): assert 0\n")

    assert "asgi-testkit: last exchanges" not in run.out
