"""What a failed test says of its exchanges: a section of the report, and a page on disk.

Nothing is done for tests without exchanges, and nothing of ours is imported for them.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Sequence
from importlib import import_module
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import pytest

from asgi_testkit.pytest_plugin.pages import Pages
from asgi_testkit.settings import clock

if TYPE_CHECKING:
    from asgi_testkit.protocol.record import Record

__all__ = ("ExchangeReports",)

SECTION: Final = "asgi-testkit: last exchanges"
PROPERTY: Final = "asgi_trace"
_SHOWN_LINES: Final = 20
"""How many lines of exchanges a section has, so that all of it stays on one screen."""
_SHOWN_CHARS: Final = 200
_COMMAND_CHARS: Final = 1_000
"""A command that is cut is none, so that it may be longer than other lines."""


class ExchangeReports:
    """Adds to the reports of one run of pytest; see the module.

    Args:
        pages: what is left on disk.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._began = clock()
        self._error: str | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Take note of when the test begins, also when it is run again: later exchanges are its."""
        self._began, self._error = clock(), None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Explain a failure by what has crossed, and leave the page when the test is over."""
        report = yield
        if report.failed or report.when == "teardown":
            try:
                self._tell(item, report)
            except Exception as error:  # noqa: BLE001 - what is told must not hide the failure
                told = f"They cannot be shown: {type(error).__name__}: {error}"
                report.sections.append((SECTION, told))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write what is left to be written, before the index is."""
        self._pages.write_waiting()

    def _tell(self, item: pytest.Item, report: pytest.TestReport) -> None:
        records = _records_since(self._began)
        if report.failed and self._error is None:
            self._error = _short_error(report)
        if not records:
            return
        path = self._pages.path_for(item, records, is_failed=self._error is not None)
        if report.failed:
            report.sections.append((SECTION, "\n".join(_section(records, path))))
        if path:
            _note_path(item, report, path)
        if path and report.when == "teardown":
            seconds = clock() - self._began
            self._pages.write(item, report, records, error=self._error, seconds=seconds)


def _records_since(moment: float) -> Sequence[Record]:
    recent = sys.modules.get("asgi_testkit.client.recent")
    if recent is None:  # nobody has used a client
        return []
    records: Sequence[Record] = recent.RECENT.since(moment)
    return records


def _short_error(report: pytest.TestReport) -> str:
    """Return what the summary of a run says of a failure, or its last line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message)
    return next(reversed(report.longreprtext.splitlines()), "")


def _note_path(item: pytest.Item, report: pytest.TestReport, path: str) -> None:
    """Tell JUnit's file, which reads the properties of the last report."""
    note = (PROPERTY, path)
    for properties in (item.user_properties, report.user_properties):
        if note not in properties:
            properties.append(note)


# -- the section ----------------------------------------------------------------------------


def _section(records: Sequence[Record], path: str) -> Iterator[str]:
    every = import_module("asgi_testkit.report.trace").trace_of(records)["exchanges"]
    exchanges = [each for each in every if _is_telling(each)] or every[-1:]
    names_client = len({each["client"] for each in exchanges}) > 1
    shown: list[list[str]] = []
    room = _SHOWN_LINES
    for exchange in reversed(exchanges):
        lines = _lines(exchange, names_client=names_client)
        room -= len(lines)
        if shown and room < 0:
            break
        shown.insert(0, lines)
    if len(shown) < len(exchanges):
        yield f"... {len(exchanges) - len(shown)} earlier ..."
    yield from chain(*shown)
    if path:
        yield f"trace: {path}"


def _is_telling(exchange: Any) -> bool:  # an ExchangeTrace
    """Return whether it is more than a lifespan that went well, or that the app has not got."""
    acts = [entry["act"] for entry in exchange["entries"]]
    is_lifespan = exchange["kind"] == "lifespan"
    return not is_lifespan or any(act.endswith(".failed") for act in acts) or "raised" in acts[1:]


def _lines(exchange: Any, *, names_client: bool) -> list[str]:  # an ExchangeTrace
    """Return the lines of an exchange; of many the first and the last."""
    exchange_text = import_module("asgi_testkit.report.lines").exchange_text
    text: str = exchange_text(exchange, with_times=True, names_client=names_client, colour=False)
    lines = [_shortened(line) for line in text.splitlines()]
    if len(lines) <= _SHOWN_LINES:
        return lines
    half = _SHOWN_LINES // 2
    return [*lines[:half], f"  ... {len(lines) - 2 * half} lines ...", *lines[-half:]]


def _shortened(line: str) -> str:
    limit = _COMMAND_CHARS if line.startswith("  curl ") else _SHOWN_CHARS
    return line if len(line) <= limit else f"{line[:_SHOWN_CHARS]} ..."
