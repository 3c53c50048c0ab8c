"""The pages that tests leave on disk, and their index, which the controller of xdist writes.

Workers write pages; what the index says of them travels with the last report of each test.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from asgi_testkit.pytest_plugin.options import choice, sources

if TYPE_CHECKING:
    from asgi_testkit.protocol.record import Record

__all__ = ("PageIndex", "Pages")

_MODES: Final = ("off", "on", "retain-on-failure")
_FOLDER: Final = "test-results/asgi"
_ENTRY: Final = "asgi_testkit_page"
"""The attribute of a report that holds its page's line of the index."""

_PROBLEM: Final = "asgi_testkit_problem"
"""The attribute of a report that says why its page could not be written."""

_FILE: Final = pytest.StashKey[Path]()
_LONGEST_NAME: Final = 120
_PAGE_NAME: Final = re.compile(r".*-[0-9a-f]{8}(-gw\d+)?\.html|index\.html")


class Pages:
    """Writes the pages of one process.

    Raises:
        pytest.UsageError: what is wanted of traces is none of the choices.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._mode = choice("trace", config, _MODES)
        self._folder = _folder(config)
        self._start = config.invocation_params.dir
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        self._suffix = f"-{worker['workerid']}" if worker.get("asgi_each") else ""

    @property
    def is_on(self) -> bool:
        """Whether any test leaves a page."""
        return self._mode != "off"

    def path_for(self, item: pytest.Item, records: Sequence[Record], *, is_failed: bool) -> str:
        """Return where a test's page is or will be, from where pytest was started; empty: none.

        Secrets of the test's exchanges are in no name of a file.
        """
        if self._mode == "off" or (self._mode != "on" and not is_failed):
            _remove_page(item)
            return ""
        if _FILE not in item.stash:
            item.stash[_FILE] = self._file(item.nodeid, _without_secrets(item.nodeid, records))
        return _relative(item.stash[_FILE], self._start)

    def write(
        self,
        item: pytest.Item,
        report: pytest.TestReport,
        records: Sequence[Record],
        *,
        error: str | None,
        seconds: float,
    ) -> None:
        """Write a test's page, of which `path_for` has told, and put its line of the index there.

        What the system refuses is put on the report, too: it is no failure of the test.

        Args:
            item: the test.
            report: that of its teardown, for the line.
            records: the test's exchanges.
            error: the short text of its failure; `None`: it passed.
            seconds: how long it took.
        """
        outcome = "passed" if error is None else "failed"
        trace = import_module("asgi_testkit.report.trace").trace_of(
            records, title=item.nodeid, outcome=outcome, error=error or ""
        )
        file = item.stash[_FILE]
        page: str = import_module("asgi_testkit.report.html").page_of(trace)
        try:
            _make_folder(file.parent)
            file.write_bytes(page.encode())
        except OSError as refusal:
            setattr(report, _PROBLEM, str(refusal))
            return
        entry = {
            "title": trace["title"],
            "outcome": outcome,
            "href": file.name,
            "exchanges": len(records),
            "error": trace["error"],
            "duration": seconds,
        }
        setattr(report, _ENTRY, entry)

    def _file(self, nodeid: str, shown: str) -> Path:
        """Return the file of a test's page: readable, and no other test's."""
        name = re.sub(r"[^A-Za-z0-9_.]+", "-", shown).strip("-.")[:_LONGEST_NAME]
        digest = hashlib.sha256(nodeid.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        return self._folder / f"{name}-{digest}{self._suffix}.html"


class PageIndex:
    """Writes the index, in the process that hears of all tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._file = _folder(config) / "index.html"
        self._start = config.invocation_params.dir
        self._is_each = str(getattr(config.option, "dist", "no")) == "each"
        self._pages: dict[str, Any] = {}  # `report.html.IndexEntry`s by their `href`
        self._problems: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Remove the pages of the run before, if this one runs tests."""
        if session.config.getoption("collectonly"):
            return
        folder = self._file.parent
        for file in folder.glob("*.html") if folder.is_dir() else ():
            if _PAGE_NAME.fullmatch(file.name):
                file.unlink(missing_ok=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # a WorkerController of xdist
        """Tell a worker of xdist whether others run the same tests."""
        node.workerinput["asgi_each"] = self._is_each

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what the index says."""
        entry = getattr(report, _ENTRY, None)
        if entry is not None:
            self._pages[entry["href"]] = entry  # of a test that was run again the last
        problem = getattr(report, _PROBLEM, None)
        if problem is not None:
            self._problems.append(problem)

    def pytest_sessionfinish(self) -> None:
        """Write the index, if there is a page."""
        if not self._pages:
            return
        entries = list(self._pages.values())
        entries.sort(key=lambda entry: (entry["outcome"] != "failed", entry["title"]))
        page: str = import_module("asgi_testkit.report.html").index_of(entries)
        try:
            _make_folder(self._file.parent)
            self._file.write_text(page, encoding="utf-8")
        except OSError as error:
            self._problems.append(str(error))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the index is, and what could not be written."""
        if self._pages or self._problems:
            terminalreporter.write_sep("-", f"asgi-testkit: {len(self._pages)} traces")
        if self._pages:
            terminalreporter.write_line(_relative(self._file, self._start))
        if self._problems:
            count = len(self._problems)
            terminalreporter.write_line(f"{count} not written; the first: {self._problems[0]}")


def _folder(config: pytest.Config) -> Path:
    given = next(filter(None, sources("output", config).values()), _FOLDER)
    return config.rootpath / given


def _remove_page(item: pytest.Item) -> None:
    """Remove the page of a test that has failed, was run again, and passes now."""
    file = item.stash.get(_FILE, None)
    if file is not None:
        file.unlink(missing_ok=True)


def _without_secrets(nodeid: str, records: Sequence[Record]) -> str:
    """Return a test's id; it is in its parameters where a secret may be."""
    if "[" not in nodeid:
        return nodeid
    redaction = import_module("asgi_testkit.report.redaction").Redaction(records)
    shown: str = redaction.text(nodeid)
    return shown


def _make_folder(folder: Path) -> None:
    """Make the folder, unseen by git, as pytest makes its cache."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _relative(file: Path, start: Path) -> str:
    try:
        return os.path.relpath(file, start).replace(os.sep, "/")
    except ValueError:  # another drive
        return str(file)
