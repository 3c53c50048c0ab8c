"""`asgi-testkit check`: findings for people and programs, and when they count."""

from __future__ import annotations

import json
import re

import pytest

from asgi_testkit.cli.main import main
from tests.cli.commands import run_command

UNWELL = ("check", "tests.cli.apps:unwell", "--path", "/", "--max-requests", "1", "-s")
LAWLESS = ("check", "tests.cli.apps:lawless", "--path", "/", "--max-requests", "1", "-s")


def test_a_finding_has_its_rule_its_place_what_servers_do_and_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(LAWLESS)

    out = capsys.readouterr().out
    assert code == 1
    assert re.search(r"^E rule H01 at tests/cli/apps\.py:\d+ in lawless: GET /$", out, re.MULTILINE)
    assert "Servers: uvicorn, Hypercorn, Granian, Daphne: answers 500." in out
    assert out.endswith("\n\n1 errors, 0 warnings\n")


def test_findings_as_json_say_the_same_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    code = main([*LAWLESS, "--json"])

    (found,) = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (found["level"], found["kind"], found["rule"]) == ("E", "rule", "H01")
    assert found["place"].endswith("in lawless")
    assert found["servers"] == dict.fromkeys(
        ("uvicorn", "hypercorn", "granian", "daphne"), "answers 500"
    )


def test_what_servers_take_is_said_to_be_taken(capsys: pytest.CaptureFixture[str]) -> None:
    main([*UNWELL, "--json"])

    (found,) = json.loads(capsys.readouterr().out)
    assert set(found["servers"].values()) == {"takes it"}


@pytest.mark.parametrize(("flags", "code"), [([], 0), (["--strict"], 1)])
def test_warnings_count_where_strict_is_asked_for(
    flags: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*UNWELL, *flags]) == code
    assert capsys.readouterr().out.startswith("W rule H27 at ")


def test_progress_stays_out_of_pipes() -> None:
    done = run_command(*UNWELL[:-1])

    assert (done.returncode, done.stderr) == (0, b"")
