"""mypy, basedpyright and ty accept what is right, know the results, and refuse what is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import asgi_testkit
from tests.processes import REPOSITORY, environment

HERE = Path(__file__).parent
WRONG = HERE / "wrong.py"
SOURCE = Path(asgi_testkit.__file__).parents[1]
# How long a checker may take with nothing in its cache, on a slow machine.
SECONDS = 120.0


def run_checker(*command: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=REPOSITORY,
        env=environment(MYPYPATH=str(SOURCE), PYTHONPATH=str(SOURCE)),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_mypy_agrees() -> None:
    status, out = run_checker("mypy", "--strict", "--config-file=", str(HERE))

    assert status == 0, out


def test_basedpyright_agrees(tmp_path: Path) -> None:
    settings = {
        "include": [str(HERE)],
        "extraPaths": [str(SOURCE), str(REPOSITORY)],
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": "error",
    }
    config = tmp_path / "pyrightconfig.json"
    config.write_text(json.dumps(settings), encoding="utf-8")

    status, out = run_checker("basedpyright", "-p", str(config), "--pythonpath", sys.executable)

    assert status == 0, out


def test_ty_agrees() -> None:
    """It does not know the codes of mypy's comments: the lines are compared here."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    wrong = [
        number
        for number, line in enumerate(lines, 1)
        if "# type: ignore[" in line and "(ty lets it pass)" not in line
    ]
    options = ("--python", sys.prefix, "--extra-search-path", str(SOURCE))

    _, out = run_checker("ty", "check", *options, "--output-format", "concise", str(HERE))

    found = re.findall(r"^(\S+?):(\d+):\d+: error", out, re.MULTILINE)
    assert {Path(path).name for path, _ in found} == {WRONG.name}, out
    assert [int(number) for _, number in found] == wrong, out
