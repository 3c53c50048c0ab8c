"""The fixture `live_asgi_server`, in runs of pytest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.runs import run_pytest

NAMED = "--asgi-app=tests.servers.apps:echo"
ASKS = """
import os, urllib.request, json
def test_it(live_asgi_server):
    with urllib.request.urlopen(live_asgi_server.url + "/x") as answer:
        seen = json.load(answer)
    assert (seen["path"], live_asgi_server.kind.name) == ("/x", {over!r})
    assert (seen["process"] == os.getpid()) is {in_thread}
"""
BY_NAME = """
import pytest
@pytest.fixture
def live_asgi_app():
    return "tests.servers.apps:echo"
"""
OWN = """
import pytest
from tests.servers.apps import echo
@pytest.fixture
def asgi_app():
    return echo
"""


def _asks(over: str, *, in_thread: bool) -> str:
    return ASKS.format(over=over, in_thread=in_thread)


def test_the_server_runs_the_app_that_is_named_in_the_process_of_the_tests(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, NAMED, test=_asks("uvicorn", in_thread=True))

    assert run.summary == "1 passed"


def test_an_app_that_a_fixture_makes_is_served(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, test=OWN + _asks("uvicorn", in_thread=True))

    assert run.summary == "1 passed"


@pytest.mark.parametrize("over", ["hypercorn", "granian", "daphne"])
def test_an_option_chooses_the_server_and_a_name_is_served_by_a_process(
    tmp_path: Path, over: str
) -> None:
    run = run_pytest(tmp_path, f"--asgi-over={over}", test=BY_NAME + _asks(over, in_thread=False))

    assert run.summary == "1 passed"


def test_without_an_app_the_test_says_where_one_was_looked_for(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, test=_asks("uvicorn", in_thread=True))

    assert run.summary == "1 error"
    assert "No app is named. Looked for, in this order:" in run.out


def test_an_unknown_server_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    run = run_pytest(tmp_path, NAMED, "--asgi-over=x", test=_asks("uvicorn", in_thread=True))

    assert "--asgi-over is 'x'" in run.errors
    assert "uvicorn, hypercorn, granian, daphne" in run.errors


def test_one_server_serves_all_tests_of_the_scope(tmp_path: Path) -> None:
    test = "urls = set()\n" + "\n".join(
        f"def test_{n}(live_asgi_server): urls.add(live_asgi_server.url); assert len(urls) == 1"
        for n in range(3)
    )

    run = run_pytest(tmp_path, NAMED, "-o", "asgi_client_scope=session", test=test)

    assert run.summary == "3 passed"
