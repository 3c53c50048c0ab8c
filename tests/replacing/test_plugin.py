"""The option `--asgi-replace-testclient`, in runs of pytest of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.runs import Run, run_pytest

IS_OURS = """
import asgi_testkit
from fastapi.testclient import TestClient

def test_it_is_ours():
    assert TestClient is asgi_testkit.TestClient
"""
BY_CONFTEST = """
from starlette.testclient import TestClient
from tests.replacing.apps import doubtful

client = TestClient(doubtful)
"""
WARNS_OF_NOTHING = """
from conftest import client

def test_it():
    assert client.get("/").text == "whole"
    assert [each.rule for each in client.broken_rules] == ["H27"]
"""
FLAG = "--asgi-replace-testclient"


def run(folder: Path, *arguments: str, test: str = IS_OURS, ini: str = "", **env: str) -> Run:
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")
    return run_pytest(folder, "-q", *arguments, test=test, **env)


def test_without_the_option_the_client_is_starlettes(tmp_path: Path) -> None:
    assert "1 failed" in run(tmp_path).summary


@pytest.mark.parametrize("flag", [FLAG, f"{FLAG}=starlette", f"{FLAG}=httpx2,starlette"])
def test_with_the_flag_the_client_is_ours(tmp_path: Path, flag: str) -> None:
    assert run(tmp_path, "test_it.py", flag).summary.strip() == "1 passed"


@pytest.mark.parametrize("value", ["starlette", "true", "starlette, httpx2"])
def test_with_the_ini_option_the_client_is_ours(tmp_path: Path, value: str) -> None:
    result = run(tmp_path, ini=f"asgi_replace_testclient = {value}")

    assert result.summary.strip() == "1 passed"


def test_the_environment_counts_before_the_ini_file(tmp_path: Path) -> None:
    ini, variable = "asgi_replace_testclient = true", {"ASGI_TESTKIT_REPLACE_TESTCLIENT": "false"}

    assert "1 failed" in run(tmp_path, ini=ini, **variable).summary


def test_conftests_get_our_client_and_w_rules_are_no_warnings(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(BY_CONFTEST, encoding="utf-8")

    result = run(tmp_path, FLAG, test=WARNS_OF_NOTHING, ini="filterwarnings = error")

    assert (result.status, result.summary.strip()) == (0, "1 passed")


def test_the_workers_of_xdist_get_our_client(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(BY_CONFTEST, encoding="utf-8")

    result = run(tmp_path, "-n", "1", FLAG, test=WARNS_OF_NOTHING)

    assert (result.status, result.summary.strip()) == (0, "1 passed")


def test_what_is_no_library_ends_the_run_and_says_how_to_write_it(tmp_path: Path) -> None:
    result = run(tmp_path, FLAG, "test_it.py")

    assert result.status == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {FLAG} names test_it.py; what can be replaced: starlette," in result.errors
    assert f"{FLAG}=starlette" in result.errors
    assert "Traceback" not in result.errors


def test_a_library_that_is_not_installed_ends_the_run_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "starlette_testclient.py").write_text("import not_there", encoding="utf-8")

    result = run(tmp_path, f"{FLAG}=starlette_testclient", "-p", "no:asyncio")

    assert result.status == pytest.ExitCode.USAGE_ERROR
    assert "starlette_testclient cannot be replaced, since it cannot be imported" in result.errors


NESTED = """
import pytest, starlette.testclient
from asgi_testkit.settings import SETTINGS

original = starlette.testclient.TestClient

def test_a_run_inside_this_one(tmp_path):
    (tmp_path / "test_inside.py").write_text('''
import asgi_testkit, starlette.testclient
def test_inside(): assert starlette.testclient.TestClient is asgi_testkit.TestClient
''')
    status = pytest.main(["--asgi-replace-testclient=starlette", "-p", "no:xdist", str(tmp_path)])
    assert (status, SETTINGS.is_drop_in) == (0, False)
    assert starlette.testclient.TestClient is original
"""


def test_after_a_run_in_the_same_process_everything_is_as_before(tmp_path: Path) -> None:
    assert run(tmp_path, test=NESTED).summary.startswith("1 passed")
