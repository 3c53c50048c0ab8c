"""What only a process of its own shows: exit codes, pipes, terminals, signals, streams."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from asgi_testkit.cli.main import main
from examples.shop.main import fill
from tests.cli.commands import SECONDS, run_command, started
from tests.processes import REPOSITORY, environment, run_script

APP = "tests.cli.apps:app"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("request APP /mirror", 0),
        ("request APP /mirror nonsense", 2),
        ("request APP /silent", 124),
    ],
)
def test_a_process_exits_with_the_code_of_the_command(command: str, code: int) -> None:
    assert run_command(*command.replace("APP", APP).split()).returncode == code


def test_the_console_script_is_the_same_command_line() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["scripts"] == {"asgi-testkit": f"{main.__module__}:{main.__name__}"}


def test_help_loads_no_client_library_and_no_command() -> None:
    loaded = run_script(
        "import json, sys\n"
        "from asgi_testkit.cli.main import main\n"
        "main(['--help'])\n"
        "print(json.dumps(sorted(sys.modules)))"
    )

    own = {name for name in loaded if name.startswith("asgi_testkit")}
    assert own == {f"asgi_testkit{rest}" for rest in ("", ".cli", ".cli.exits", ".cli.main")}
    assert {"httpx2", "asyncio", "anyio"} & set(loaded) == set()


# -- pipes ----------------------------------------------------------------------------------


def test_a_pipe_gets_the_bytes_of_the_app_and_nothing_else() -> None:
    assert run_command("request", APP, "/binary").stdout == bytes(range(256))


def test_what_the_app_prints_stays_out_of_a_pipe() -> None:
    done = run_command("request", APP, "/loud")

    assert (done.stdout, done.stderr) == (b"answer", b"printed by the app\n")


def test_a_reader_who_leaves_ends_the_command_without_a_word() -> None:
    with started("request", APP, "/endless") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b'{"line":0}\n'
        process.stdout.close()

        assert process.wait(SECONDS) == 141
        assert process.stderr.read() == b""


def test_streams_that_the_shell_has_closed_are_empty_and_lost() -> None:
    command = f"exec {sys.executable} -m asgi_testkit request {APP} /mirror -d @- <&- >&-"

    done = subprocess.run(
        ["sh", "-c", command],
        cwd=REPOSITORY,
        env=environment(),
        stderr=subprocess.PIPE,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_an_upload_flows_from_standard_input_while_it_is_written() -> None:
    with started("request", "tests.cli.apps:acknowledging", "/", "--data-binary", "@-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        acknowledged = []
        for piece in (b"one", b"two"):
            process.stdin.write(piece)
            process.stdin.flush()
            acknowledged.append(process.stdout.readline())
        process.stdin.close()

        assert acknowledged == [b"one\n", b"two\n"]
        assert process.wait(SECONDS) == 0


def test_the_body_goes_to_a_file(tmp_path: Path) -> None:
    done = run_command("request", APP, "/binary", "-i", "-o", str(tmp_path / "body"))

    assert (tmp_path / "body").read_bytes() == bytes(range(256))
    assert done.stdout.startswith(b"HTTP/1.1 200 OK\n")


def test_what_is_raised_before_the_app_runs_shows_no_frames_of_ours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["request", "tests.cli.apps:divide", "--factory", "/"])

    err = capsys.readouterr().err
    assert (code, err.count("File ")) == (1, 0)
    assert "missing 2 required positional arguments" in err


# -- streams --------------------------------------------------------------------------------


def test_rows_of_the_shop_are_printed_before_the_app_has_made_the_last(tmp_path: Path) -> None:
    # Far more than pipe and buffers hold: while nobody reads, the app cannot come to its end.
    fill(f"sqlite:///{tmp_path / 'shop.db'}", orders=3000)
    command = ("request", "examples.shop.main:create_app", "--factory", "GET", "/orders/stream")
    with started(*command, env={"SHOP_FOLDER": str(tmp_path)}) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        was_running = process.poll() is None
        rest = process.stdout.read().splitlines()

        assert json.loads(first) == {"order_id": 1, "product": "lamp", "quantity": 1}
        assert (was_running, len(rest), process.wait(SECONDS)) == (True, 2999, 0)


def test_messages_of_a_websocket_are_printed_while_lines_are_still_written() -> None:
    with started("websocket", APP, "/echo", "--wait", "none") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = []
        for line in (b"a\n", b"b\n"):
            process.stdin.write(line)
            process.stdin.flush()
            told.append(process.stdout.readline())
        process.stdin.write(b"bye\n")
        process.stdin.close()

        assert told == [b"text: a\n", b"text: b\n"]
        assert process.wait(SECONDS) == 0


def test_the_apps_close_ends_the_command_though_more_lines_could_come() -> None:
    with started("websocket", APP, "/farewell/1000") as process:  # its standard input stays open
        assert process.wait(SECONDS) == 0


# -- Ctrl-C ---------------------------------------------------------------------------------


def test_ctrl_c_ends_a_stream_shuts_the_app_down_and_exits_with_130() -> None:
    with started("request", "tests.cli.apps:telling", "/endless") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)

        assert process.wait(SECONDS) == 130
        assert process.stderr.read() == b"the app was shut down\n"


def test_ctrl_c_before_a_response_tells_what_was_waited_for() -> None:
    with started("request", "tests.cli.apps:telling", "/slow") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == b"the app is asked\n"
        process.send_signal(signal.SIGINT)
        told = process.stderr.read().decode()

        assert process.wait(SECONDS) == 130
        assert "asgi-testkit: interrupted: It has cut short: GET /slow." in told
        assert "in slow" in told
        assert "Traceback" not in told


def test_ctrl_c_ends_a_websocket_with_130() -> None:
    with started("websocket", APP, "/farewell-later") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"hello\n"
        process.send_signal(signal.SIGINT)

        assert process.wait(SECONDS) == 130


# -- terminals ------------------------------------------------------------------------------


def on_a_terminal(patch: pytest.MonkeyPatch, *arguments: str, stream: str = "stdout") -> str:
    """Return what a command prints where a standard stream is a terminal."""
    ours, its = pty.openpty()
    with os.fdopen(its, "w", encoding="utf-8") as terminal, patch.context() as changes:
        changes.setattr(sys, stream, terminal)
        assert main(arguments) == 0
    told = b""
    while piece := _read(ours):
        told += piece
    os.close(ours)
    return told.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux tells that nobody writes to a terminal any more
        return b""


def test_a_terminal_gets_the_head_and_json_in_lines_and_colours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)

    told = on_a_terminal(monkeypatch, "request", APP, "/document")

    assert told.startswith("\x1b[1mHTTP/1.1 200 OK\x1b[0m\n\x1b[36mcontent-length\x1b[0m: 40\n")
    assert told.endswith('    \x1b[34m"sold"\x1b[0m: \x1b[35mnull\x1b[0m\n}\n')


def test_no_color_takes_the_colours_away_and_leaves_the_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    told = on_a_terminal(monkeypatch, "request", APP, "/document", "--print", "b")

    assert told == '{\n    "name": "lamp",\n    "price": 12.5,\n    "sold": null\n}\n'


def test_a_download_shows_its_progress_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("request", APP, "/binary", "-o", str(tmp_path / "body"))

    shown = on_a_terminal(monkeypatch, *arguments, stream="stderr")
    silent = on_a_terminal(monkeypatch, *arguments, "-s", stream="stderr")

    assert (shown.split(), silent) == (["256", "B"], "")


def test_the_shop_that_is_ready_to_run_has_orders(tmp_path: Path) -> None:
    fill(f"sqlite:///{tmp_path / 'shop.db'}", orders=3)

    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        count = database.execute('SELECT count(*) FROM "order"').fetchone()

    assert count == (3,)
