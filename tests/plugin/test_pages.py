"""The pages that failed tests leave, their index, and what must not be in them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from asgi_testkit.report.archive import archived_tests
from asgi_testkit.report.trace import Trace
from tests.plugin.runs import CASES, Run, run_pytest

SUITE = """
import pytest

def test_passes(asgi_client): asgi_client.get("/nowhere")
def test_fails(asgi_client): assert asgi_client.get("/nowhere").status_code == 200
@pytest.mark.parametrize("text", ["a/b", "a:b"])
def test_names(asgi_client, text): assert asgi_client.get("/nowhere").status_code == 200
def test_without(): assert 0
@pytest.mark.xfail
def test_expected(asgi_client): assert asgi_client.get("/nowhere").status_code == 200
@pytest.fixture
def leaving(asgi_client):
    yield
    assert asgi_client.get("/nowhere").status_code == 200
def test_in_the_end(leaving): ...
"""
FAILED = ["test_fails", "test_in_the_end", "test_names[a/b]", "test_names[a:b]"]

LOGGED_AGAIN = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        runtestprotocol(item, nextitem=nextitem)
        item._initrequest()
    return True
"""
SECRETS = {
    "bearer": "bear-3f9c1e77aa",
    "cookie": "cook-8812ffe0bc",
    "query": "quer-77ab01cd55",
    "password": "pass-Hunter2-4411",
    "answer": "answ-55aa90ce31",
    "set_cookie": "setc-10fe23dc98",
    "talk": "talk-6a6b6c6d6e",
}
SECRET_SUITE = """
import json
from pathlib import Path
import pytest

S = json.loads(Path(__file__).with_name("secrets.json").read_text())

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.send", "text": json.dumps({"token": S["talk"]})})
        raise RuntimeError("the talk broke")
    await receive()
    headers = [(b"set-cookie", f"session={S['set_cookie']}".encode())]
    body = json.dumps({"data": [{"access_token": S["answer"]}]}).encode()
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})

async def lifespan(receive, send):
    for name in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{name}.complete"})

def call(client):
    headers = {"authorization": f"Bearer {S['bearer']}", "cookie": f"session={S['cookie']}"}
    order = {"user": {"password": S["password"]}}
    return client.post(f"/login?api_key={S['query']}", headers=headers, json=order)

@pytest.mark.asgi(app=app)
class TestSecrets:
    def test_status(self, asgi_client):
        assert call(asgi_client).status_code == 200

    def test_after_an_echo(self, asgi_client):
        status = call(asgi_client).status_code
        asgi_client.get("/echo/" + S["bearer"])
        assert status == 200

    def test_websocket(self, asgi_client):
        with asgi_client.websocket_connect(f"/talk?token={S['query']}") as session:
            session.send_json({"password": S["password"]})
            session.receive_json()
            session.receive_json()

    def test_passes(self, asgi_client):
        call(asgi_client)
"""


def run(folder: Path, *arguments: str, test: str = SUITE) -> Run:
    shutil.copy(CASES / "kiosk.py", folder)
    return run_pytest(folder, "--asgi-app=kiosk:app", *arguments, test=test)


def linked(folder: Path) -> dict[str, Path]:
    """Return the pages by the names of their tests, as the index has them."""
    index = (folder / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"]+)">.*?<span class="name">[^<]*::([^<]+)<', index)
    return {name: folder / href for href, name in links}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_every_failed_test_with_exchanges_leaves_a_page_in_the_index(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    done = run(tmp_path, "--asgi-trace=retain-on-failure", *workers)

    folder = tmp_path / "test-results" / "asgi"
    pages = linked(folder)
    assert list(pages) == FAILED
    written = {file.name for file in folder.glob("*.html")}
    assert written == {"index.html", *(page.name for page in pages.values())}
    assert f"trace: test-results/asgi/{pages['test_fails'].name}" in done.lines
    assert done.lines[-1 - len(FAILED) - 3] == "test-results/asgi/index.html"


def test_a_page_holds_the_tests_exchanges_to_its_end(tmp_path: Path) -> None:
    run(tmp_path, "--asgi-trace=on", "--asgi-output=out")

    pages = linked(tmp_path / "out")
    text = pages["test_fails"].read_text(encoding="utf-8")
    data = re.search(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert data is not None
    trace = json.loads(data[1])
    assert (trace["title"], trace["outcome"]) == ("test_it.py::test_fails", "failed")
    assert trace["error"].startswith("AssertionError: assert 404 == 200")
    assert [one["title"] for one in trace["exchanges"]] == ["lifespan", "GET /nowhere"]
    assert trace["exchanges"][0]["entries"][-1]["act"] == "returned"
    assert set(pages) == {*FAILED, "test_passes", "test_expected"}


def archived(folder: Path) -> dict[str, Trace]:
    """Return the traces of passed tests by their ids, from the files of all processes."""
    files = folder.glob("passed*.jsonl")
    tests = [
        test
        for file in files
        for test in archived_tests(file.read_bytes().splitlines(keepends=True))
    ]
    return {test.title: test.trace() for test in tests}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_passed_tests_leave_their_traces_in_one_file_of_each_process_and_in_the_index(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    run(tmp_path, "--asgi-trace=on", "--asgi-output=out", "--junitxml=junit.xml", *workers)

    pages = linked(tmp_path / "out")
    passed = [page for name, page in pages.items() if name not in FAILED]
    assert {page.suffix for name, page in pages.items() if name in FAILED} == {".html"}
    assert set(pages) - set(FAILED) == {"test_passes", "test_expected"}
    assert all(re.fullmatch(r"passed(-gw[01])?\.jsonl", page.name) for page in passed)
    traces = archived(tmp_path / "out")
    assert set(traces) == {"test_it.py::test_passes", "test_it.py::test_expected"}
    trace = traces["test_it.py::test_passes"]
    assert (trace["format"], trace["outcome"]) == ("asgi-testkit trace", "passed")
    assert [one["title"] for one in trace["exchanges"]] == ["lifespan", "GET /nowhere"]
    junit = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert f'value="out/{pages["test_passes"].name}"' in junit


def test_every_passed_test_of_many_leaves_its_own_exchanges(tmp_path: Path) -> None:
    test = """
import pytest
@pytest.mark.parametrize("number", range(150))
def test_it(asgi_client, number): asgi_client.get(f"/{number}")
"""

    run(tmp_path, "--asgi-trace=on", "--asgi-output=out", test=test)

    traces = archived(tmp_path / "out")
    targets = {title: trace["exchanges"][-1]["target"] for title, trace in traces.items()}
    assert targets == {f"test_it.py::test_it[{number}]": f"/{number}" for number in range(150)}
    assert set(linked(tmp_path / "out")) == {f"test_it[{number}]" for number in range(150)}


def test_a_process_that_dies_loses_only_what_has_waited(tmp_path: Path) -> None:
    test = """
import os
import pytest
@pytest.mark.parametrize("number", range(150))
def test_it(asgi_client, number):
    for _ in range(3):
        asgi_client.get(f"/{number}")

def test_dies(): os._exit(3)
"""

    run(tmp_path, "--asgi-trace=on", "--asgi-output=out", test=test)

    traces = archived(tmp_path / "out")
    assert 100 <= len(traces) < 150
    assert set(traces) == {f"test_it.py::test_it[{number}]" for number in range(len(traces))}


def test_pages_of_the_run_before_are_removed_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for name in (
        "mine.html",
        "mine-1234abcd.txt",
        "old-1234abcd.html",
        "old-1234abcd-gw3.html",
        "old-1234abcd.json",
        "passed.jsonl",
        "passed-gw12.jsonl",
    ):
        (folder / name).write_text("", encoding="utf-8")
    options = ("--asgi-trace=retain-on-failure", "--asgi-output=out")

    run(tmp_path, *options, test="def test_it(): ...\n")

    assert sorted(file.name for file in folder.iterdir()) == ["mine-1234abcd.txt", "mine.html"]


def test_nothing_is_written_and_no_test_is_told_of_pages_by_default(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert not (tmp_path / "test-results").exists()
    assert "trace:" not in done.out


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_no_artefact_of_a_suite_full_of_secrets_holds_one(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps(SECRETS), encoding="utf-8")
    options = ("--asgi-trace=on", "--asgi-output=out", "--junitxml=junit.xml", "-ra")

    done = run(tmp_path, *options, "-o", "junit_logging=all", *workers, test=SECRET_SUITE)

    assert done.summary.strip().startswith("3 failed, 1 passed"), done.out
    files = [tmp_path / "junit.xml", *(tmp_path / "out").iterdir()]
    texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    texts |= {"stdout": done.out, "stderr": done.errors}
    assert len(texts) == 4 + 4 + 1  # JUnit, index, git, streams; a page for each test
    found = {(name, at) for name, secret in SECRETS.items() for at in texts if secret in texts[at]}
    assert found == set()
    assert "(hidden)" in texts["stdout"]


def test_junit_names_the_page(tmp_path: Path) -> None:
    run(tmp_path, "--asgi-trace=retain-on-failure", "--junitxml=junit.xml")

    text = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    names = re.findall(r'<property name="asgi_trace" value="test-results/asgi/([^"]+)"', text)
    pages = linked(tmp_path / "test-results" / "asgi").values()
    assert sorted(names) == sorted(page.name for page in pages)


@pytest.mark.parametrize("option", ["--collect-only", "--fixtures"])
def test_pages_stay_where_no_test_is_run(tmp_path: Path, option: str) -> None:
    run(tmp_path, "--asgi-trace=on")
    before = sorted((tmp_path / "test-results" / "asgi").iterdir())

    run(tmp_path, "--asgi-trace=on", option)

    assert sorted((tmp_path / "test-results" / "asgi").iterdir()) == before


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_what_cannot_be_written_is_told_of_and_fails_no_test(
    tmp_path: Path, workers: tuple[str, ...]
) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    options = ("--asgi-trace=on", "--asgi-output=out", "-k", "test_passes or test_fails")

    done = run(tmp_path, *options, *workers)

    assert done.summary.strip().startswith("1 failed, 1 passed"), done.out
    assert "2 not written; the first: " in done.out


def test_what_cannot_be_removed_is_told_of_and_ends_no_run(tmp_path: Path) -> None:
    (tmp_path / "out" / "old-1234abcd.html").mkdir(parents=True)

    done = run(tmp_path, "--asgi-trace=on", "--asgi-output=out", "-k", "test_passes")

    assert done.summary.strip().startswith("1 passed"), done.out
    assert "1 not written; the first: " in done.out
    assert set(linked(tmp_path / "out")) == {"test_passes"}


def test_file_that_cannot_be_read_keeps_no_other_test_out_of_the_index(tmp_path: Path) -> None:
    test = """
from pathlib import Path

def test_passes(asgi_client): asgi_client.get("/nowhere")
def test_fails(asgi_client):
    Path("out").mkdir(exist_ok=True)
    Path("out/passed-gw7.jsonl").write_text("of another kind")
    assert asgi_client.get("/nowhere").status_code == 200
"""
    done = run(tmp_path, "--asgi-trace=on", "--asgi-output=out", test=test)

    assert set(linked(tmp_path / "out")) == {"test_passes", "test_fails"}
    assert "ArchiveError" in done.out


def test_traces_that_another_run_has_removed_are_begun_anew(tmp_path: Path) -> None:
    test = """
import pytest
from pathlib import Path

FILE = Path("out/passed.jsonl")

@pytest.mark.parametrize("number", range(150))
def test_before(asgi_client, number): asgi_client.get(f"/{number}")
def test_removed(): FILE.unlink()
def test_after(asgi_client): asgi_client.get("/")
"""
    done = run(tmp_path, "--asgi-trace=on", "--asgi-output=out", test=test)

    assert done.summary.strip().startswith("152 passed"), done.out
    assert "not written" not in done.out
    assert "test_it.py::test_after" in archived(tmp_path / "out")


def test_a_section_that_cannot_be_made_does_not_hide_the_failure(tmp_path: Path) -> None:
    test = """
import asgi_testkit.report.trace as trace

def test_fails(asgi_client, monkeypatch):
    monkeypatch.setattr(trace, "trace_of", None)
    assert asgi_client.get("/nowhere").status_code == 200
"""
    done = run(tmp_path, test=test)

    assert done.summary.strip().startswith("1 failed"), done.out
    assert "assert 404 == 200" in done.out
    assert "They cannot be shown: TypeError: " in done.out


def test_names_of_pages_hold_no_secret(tmp_path: Path) -> None:
    test = """
import pytest

@pytest.mark.parametrize("token", ["Zq7-topsecret"])
def test_it(asgi_client, token): assert not asgi_client.get(f"/?token={token}")
"""
    run(tmp_path, "--asgi-trace=on", test=test)

    names = [file.name for file in (tmp_path / "test-results" / "asgi").glob("test_it*")]
    assert len(names) == 1
    assert names[0].startswith("test_it.py-test_it-hidden-")


def test_a_test_that_passes_when_it_is_run_again_leaves_no_page(tmp_path: Path) -> None:
    again = """
import pytest
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        item._initrequest()
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
    (tmp_path / "conftest.py").write_text(again, encoding="utf-8")
    test = """
CALLS = []

def test_it(asgi_client):
    CALLS.append(asgi_client.get("/nowhere"))
    assert len(CALLS) == 2
"""
    done = run(tmp_path, "--asgi-trace=retain-on-failure", test=test)

    assert done.summary.strip().startswith("1 passed"), done.out
    assert list((tmp_path / "test-results" / "asgi").glob("*.html")) == []


def test_the_index_does_not_list_the_page_of_a_test_that_passes_when_it_is_run_again(
    tmp_path: Path,
) -> None:
    (tmp_path / "conftest.py").write_text(LOGGED_AGAIN, encoding="utf-8")
    test = """
CALLS = []

def test_it(asgi_client):
    CALLS.append(asgi_client.get("/nowhere"))
    assert len(CALLS) == 2
"""
    run(tmp_path, "--asgi-trace=on", "--asgi-output=out", test=test)

    assert [page.name for page in linked(tmp_path / "out").values()] == ["passed.jsonl"]
