"""The traces that tests leave on disk, and their index, which the controller of xdist writes.

A failed test leaves a page, one that passed its trace as JSON, which is much smaller. Workers write
them; what the index says of them travels with the last report of each test.
"""

from __future__ import annotations

import binascii
import os
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from asgi_testkit.pytest_plugin.options import choice, sources

if TYPE_CHECKING:
    from asgi_testkit.protocol.record import Record

__all__ = ("PageIndex", "Pages")

_MODES: Final = ("off", "on", "retain-on-failure")
_FOLDER: Final = "test-results/asgi"
_ENTRY: Final = "asgi_testkit_page"
"""The attribute of a report that holds its page's line of the index."""

_MOST_WAITING: Final = 200
"""How many exchanges of passed tests wait to be written: one after the other that is cheap."""

_PROBLEMS: Final = "asgi_testkit_problems"
"""The attribute of a worker's report that says what could not be written."""

_STEM: Final = pytest.StashKey[str]()
_LONGEST_NAME: Final = 120
_TRACE_NAME: Final = re.compile(r".*-[0-9a-f]{8}(-gw\d+)?\.(html|json)|index\.html")
_UNREADABLE: Final = re.compile(r"[^A-Za-z0-9_.]+")


class _Passed(NamedTuple):
    """A passed test whose trace is still to be written; its line of the index gets its title."""

    item_id: str
    records: Sequence[Record]
    entry: dict[str, Any]


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
        # A worker's line of the index leaves with the report, and needs its title by then.
        self._most_waiting = 0 if worker else _MOST_WAITING
        self._waiting: list[_Passed] = []
        self._is_worker = bool(worker)
        self.problems: list[str] = []
        self._suffix = f"-{worker['workerid']}" if worker.get("asgi_each") else ""

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
            if self._mode != "on":
                return ""
        if _STEM not in item.stash:
            item.stash[_STEM] = self._stem(item.nodeid, _without_secrets(item.nodeid, records))
        return f"{self._shown_folder}/{self._name(item, is_failed=is_failed)}"

    def write(
        self,
        item: pytest.Item,
        report: pytest.TestReport,
        records: Sequence[Record],
        *,
        error: str | None,
        seconds: float,
    ) -> None:
        """Write a test's trace, of which `path_for` has told, and put its line on the report.

        What goes wrong is told at the end of the run: it is no failure of the test.

        Args:
            item: the test.
            report: that of its teardown.
            records: the test's exchanges.
            error: the short text of its failure; `None`: it passed.
            seconds: how long it took.
        """
        outcome = "passed" if error is None else "failed"
        entry: dict[str, Any] = {
            "title": "",
            "outcome": outcome,
            "href": self._name(item, is_failed=error is not None),
            "exchanges": len(records),
            "error": "",
            "duration": seconds,
        }
        setattr(report, _ENTRY, entry)
        if error is not None:
            with self._telling(entry):
                self._put(_page(_trace(item.nodeid, records, entry, error)), entry["href"])
        else:
            self._waiting.append(_Passed(item.nodeid, records, entry))
            if sum(len(one.records) for one in self._waiting) > self._most_waiting:
                self.write_waiting()
        if self._is_worker and self.problems:
            setattr(report, _PROBLEMS, self.problems.copy())
            self.problems.clear()

    def write_waiting(self) -> None:
        """Write the traces of passed tests that have not been written yet."""
        waiting, self._waiting = self._waiting, []
        for item_id, records, entry in waiting:
            with self._telling(entry):
                self._put(_json(_trace(item_id, records, entry)), entry["href"])

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
            (self._folder / self._name(item, is_failed=True)).unlink(missing_ok=True)

    def _name(self, item: pytest.Item, *, is_failed: bool) -> str:
        return f"{item.stash[_STEM]}.{'html' if is_failed else 'json'}"

    def _stem(self, item_id: str, shown: str) -> str:
        """Return the name of a test's file: readable, and no other test's."""
        name = _UNREADABLE.sub("-", shown).strip("-.")[:_LONGEST_NAME]
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


def _trace(item_id: str, records: Sequence[Record], entry: dict[str, Any], error: str = "") -> Any:
    """Return the trace of a test, and tell the index what may be shown of its texts."""
    outcome = entry["outcome"]
    trace_of = import_module("asgi_testkit.report.trace").trace_of
    trace = trace_of(records, title=item_id, outcome=outcome, error=error)
    entry.update(title=trace["title"], error=trace["error"])
    return trace


def _page(trace: Any) -> bytes:  # a Trace
    page: str = import_module("asgi_testkit.report.html").page_of(trace)
    return page.encode()


def _json(trace: Any) -> bytes:
    content: bytes = import_module("asgi_testkit.report.trace").compact_json(trace)
    return content


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
        for file in folder.iterdir() if folder.is_dir() else ():
            if _TRACE_NAME.fullmatch(file.name):
                file.unlink(missing_ok=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # a WorkerController of xdist
        """Tell a worker of xdist whether others run the same tests."""
        node.workerinput["asgi_each"] = self._is_each

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what the index says."""
        entry = getattr(report, _ENTRY, None)
        if entry is not None:
            worker = getattr(report, "worker_id", "")  # of xdist; all of them, with --dist=each
            self._found[report.nodeid, worker] = entry  # of a test that was run again the last
        self._problems += getattr(report, _PROBLEMS, ())

    def pytest_sessionfinish(self) -> None:
        """Write the index, if there is a trace."""
        self._entries = [entry for entry in self._found.values() if entry["href"]]
        if not self._entries:
            return
        self._entries.sort(key=lambda entry: (entry["outcome"] != "failed", entry["title"]))
        page = import_module("asgi_testkit.report.html").index_of(self._entries)
        try:
            _make_folder(self._file.parent)
            self._file.write_text(page, encoding="utf-8")
        except OSError as error:
            self._problems.append(f"{type(error).__name__}: {error}")

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
