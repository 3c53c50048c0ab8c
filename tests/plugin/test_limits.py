"""Limits given by a flag, the environment and the ini file, in this order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.runs import run_pytest
from tests.processes import WITHOUT_SLOW_PLUGINS, run_script

TELL = """
from asgi_testkit.settings import SETTINGS

def test_tell():
    print("LIMITS", SETTINGS.timeout, SETTINGS.grace)
"""
INI = "[pytest]\nasgi_timeout = 3\nasgi_grace = 0.3\n"
ENVIRONMENT = {"ASGI_TESTKIT_TIMEOUT": "2", "ASGI_TESTKIT_GRACE": "0.2"}
FLAGS = ("--asgi-timeout=1", "--asgi-grace=0.1")


def limits(folder: Path, *arguments: str, ini: str = "[pytest]\n", **environment: str) -> str:
    """Return the limits that a test of a run of pytest sees."""
    (folder / "pytest.ini").write_text(ini, encoding="utf-8")
    run = run_pytest(folder, "-s", "-q", *arguments, test=TELL, **environment)
    assert run.status == 0, run.out + run.errors
    return next(line for line in run.lines if "LIMITS" in line).partition("LIMITS ")[2]


def test_nothing_given_leaves_the_defaults(tmp_path: Path) -> None:
    assert limits(tmp_path) == "30.0 1.0"


def test_ini_file_counts_where_nothing_else_is_given(tmp_path: Path) -> None:
    assert limits(tmp_path, ini=INI) == "3.0 0.3"


def test_environment_counts_before_the_ini_file(tmp_path: Path) -> None:
    assert limits(tmp_path, ini=INI, **ENVIRONMENT) == "2.0 0.2"


def test_flag_counts_before_the_environment_and_the_ini_file(tmp_path: Path) -> None:
    assert limits(tmp_path, *FLAGS, ini=INI, **ENVIRONMENT) == "1.0 0.1"


def test_none_is_no_limit_of_silence(tmp_path: Path) -> None:
    assert limits(tmp_path, "--asgi-timeout=none") == "None 1.0"


def test_client_made_by_a_conftest_has_the_flags_limit(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import asgi_testkit\n"
        "async def app(scope, receive, send): ...\n"
        "client = asgi_testkit.TestClient(app)\n",
        encoding="utf-8",
    )
    test = "from conftest import client\ndef test_it(): assert client.timeout.read == 1.0\n"

    assert run_pytest(tmp_path, *FLAGS, test=test).status == 0


def test_flag_reaches_the_workers_of_xdist(tmp_path: Path) -> None:
    test = TELL.replace("print(", "assert (1.0, 0.1) == (").replace('"LIMITS", ', "")

    run = run_pytest(tmp_path, "-n", "1", *FLAGS, test=test)

    assert (run.status, run.summary.strip()) == (0, "1 passed")


@pytest.mark.parametrize(
    ("arguments", "ini", "environment", "text"),
    [
        (("--asgi-timeout=soon",), "", {}, "--asgi-timeout is 'soon'; a number of seconds"),
        (("--asgi-grace=-1",), "", {}, "--asgi-grace is '-1'; a number of seconds"),
        (("--asgi-grace=",), "", {}, "--asgi-grace is ''; a number of seconds"),
        (
            ("--asgi-timeout=1",),
            "",
            {"ASGI_TESTKIT_TIMEOUT": "nan"},
            "The environment variable ASGI_TESTKIT_TIMEOUT is 'nan'; a number of seconds",
        ),
        ((), "asgi_grace = x", {}, "The ini option asgi_grace is 'x'; a number of seconds"),
    ],
)
def test_what_is_no_number_of_seconds_ends_the_run_and_is_named(
    tmp_path: Path, arguments: tuple[str, ...], ini: str, environment: dict[str, str], text: str
) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")

    run = run_pytest(tmp_path, *arguments, test=TELL, **environment)

    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: {text} is wanted, or 'none'." in run.errors
    assert "Traceback" not in run.errors


NESTED = """
import contextlib, io, json, sys
import pytest
from asgi_testkit.settings import SETTINGS

plugin = ["-p", "no:asyncio", "-p", "no:asgi_testkit", "-p", "asgi_testkit.pytest_plugin"]
before, statuses = repr(SETTINGS), []
for timeout in ("5", "soon"):
    with contextlib.redirect_stderr(io.StringIO()):
        statuses.append(pytest.main([*sys.argv[1:], *plugin, f"--asgi-timeout={timeout}"]))
    assert repr(SETTINGS) == before
print(json.dumps(statuses))
"""


def test_run_of_pytest_leaves_the_settings_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "test_tell.py").write_text(TELL, encoding="utf-8")

    assert run_script(NESTED, str(tmp_path), *WITHOUT_SLOW_PLUGINS) == [
        0,
        pytest.ExitCode.USAGE_ERROR,
    ]
