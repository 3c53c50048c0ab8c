"""Many tests' traces in one file: a first line that says so, and then a line of JSON for each test.

A line holds what is kept of its exchanges, without secrets; the trace is made when it is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from asgi_testkit.report.kept import Kept, KeptExchange
from asgi_testkit.report.trace import Trace, trace_from

if TYPE_CHECKING:
    from asgi_testkit.report.html import IndexEntry

__all__ = ("FIRST_LINE", "ArchiveError", "ArchivedTest", "archived_tests", "index_entry", "line_of")

_FORMAT: Final = "asgi-testkit traces"
_VERSION: Final = 1

FIRST_LINE: Final = b'{"format":"%s","version":%d}\n' % (_FORMAT.encode(), _VERSION)
"""What a file begins with."""

_ENCODE: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_BEGIN: Final = re.compile(rb'\[("(?:[^"\\]|\\.)*"),([0-9.e+-]+),([0-9]+),')


class ArchiveError(ValueError):
    """A file is no archive of this version; the message is the end of a sentence about it."""


class ArchivedTest(NamedTuple):
    """A test in a file.

    Attributes:
        title: its id, without secrets.
        seconds: how long it took.
        exchanges: how many.
        line: all of it.
    """

    title: str
    seconds: float
    exchanges: int
    line: bytes

    def trace(self) -> Trace:
        """Return its trace."""
        title, _, _, rows = json.loads(self.line)
        kept = Kept(title, "", [KeptExchange(*row) for row in rows])
        return trace_from(kept, outcome="passed")


def line_of(kept: Kept, seconds: float) -> bytes:
    """Return the line of a test that has passed and took so many seconds."""
    row = (kept.title, round(seconds, 6), len(kept.exchanges), kept.exchanges)
    return f"{_ENCODE(row)}\n".encode("ascii")


def archived_tests(lines: Iterable[bytes]) -> Iterator[ArchivedTest]:
    """Yield the tests of a file in their order, but one whose line is cut; nothing else is kept.

    Args:
        lines: those of the file, as it gives them when it was opened for bytes.

    Raises:
        ArchiveError: the file is none of these, or of another version.
    """
    rest = iter(lines)
    _check(next(rest, b""))
    for line in rest:
        if line.endswith(b"\n"):
            yield _test(line)


def index_entry(test: ArchivedTest, href: str) -> IndexEntry:
    """Return a test's line of an index, with a link to `href`."""
    return {
        "title": test.title,
        "outcome": "passed",
        "href": href,
        "exchanges": test.exchanges,
        "error": "",
        "duration": test.seconds,
    }


def _check(first: bytes) -> None:
    try:
        found: object = json.loads(first)
    except ValueError:
        found = None
    head = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if head.get("format") != _FORMAT:
        raise ArchiveError("is no file of many tests' traces")
    if head.get("version") != _VERSION:
        version = head.get("version")
        raise ArchiveError(f"holds traces of version {version}; this can show {_VERSION}")


def _test(line: bytes) -> ArchivedTest:
    begin = _BEGIN.match(line)
    if begin is None:
        raise ArchiveError("has a line that is no trace")
    return ArchivedTest(json.loads(begin[1]), float(begin[2]), int(begin[3]), line)
