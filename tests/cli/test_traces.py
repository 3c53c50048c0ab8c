"""Traces: written by commands, shown by `show-trace` on loopback."""

from __future__ import annotations

import json
import re
import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from asgi_testkit.cli.main import main
from tests.cli.commands import SECONDS, started

APP = "tests.cli.apps:app"


def written(path: Path, *command: str) -> str:
    """Return the trace that a command has written."""
    main([*command, "--trace", str(path)])
    return path.read_text(encoding="utf-8")


def test_a_trace_holds_what_crossed(tmp_path: Path) -> None:
    trace = json.loads(written(tmp_path / "trace.json", "request", APP, "/mirror", "a==1"))

    kinds = [(one["kind"], one["status"]) for one in trace["exchanges"]]
    assert (trace["format"], trace["title"]) == ("asgi-testkit trace", "GET /mirror?a=1")
    assert (trace["outcome"], trace["error"]) == ("passed", "")
    assert kinds == [("lifespan", None), ("http", 200)]


def test_a_trace_of_a_failure_says_what_it_was(tmp_path: Path) -> None:
    trace = json.loads(written(tmp_path / "trace.json", "request", APP, "/boom"))

    assert trace["outcome"] == "failed"
    assert trace["error"] == "ZeroDivisionError: division by zero"


def test_a_trace_of_a_websocket_has_its_messages(tmp_path: Path) -> None:
    trace = json.loads(written(tmp_path / "trace.json", "websocket", APP, "/farewell/1000"))

    assert trace["title"] == "WebSocket /farewell/1000"
    assert trace["exchanges"][1]["close_code"] == 1000


def test_a_secret_is_in_no_trace(tmp_path: Path) -> None:
    trace = written(tmp_path / "trace.html", "request", APP, "/mirror", "-u", "ada:open-sesame")

    assert "<html" in trace
    assert not {"open-sesame", "YWRhOm9wZW4tc2VzYW1l"} & set(re.findall(r"[\w-]+", trace))


@pytest.mark.parametrize("name", ["trace.json", "trace.html"])
def test_a_trace_is_served_on_loopback_until_ctrl_c(name: str, tmp_path: Path) -> None:
    written(tmp_path / name, "request", APP, "/mirror")
    with started("show-trace", str(tmp_path / name)) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address is not None, line

        with urllib.request.urlopen(address[0]) as response:
            page = response.read().decode()
        process.send_signal(signal.SIGINT)

        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "asgi-testkit trace" in page
        assert process.wait(SECONDS) == 0


def test_who_calls_by_another_name_or_for_another_page_gets_nothing(tmp_path: Path) -> None:
    written(tmp_path / "trace.json", "request", APP, "/mirror")
    with started("show-trace", str(tmp_path / "trace.json")) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-3]

        statuses = [
            _status(urllib.request.Request(address, headers={"host": "evil.example"})),
            _status(urllib.request.Request(f"{address}etc/passwd")),
        ]

        assert statuses == [403, 404]


def _status(request: urllib.request.Request) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    return refused.value.code


def test_a_port_that_is_taken_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path / "trace.json", "request", APP, "/mirror")
    with started("show-trace", str(tmp_path / "trace.json")) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-3]
        port = address.rstrip("/").rpartition(":")[2]

        code = main(["show-trace", str(tmp_path / "trace.json"), "--port", port])

    assert code == 2
    assert f"Port {port} cannot be used" in capsys.readouterr().err
