"""`--asgi-over`: tests of the client fixtures run once for each server that is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.runs import run_pytest

NAMED = "--asgi-app=tests.servers.apps:echo"
TESTS = """
import os
import pytest

def test_one(asgi_client, asgi_over):
    seen = asgi_client.get("/x").json()
    assert (seen["started"], seen["process"]) == (True, os.getpid())

@pytest.mark.in_process_only("it counts messages")
def test_two(client):
    assert client.get("/x").status_code == 200

@pytest.mark.in_process_only("it has no such thing", over="hypercorn")
def test_three(asgi_client):
    assert asgi_client.get("/x").status_code == 200

def test_without_a_client():
    pass
"""
OWN = """
import pytest
from asgi_testkit import TestClient
from tests.servers.apps import echo

@pytest.fixture
def own_client(asgi_over):
    with TestClient(echo, over=asgi_over) as client:
        yield client

def test_it(own_client, asgi_over):
    host = {} if asgi_over is None else {"server": "uvicorn"}
    assert own_client.get("/x").headers.items() >= host.items()
"""


def _passed(out: str) -> list[str]:
    lines = [line.split(" PASSED")[0].partition("::")[2] for line in out.splitlines()]
    return sorted(line for line in lines if line)


def test_each_test_of_a_client_runs_once_for_each_server_and_says_which(tmp_path: Path) -> None:
    over = [f"--asgi-over={name}" for name in ("in-process", "uvicorn", "hypercorn")]

    run = run_pytest(tmp_path, NAMED, "-v", *over, test=TESTS)

    assert run.summary == "7 passed, 3 deselected"
    assert _passed(run.out) == [
        *("test_one[hypercorn]", "test_one[in-process]", "test_one[uvicorn]"),
        *("test_three[in-process]", "test_three[uvicorn]"),
        *("test_two[in-process]", "test_without_a_client"),
    ]


def test_what_is_left_out_is_said_with_its_reason(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, NAMED, "--asgi-over=uvicorn", "--asgi-over=hypercorn", test=TESTS)

    at = next(n for n, line in enumerate(run.lines) if "not run over a server" in line)
    assert run.lines[at + 1 : at + 4] == [
        "hypercorn: 1 test: it counts messages",
        "hypercorn: 1 test: it has no such thing",
        "uvicorn: 1 test: it counts messages",
    ]


def test_without_the_option_nothing_is_left_out_and_ids_are_as_ever(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, NAMED, "-v", test=TESTS)

    assert _passed(run.out) == ["test_one", "test_three", "test_two", "test_without_a_client"]


def test_the_ini_option_may_name_several(tmp_path: Path) -> None:
    ini = "--override-ini=asgi_over=in-process, granian"

    run = run_pytest(tmp_path, NAMED, "-v", ini, "-k", "test_one", test=TESTS)

    assert _passed(run.out) == ["test_one[granian]", "test_one[in-process]"]


def test_own_fixtures_take_the_server_from_a_fixture(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, "-v", "--asgi-over=uvicorn", test=OWN)

    assert _passed(run.out) == ["test_it[uvicorn]"]


@pytest.mark.parametrize("name", ["gunicorn", "uvicorn,x"])
def test_an_unknown_server_is_a_usage_error(tmp_path: Path, name: str) -> None:
    run = run_pytest(tmp_path, NAMED, f"--asgi-over={name}", test=TESTS)

    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert "it may be: in-process, uvicorn, hypercorn, granian, daphne" in run.out + run.errors


def test_an_unknown_server_of_a_marker_is_a_usage_error(tmp_path: Path) -> None:
    wrong = TESTS.replace('over="hypercorn"', 'over="hypercron"')

    run = run_pytest(tmp_path, NAMED, "--asgi-over=hypercorn", test=wrong)

    assert "test_three[hypercorn]: in_process_only(over=...) names 'hypercron'" in run.errors
