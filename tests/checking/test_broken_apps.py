"""`check` finds what is wrong with broken apps, and names the lines."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest

from asgi_testkit import Violation, check
from tests.apps import broken
from tests.lines import line_of

WITHIN_SECONDS = 2.0


def found(app: Any, **options: Any) -> set[tuple[object, ...]]:
    """Check an app in the time that is promised, and return what was found, as values."""
    began = monotonic()
    violations = check(app, **options)
    assert monotonic() - began < WITHIN_SECONDS
    return {_facts(one) for one in violations}


def _facts(one: Violation) -> tuple[object, ...]:
    return one.kind, one.rule, one.level, one.request, one.place


def line(source: str, function: str) -> str:
    return line_of(broken.__file__, source, function)


def test_a_raw_app_that_sends_on_and_leaves_a_task_is_found_out() -> None:
    sends_on = line(r'"body": b"\n"', "app")
    leaks = line("savers.add(", "app")

    assert found(broken.create_counter()) == {
        ("rule", "H03", "E", "GET /", sends_on),
        ("leak", None, "W", "shutdown", leaks),
    }


def test_a_middleware_that_breaks_rules_is_found_out() -> None:
    header = line("await send(message)", "stamped")
    body = line("short and stout", "__call__")

    assert found(broken.create_notes()) == {
        ("rule", "H24", "E", "GET /", header),
        ("rule", "H01", "E", "BREW /", body),
    }


def test_uploads_that_hang_and_raise_when_the_client_leaves_are_found_out() -> None:
    hangs = line("            await is_cleaned.wait()", "put_file")
    raises = line('sizes.pop("nwe")', "post_file")
    silent = line("await is_drawn.wait()", "preview")

    left = "client leaves before the upload"
    assert found(broken.create_store()) == {
        ("timeout", None, "E", "GET /files/x/preview", silent),
        ("leak", None, "W", f"PUT /files/x, {left}", hangs),
        ("exception", None, "E", f"POST /files, {left}", raises),
    }


def test_a_finding_is_told_once_and_counted() -> None:
    violations = check(broken.create_notes())

    counts = {one.rule: one.count for one in violations}
    assert counts["H01"] == 2  # each path is asked for once
    assert counts["H24"] >= 20


def test_an_ignored_rule_is_no_finding() -> None:
    rules = {one.rule for one in check(broken.create_notes(), ignore_rules={"H24"})}

    assert rules == {"H01"}


def test_an_ignored_exception_is_no_finding() -> None:
    violations = check(broken.create_store(), ignore_exceptions=(KeyError,))

    assert {one.kind for one in violations} == {"timeout", "leak"}


@pytest.mark.parametrize("options", [{"driver": "inline"}, {"backend": "trio"}])
def test_the_same_is_found_wherever_the_app_runs(options: dict[str, Any]) -> None:
    elsewhere = found(broken.create_notes(), **options)

    assert elsewhere == found(broken.create_notes())


def test_a_violation_reads_as_a_sentence_with_its_line_and_how_often_it_showed() -> None:
    violation = Violation("rule", "H01", "What.\nWhere.", "GET /", "app.py:3 in app", "E", 4)

    assert str(violation) == (
        "E rule H01 at app.py:3 in app: GET / (and 3 more)\n  What.\n  Where."
    )
