"""Traces: written by commands, shown by `show-trace` on loopback."""

from __future__ import annotations

import json
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from asgi_testkit import TestClient
from asgi_testkit.cli.main import main
from asgi_testkit.client.recent import RECENT
from asgi_testkit.report.archive import FIRST_LINE, line_of
from asgi_testkit.report.kept import keep
from tests.cli.apps import app
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


def archive(path: Path, *names: str) -> None:
    """Write a file of tests that have passed, each with a request of its own."""
    lines = [FIRST_LINE]
    for name in names:
        client = TestClient(app, driver="inline")
        client.get(f"/mirror?of={name}")
        lines.append(line_of(keep(RECENT.since(0.0)[-1:], title=f"test_a.py::{name}"), 0.25))
    path.write_bytes(b"".join(lines))


def shown(*arguments: str, paths: Sequence[str] = ("",)) -> list[str]:
    """Return the pages that `show-trace` serves at these paths."""
    with started("show-trace", *arguments) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().split()[-3]
        pages: list[str] = []
        for path in paths:
            with urllib.request.urlopen(f"{address}{path}") as response:
                pages.append(response.read().decode())
    return pages


def test_a_file_of_many_tests_is_a_list_of_pages(tmp_path: Path) -> None:
    archive(tmp_path / "passed-gw0.jsonl", "test_one", "test_two")
    archive(tmp_path / "passed-gw1.jsonl", "test_three")
    files = [str(file) for file in tmp_path.iterdir()]

    index, first = shown(*files, paths=("", "1"))

    assert re.findall(r'href="([^"]+)">.*?"name">([^<]+)<', index) == [
        ("/1", "test_a.py::test_one"),
        ("/2", "test_a.py::test_three"),
        ("/3", "test_a.py::test_two"),
    ]
    assert "GET /mirror?of=test_one" in first


@pytest.mark.parametrize("test", ["two", "test_a.py::test_two", "test_a.py::test_t"])
def test_a_test_of_many_is_chosen_by_its_id_or_a_part_of_it(tmp_path: Path, test: str) -> None:
    archive(tmp_path / "passed.jsonl", "test_one", "test_two", "test_two_more", "test_t")

    pages = shown(str(tmp_path / "passed.jsonl"), "--test", test)

    is_list = test == "two"  # of two; the others are ids of one
    assert ("GET /mirror?of=" in pages[0]) == (not is_list)
    assert ("test_a.py::test_one" in pages[0]) is False


def test_a_single_test_is_shown_at_once(tmp_path: Path) -> None:
    archive(tmp_path / "passed.jsonl", "test_one")

    assert "GET /mirror?of=test_one" in shown(str(tmp_path / "passed.jsonl"))[0]


def test_ids_of_tests_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive(tmp_path / "passed.jsonl", "test_one", "test_two")
    with (tmp_path / "passed.jsonl").open("ab") as file:
        file.write(b'["test_a.py::test_cut",0.1,1,[[')  # as a process leaves it that dies

    code = main(["show-trace", str(tmp_path / "passed.jsonl"), "--list"])

    assert (code, capsys.readouterr().out) == (0, "test_a.py::test_one\ntest_a.py::test_two\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no file of many tests' traces"),
        (b"[1]\n", "is no file of many tests' traces"),
        (b'{"format":"asgi-testkit traces","version":99}\n', "of version 99; this can show 1"),
        (FIRST_LINE + b"[1]\n", "has a line that is no trace"),
        (FIRST_LINE, "passed.jsonl: empty."),
    ],
)
def test_what_is_no_file_of_tests_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: str
) -> None:
    (tmp_path / "passed.jsonl").write_bytes(content)

    code = main(["show-trace", str(tmp_path / "passed.jsonl")])

    assert code == 2
    assert words in capsys.readouterr().err


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
