"""Every command of the table, in this process: what it prints, and its exit code."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from asgi_testkit.cli.main import main
from tests.cli.table import FILES, TABLE, Case
from tests.processes import REPOSITORY


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.command)
def test_a_command_prints_and_exits_as_the_table_says(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "stdin").write_text(case.stdin, encoding="utf-8", newline="")
    for name, value in case.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr("sys.path", list(sys.path))  # --app-dir puts folders there
    command = case.command.replace("APP", "tests.cli.apps:app").replace("FOLDER", str(tmp_path))

    with (tmp_path / "stdin").open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        code = main(shlex.split(command))

    out, err = (text.decode() for text in capfdbinary.readouterr())
    assert (code, out) == (case.code, case.out), err
    assert [words for words in case.err if words not in err] == [], err
    assert err == "" or case.err, err


def test_the_table_has_thirty_commands_and_more() -> None:
    assert len(TABLE) > 30


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", ["", "request", "websocket", "check", "show-trace"])
def test_every_command_has_help(
    command: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*command.split(), flag])

    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: asgi-testkit {command}")
