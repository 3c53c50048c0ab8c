"""What `assert check(app) == []` says where it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from asgi_testkit.checking.violation import Violation
from asgi_testkit.pytest_plugin.violations import pytest_assertrepr_compare
from tests.plugin.runs import run_pytest

SUITE = """
from asgi_testkit import check

async def app(scope, receive, send):
    assert scope["type"] == "http"
    if scope["method"] == "BREW":
        raise KeyError("brew")
    await send({"type": "http.response.start", "status": "200"})

def test_app():
    assert COMPARISON
"""


@pytest.mark.parametrize("comparison", ["check(app) == []", "[] == check(app)"])
def test_each_violation_is_named_before_any_is_told(tmp_path: Path, comparison: str) -> None:
    run = run_pytest(tmp_path, test=SUITE.replace("COMPARISON", comparison))

    first = next(n for n, line in enumerate(run.lines) if "check() found 2 violations:" in line)
    rule, exception = run.lines[first : first + 2]
    assert "check() found 2 violations: E rule H20 at " in rule
    assert "(and " in rule
    assert "E exception at " in exception
    assert "BREW /" in exception


def test_all_is_told_where_more_is_wanted(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "-vv", test=SUITE.replace("COMPARISON", "check(app) == []"))

    assert any("The app sent a status that is no int: '200'." in line for line in run.lines)
    assert any("KeyError: 'brew'" in line for line in run.lines)


def test_many_violations_are_counted() -> None:
    found = [Violation("exception", None, "raised", f"GET /{n}") for n in range(8)]

    lines = pytest_assertrepr_compare("==", found, [])

    assert lines is not None
    named = ["check() found 8 violations: E exception: GET /0", "E exception: GET /1"]
    assert lines[:2] == named
    assert lines[5:8] == ["... and 3 more", "", "E exception: GET /0"]


def test_control_characters_are_shown_and_not_obeyed() -> None:
    found = [Violation("exception", None, "raised\x07", "GET /\x1b[31m\u00e9")]

    lines = pytest_assertrepr_compare("==", found, [])

    assert lines == [
        "check() found 1 violation: E exception: GET /\\x1b[31m\u00e9",
        "",
        "E exception: GET /\\x1b[31m\u00e9",
        "  raised\\x07",
    ]


@pytest.mark.parametrize(
    ("op", "left", "right"),
    [
        ("!=", [Violation("leak", None, "left", "startup")], []),
        ("==", [Violation("leak", None, "left", "startup")], [1]),
        ("==", [1], []),
        ("==", [], []),
        ("==", "text", []),
    ],
)
def test_other_comparisons_are_pytests(op: str, left: object, right: object) -> None:
    assert pytest_assertrepr_compare(op, left, right) is None
