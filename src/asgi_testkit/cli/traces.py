"""Trace files: written by commands, read by `show-trace`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import click

from asgi_testkit.protocol.record import Record
from asgi_testkit.report.archive import ArchivedTest, ArchiveError, archived_tests, index_entry
from asgi_testkit.report.html import index_of, page_of
from asgi_testkit.report.trace import FORMAT, VERSION, Outcome, Trace, trace_of

__all__ = ("Pages", "TraceError", "archived_in", "index_pages", "page_in", "write_trace")

Pages: TypeAlias = Mapping[str, Callable[[], str]]
"""What makes the HTML of pages, by their paths."""

_HTML: Final = ".html"
_MARK: Final = re.compile(rf'"format"\s*:\s*"{FORMAT}"')


class TraceError(ValueError):
    """A file holds no trace that can be shown."""


def write_trace(path: Path, records: Sequence[Record], *, title: str, error: str) -> None:
    """Write what crossed, as a page or as JSON by the file's name; say where on standard error.

    Raises:
        click.FileError: the file cannot be written.
    """
    outcome: Outcome = "failed" if error else "passed"
    trace = trace_of(records, title=title, outcome=outcome, error=error)
    text = page_of(trace) if path.suffix == _HTML else json.dumps(trace, indent=1)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as failure:
        raise click.FileError(str(path), failure.strerror) from None
    click.echo(f"asgi-testkit: trace: {path}", err=True)


def page_in(path: Path) -> str:
    """Return the page that a trace file holds, or that its JSON makes.

    Raises:
        TraceError: it cannot be read, or is no trace of this version.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise TraceError(f"{path} cannot be read: {error}.") from None
    if path.suffix == _HTML:
        return _checked_page(path, text)
    return page_of(_trace_in(path, text))


def archived_in(files: Sequence[Path], part: str) -> Sequence[ArchivedTest]:
    """Return the tests in files of many, by their ids: those with `part` in it, or the one it is.

    Raises:
        TraceError: there is none, or a file is none of these.
    """
    tests = sorted(test for file in files for test in _archived(file))
    found = [test for test in tests if test.title == part] or [
        test for test in tests if part in test.title
    ]
    if not found:
        names = ", ".join(map(str, files))
        raise TraceError(
            f"{names}: no test has {part!r} in its id." if part else f"{names}: empty."
        )
    return found


def _archived(file: Path) -> Sequence[ArchivedTest]:
    try:
        with file.open("rb") as lines:
            return list(archived_tests(lines))
    except OSError as error:
        raise TraceError(f"{file} cannot be read: {error}.") from None
    except ArchiveError as error:
        raise TraceError(f"{file} {error}.") from None


def index_pages(tests: Sequence[ArchivedTest]) -> Pages:
    """Return a page with a list of tests, and theirs; of one test its own alone."""
    if len(tests) == 1:
        return {"/": partial(_archived_page, tests[0])}
    entries = [index_entry(test, f"/{at}") for at, test in enumerate(tests, 1)]
    pages = {f"/{at}": partial(_archived_page, test) for at, test in enumerate(tests, 1)}
    return {"/": partial(index_of, entries), **pages}


def _archived_page(test: ArchivedTest) -> str:
    return page_of(test.trace())


def _checked_page(path: Path, text: str) -> str:
    if not _MARK.search(text):
        raise TraceError(f"{path} is no page with a trace of asgi-testkit.")
    return text


def _trace_in(path: Path, text: str) -> Trace:
    try:
        found: object = json.loads(text)
    except ValueError as error:
        raise TraceError(f"{path} is no JSON: {error}.") from None
    trace = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if trace.get("format") != FORMAT:
        raise TraceError(f"{path} is no trace of asgi-testkit.")
    if trace.get("version") != VERSION:
        version = trace.get("version")
        raise TraceError(f"{path} is a trace of version {version}; this can show {VERSION}.")
    return cast("Trace", trace)
