"""Long lines in the section of a failed test: messages are cut, commands are not."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.plugin.runs import Run, run_pytest

SUITE = """
async def app(scope, receive, send):
    await receive()
    await send({"type": "http.response.start", "status": 404})
    await send({"type": "http.response.body", "body": b"Not here"})

def test_long():
    from asgi_testkit import TestClient
    assert TestClient(app).post("/long", content="x" * SIZE).status_code == 200
"""


def run_with_body(folder: Path, size: int) -> Run:
    return run_pytest(folder, test=SUITE.replace("SIZE", str(size)))


def line_with(run: Run, text: str) -> str:
    return next(line for line in run.lines if text in line)


def test_a_cut_message_says_so(tmp_path: Path) -> None:
    run = run_with_body(tmp_path, 400)

    assert line_with(run, "http.request ").endswith("xxx ...")


def test_a_command_of_many_characters_can_still_be_run(tmp_path: Path) -> None:
    run = run_with_body(tmp_path, 400)

    assert shlex.split(line_with(run, "  curl "))[-1] == "x" * 400


def test_a_command_of_very_many_characters_is_cut_and_says_so(tmp_path: Path) -> None:
    run = run_with_body(tmp_path, 4000)

    assert line_with(run, "  curl ").endswith("xxx ...")
