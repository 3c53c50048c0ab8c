"""The trace: records as a dictionary that JSON can hold, without secrets.

What a page, a text or a file shows of exchanges is made of it. Redaction has happened in `kept.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, TypedDict

from asgi_testkit.protocol.record import Record
from asgi_testkit.report.exchanges import ExchangeTrace, exchange_trace
from asgi_testkit.report.kept import Kept, keep

__all__ = ("FORMAT", "VERSION", "Outcome", "Trace", "trace_from", "trace_of")

FORMAT: Final = "asgi-testkit trace"
VERSION: Final = 1

Outcome = Literal["failed", "passed", ""]


class Trace(TypedDict):
    """What crossed in some exchanges.

    Attributes:
        format: `FORMAT`.
        version: `VERSION`.
        title: the test's id, or `"request"`.
        outcome: of the test; empty: not known.
        error: the short text of its failure; empty: none.
        exchanges: in the order in which they began.
    """

    format: str
    version: int
    title: str
    outcome: str
    error: str
    exchanges: list[ExchangeTrace]


def trace_of(
    records: Sequence[Record],
    *,
    title: str = "",
    outcome: Outcome = "",
    error: str = "",
    redact: bool = True,
) -> Trace:
    """Return the trace of some exchanges.

    Args:
        records: what crossed in them.
        title: the test's id; empty: the first request.
        outcome: of the test.
        error: the short text of its failure.
        redact: `False`: secrets are shown.
    """
    return trace_from(keep(records, title=title, error=error, redact=redact), outcome=outcome)


def trace_from(kept: Kept, *, outcome: Outcome = "") -> Trace:
    """Return the trace of what is kept of some exchanges; `outcome` is the test's."""
    exchanges = [exchange_trace(one, number) for number, one in enumerate(kept.exchanges, 1)]
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": kept.title or next((one["title"] for one in exchanges), ""),
        "outcome": outcome,
        "error": kept.error,
        "exchanges": exchanges,
    }
