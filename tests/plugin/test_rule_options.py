"""What broken rules lead to, given by a flag, the environment and the ini file, in this order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.runs import run_pytest

TELL = """
from asgi_testkit.settings import SETTINGS

def test_tell():
    print("RULES", SETTINGS.strict, *sorted(SETTINGS.ignored_rules))
"""
INI = "[pytest]\nasgi_strict = false\nasgi_ignore_rules =\n    H01\n    H02\n"
ENVIRONMENT = {"ASGI_TESTKIT_STRICT": "true", "ASGI_TESTKIT_IGNORE_RULES": "H27 W20"}
FLAGS = ("--asgi-strict=warn", "--asgi-ignore-rules=H32,L04")

BROKEN = """
import pytest
from asgi_testkit import TestClient

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"X-A", b"1")]})
    await send({"type": "http.response.body"})

def test_it():
    assert TestClient(app).get("/").status_code == 200
"""


def rules(folder: Path, *arguments: str, ini: str = "[pytest]\n", **environment: str) -> str:
    """Return strictness and ignored rules that a test of a run of pytest sees."""
    (folder / "pytest.ini").write_text(ini, encoding="utf-8")
    run = run_pytest(folder, "-s", "-q", *arguments, test=TELL, **environment)
    assert run.status == 0, run.out + run.errors
    return next(line for line in run.lines if "RULES" in line).partition("RULES ")[2]


def test_nothing_given_leaves_the_defaults(tmp_path: Path) -> None:
    assert rules(tmp_path) == "warn"


def test_ini_file_counts_where_nothing_else_is_given(tmp_path: Path) -> None:
    assert rules(tmp_path, ini=INI) == "False H01 H02"


def test_environment_counts_before_the_ini_file(tmp_path: Path) -> None:
    assert rules(tmp_path, ini=INI, **ENVIRONMENT) == "True H27 W20"


def test_flag_counts_before_the_environment_and_the_ini_file(tmp_path: Path) -> None:
    assert rules(tmp_path, *FLAGS, ini=INI, **ENVIRONMENT) == "warn H32 L04"


def test_an_empty_flag_ignores_no_rule(tmp_path: Path) -> None:
    assert rules(tmp_path, "--asgi-ignore-rules=", ini=INI, **ENVIRONMENT) == "True"


def test_each_option_may_come_from_another_place(tmp_path: Path) -> None:
    assert rules(tmp_path, "--asgi-strict=TRUE", ini=INI) == "True H01 H02"


@pytest.mark.parametrize(
    ("arguments", "summary"),
    [
        ((), "1 passed, 1 warning"),
        (("--asgi-strict=true",), "1 failed"),
        (("--asgi-strict=false",), "1 passed"),
        (("--asgi-strict=true", "--asgi-ignore-rules=H27"), "1 passed"),
        (("-W", "error"), "1 failed"),
    ],
)
def test_a_client_that_was_told_nothing_does_as_the_flags_say(
    tmp_path: Path, arguments: tuple[str, ...], summary: str
) -> None:
    run = run_pytest(tmp_path, *arguments, test=BROKEN)

    assert run.summary == summary


def test_the_summary_of_warnings_names_rule_and_line(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, test=BROKEN)

    text = run.out
    assert "test_it.py:10: ASGIRuleWarning: The app sent a header name that is not lower" in text
    assert "  App: test_it.py:6 in app\n" in text
    assert "  Rule H27 (www: Response Start): Header names are lower-case.\n" in text


def test_flags_reach_the_workers_of_xdist(tmp_path: Path) -> None:
    flags = ("--asgi-strict=true", "--asgi-ignore-rules=H27")

    run = run_pytest(tmp_path, "-n", "1", *flags, test=BROKEN)

    assert (run.status, run.summary.strip()) == (0, "1 passed")


@pytest.mark.parametrize(
    ("arguments", "ini", "environment", "text"),
    [
        (("--asgi-strict=yes",), "", {}, "--asgi-strict is 'yes'; it may be: true, warn, false."),
        (("--asgi-strict=",), "", {}, "--asgi-strict is ''; it may be: true, warn, false."),
        (
            (),
            "",
            {"ASGI_TESTKIT_STRICT": "1"},
            "The environment variable ASGI_TESTKIT_STRICT is '1'; it may be: true, warn, false.",
        ),
        ((), "asgi_strict = no", {}, "The ini option asgi_strict is 'no'; it may be:"),
        (("--asgi-ignore-rules=H27,X1 h01",), "", {}, "--asgi-ignore-rules names X1, h01; rules"),
        (
            (),
            "",
            {"ASGI_TESTKIT_IGNORE_RULES": "H99"},
            "The environment variable ASGI_TESTKIT_IGNORE_RULES names H99; rules are: H01,",
        ),
        ((), "asgi_ignore_rules = H0", {}, "The ini option asgi_ignore_rules names H0; rules"),
    ],
)
def test_what_cannot_be_ends_the_run_and_is_named(
    tmp_path: Path, arguments: tuple[str, ...], ini: str, environment: dict[str, str], text: str
) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")

    run = run_pytest(tmp_path, *arguments, test=TELL, **environment)

    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {text}" in run.errors
    assert "Traceback" not in run.errors
