"""The traces that tests leave on disk, and their index, which the controller of xdist writes.

A failed test leaves a page; those that passed are together in one file of each process. Workers
write them; what the index says of a page travels with the last report of its test.
"""

from __future__ import annotations

import binascii
import os
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from asgi_testkit.pytest_plugin.options import choice, sources
from asgi_testkit.pytest_plugin.passed import PassedTests

if TYPE_CHECKING:
    from asgi_testkit.protocol.record import Record

__all__ = ("PageIndex", "Pages")

_MODES: Final = ("off", "on", "retain-on-failure")
_FOLDER: Final = "test-results/asgi"
_ENTRY: Final = "asgi_testkit_page"
"""The attribute of a report that holds its page's line of the index."""

_PROBLEMS: Final = "asgi_testkit_problems"
"""The attribute of a worker's report, and the key of its output, for what was not written."""

_STEM: Final = pytest.StashKey[str]()
_LONGEST_NAME: Final = 120
_PASSED: Final = "passed"
# Patterns are compiled when they are needed: most runs leave no trace.
_PASSED_NAME: Final = rf"{_PASSED}(-gw\d+)?\.jsonl"
_TRACE_NAME: Final = rf".*-[0-9a-f]{{8}}(-gw\d+)?\.(html|json)|index\.html|{_PASSED_NAME}"
_UNREADABLE: Final = r"[^A-Za-z0-9_.]+"


class Pages:
    """Writes the traces of one process.

    Attributes:
        problems: what could not be written, and why; those of workers go with their reports.

    Raises:
        pytest.UsageError: what is wanted of traces is none of the choices.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._mode = choice("trace", config, _MODES)
        self._folder = _folder(config)
        self._is_made = False
        self._shown_folder = _relative(self._folder, config.invocation_params.dir)
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        self._output: dict[str, Any] | None = getattr(config, "workeroutput", None)
        self._suffix = f"-{worker['workerid']}" if worker.get("asgi_each") else ""
        self.problems: list[str] = []
        self._passed_name = (
            f"{_PASSED}-{worker['workerid']}.jsonl" if worker else f"{_PASSED}.jsonl"
        )
        file = self._folder / self._passed_name
        self._passed = PassedTests(file, _make_folder, self.problems)

    @property
    def is_on(self) -> bool:
        """Whether any test leaves a trace."""
        return self._mode != "off"

    def path_for(self, item: pytest.Item, records: Sequence[Record], *, is_failed: bool) -> str:
        """Return where a test's trace is or will be, from where pytest was started; empty: none.

        Secrets of the test's exchanges are in no name of a file.
        """
        if self._mode == "off":
            return ""
        if not is_failed:
            self._remove_page(item)
            return f"{self._shown_folder}/{self._passed_name}" if self._mode == "on" else ""
        if _STEM not in item.stash:
            item.stash[_STEM] = self._stem(item.nodeid, _without_secrets(item.nodeid, records))
        return f"{self._shown_folder}/{self._page_name(item)}"

    def write(
        self,
        item: pytest.Item,
        report: pytest.TestReport,
        records: Sequence[Record],
        *,
        error: str | None,
        seconds: float,
    ) -> None:
        """Write a test's trace, of which `path_for` has told; of a page put its line on the report.

        What goes wrong is told at the end of the run: it is no failure of the test.

        Args:
            item: the test.
            report: that of its teardown.
            records: the test's exchanges.
            error: the short text of its failure; `None`: it passed.
            seconds: how long it took.
        """
        if error is None:
            self._passed.add(item.nodeid, records, seconds)
        else:
            entry = self._entry(item, records, seconds)
            setattr(report, _ENTRY, entry)
            with self._telling(entry):
                self._put(_page(item.nodeid, records, entry, error), entry["href"])
        if self._output is not None and self.problems:
            setattr(report, _PROBLEMS, self.problems.copy())
            self.problems.clear()

    def write_waiting(self) -> None:
        """Write the traces of passed tests that have not been written yet."""
        self._passed.write()
        if self._output is not None:
            self._output[_PROBLEMS] = self.problems

    def _entry(
        self, item: pytest.Item, records: Sequence[Record], seconds: float
    ) -> dict[str, Any]:  # an IndexEntry
        return {
            "title": "",
            "outcome": "failed",
            "href": self._page_name(item),
            "exchanges": len(records),
            "error": "",
            "duration": seconds,
        }

    @contextmanager
    def _telling(self, entry: dict[str, Any]) -> Generator[None]:
        """Take note of what goes wrong; the index has no line of it then."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - what is told must break no run
            self.problems.append(f"{type(error).__name__}: {error}")
            entry["href"] = ""

    def _remove_page(self, item: pytest.Item) -> None:
        """Remove the page of a test that has failed, was run again, and passes now."""
        if _STEM in item.stash:
            (self._folder / self._page_name(item)).unlink(missing_ok=True)

    def _page_name(self, item: pytest.Item) -> str:
        return f"{item.stash[_STEM]}.html"

    def _stem(self, item_id: str, shown: str) -> str:
        """Return the name of a test's file: readable, and no other test's."""
        name = re.sub(_UNREADABLE, "-", shown).strip("-.")[:_LONGEST_NAME]
        digest = binascii.crc32(item_id.encode("utf-8", "surrogatepass"))
        return f"{name}-{digest:08x}{self._suffix}"

    def _put(self, content: bytes, name: str) -> None:
        if not self._is_made:
            _make_folder(self._folder)
            self._is_made = True
        with open(f"{self._folder}/{name}", "wb") as file:  # noqa: PTH123 - for every test
            file.write(content)


def _without_secrets(item_id: str, records: Sequence[Record]) -> str:
    """Return a test's id; it is in its parameters where a secret may be."""
    if "[" not in item_id:
        return item_id
    read = import_module("asgi_testkit.report.pieces").read
    redaction = import_module("asgi_testkit.report.redaction").Redaction
    shown: str = redaction([read(record) for record in records]).text(item_id)
    return shown


def _page(item_id: str, records: Sequence[Record], entry: dict[str, Any], error: str) -> bytes:
    """Return the page of a failed test, and tell the index what may be shown of its texts."""
    trace_of = import_module("asgi_testkit.report.trace").trace_of
    trace = trace_of(records, title=item_id, outcome="failed", error=error)
    entry.update(title=trace["title"], error=trace["error"])
    page: str = import_module("asgi_testkit.report.html").page_of(trace)
    return page.encode()


class PageIndex:
    """Writes the index, in the process that hears of all tests."""

    def __init__(self, config: pytest.Config, problems: list[str]) -> None:
        self._file = _folder(config) / "index.html"
        self._start = config.invocation_params.dir
        self._is_each = str(getattr(config.option, "dist", "no")) == "each"
        self._found: dict[tuple[str, str], Any] = {}  # `report.html.IndexEntry`s by the test
        self._entries: list[Any] = []
        self._problems = problems

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Remove the traces of the run before, if this one runs tests."""
        if session.config.getoption("collectonly"):
            return
        folder = self._file.parent
        with self._telling():
            for file in folder.iterdir() if folder.is_dir() else ():
                if re.fullmatch(_TRACE_NAME, file.name):
                    self._remove(file)

    def _remove(self, file: Path) -> None:
        """Remove a file; another run, or who reads it on Windows, may have it open."""
        with self._telling():
            file.unlink(missing_ok=True)

    @contextmanager
    def _telling(self) -> Generator[None]:
        """Take note of what goes wrong with files; it must break no run."""
        try:
            yield
        except (OSError, ValueError) as error:
            self._problems.append(f"{type(error).__name__}: {error}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # a WorkerController of xdist
        """Tell a worker of xdist whether others run the same tests."""
        node.workerinput["asgi_each"] = self._is_each

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear of what a worker of xdist could not write in the end."""
        self._problems += getattr(node, "workeroutput", {}).get(_PROBLEMS, ())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what the index says of pages."""
        entry = getattr(report, _ENTRY, None)
        if entry is not None:
            worker = getattr(report, "worker_id", "")  # of xdist; all of them, with --dist=each
            self._found[report.nodeid, worker] = entry  # of a test that was run again the last
        self._problems += getattr(report, _PROBLEMS, ())

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write the index, if there is a trace; workers have ended by now."""
        folder = self._file.parent
        with self._telling():
            pages = [one for one in self._found.values() if _is_there(folder, one["href"])]
            self._entries = [*_sorted(pages), *_sorted(self._passed_tests(folder))]
        with self._telling():
            if self._entries:
                page = import_module("asgi_testkit.report.html").index_of(self._entries)
                self._file.write_text(page, encoding="utf-8")

    def _passed_tests(self, folder: Path) -> list[Any]:
        """Return the index's lines of the tests that have passed, as far as files can be read."""
        found: list[Any] = []
        for file in folder.iterdir() if folder.is_dir() else ():
            if re.fullmatch(_PASSED_NAME, file.name):
                with self._telling():
                    found += _entries_of(file)
        return found

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the index is, and what could not be written."""
        if not self._entries and not self._problems:
            return
        terminalreporter.write_sep("-", f"asgi-testkit: {len(self._entries)} traces")
        if self._problems:
            count = len(self._problems)
            terminalreporter.write_line(f"{count} not written; the first: {self._problems[0]}")
        if self._entries:
            terminalreporter.write_line(_relative(self._file, self._start))


def _folder(config: pytest.Config) -> Path:
    given = next(filter(None, sources("output", config).values()), _FOLDER)
    return config.rootpath / given


def _is_there(folder: Path, name: str) -> bool:
    """Return whether a page was written, and not removed as its test was run again and passed."""
    return bool(name) and (folder / name).is_file()


def _entries_of(file: Path) -> list[Any]:
    """Return the index's lines of the tests in a file of many."""
    archive = import_module("asgi_testkit.report.archive")
    with file.open("rb") as lines:  # one after the other: they may be many
        return [archive.index_entry(test, file.name) for test in archive.archived_tests(lines)]


def _sorted(entries: list[Any]) -> list[Any]:
    return sorted(entries, key=lambda entry: entry["title"])


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
