"""What `make suites` counts, and what it complains of."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from scripts import suites
from scripts.suites import Comparison, Run, Suite, complaints, totals

SUITE = Suite("library", "1.0", "full", "tests")
ORIGINAL = Run(
    client="starlette.testclient.TestClient",
    seconds=2.0,
    outcomes={
        "a.py::a": "passed",
        "a.py::b[x]": "passed",
        "a.py::c": "passed",
        "a.py::d": "failed",
    },
    failures={"a.py::d": "as ever"},
    through_client=["a.py::a", "a.py::b[x]", "a.py::d"],
    threads=["Trio thread 7"],
)


def compared(threads: tuple[str, ...] = (), **outcomes: str) -> Comparison:
    changed = {f"a.py::{name}": outcome for name, outcome in outcomes.items()}
    changed = {("a.py::b[x]" if node == "a.py::b" else node): o for node, o in changed.items()}
    ours = dataclasses.replace(
        ORIGINAL, outcomes={**ORIGINAL.outcomes, **changed}, threads=list(threads)
    )
    return Comparison(SUITE, ORIGINAL, ORIGINAL, ours)


def test_counted_are_tests_that_go_through_the_client_and_pass_with_the_original() -> None:
    assert totals([compared(), compared(a="failed", c="failed")]) == (3, 4)


def test_a_difference_counts_as_explained_where_its_function_is_in_backticks() -> None:
    comparison = compared(a="failed", b="failed", d="passed")

    assert comparison.undocumented("because: `a.py::b`") == ["a.py::a"]


def test_a_test_that_is_skipped_with_ours_only_differs() -> None:
    assert compared(c="skipped").different == ["a.py::c"]


def test_less_than_is_promised_and_what_is_not_explained_is_complained_of() -> None:
    first, second = complaints([compared(a="failed")], "nothing")

    assert first == "library: less than 99 % of the tests that go through the client pass."
    assert second.startswith("Not in compatibility.md: library a.py::a")


def test_outcome_that_changes_beside_the_plugin_is_complained_of() -> None:
    outcomes = {**ORIGINAL.outcomes, "a.py::d": "passed"}
    beside = dataclasses.replace(ORIGINAL, outcomes=outcomes)

    (complaint,) = complaints([Comparison(SUITE, ORIGINAL, beside, ORIGINAL)], "")

    assert complaint == "library a.py::d: failed, and passed where our plugin is loaded."


def test_only_more_threads_than_before_are_complained_of() -> None:
    left = ("Trio thread 1", "Trio thread 2", "other")

    assert list(complaints([compared(left)], "")) == [
        "library: 1 more threads 'Trio thread N' are left at the end.",
        "library: 1 more threads 'other' are left at the end.",
    ]


def test_requirements_are_those_of_all_groups_without_tools_and_the_suites_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suites, "FOLDER", tmp_path)
    SUITE.folder.mkdir(parents=True)
    (SUITE.folder / "pyproject.toml").write_text(
        '[dependency-groups]\nmore = ["flask>=3", "ruff", "ty>=0"]\n'
        'tests = [{ include-group = "more" }, "starlette[full]", "Mypy>=1", "trio"]\n',
        encoding="utf-8",
    )

    assert list(suites.requirements(SUITE)) == ["flask>=3", "ruff", "trio"]
