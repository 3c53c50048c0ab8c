"""The trace: records as a dictionary that JSON can hold, without secrets.

What a page, a text or a file shows of exchanges is made of it. Redaction happens here and nowhere
behind it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypedDict

from asgi_testkit.protocol.record import Record
from asgi_testkit.report.exchanges import ExchangeTrace, exchange_trace
from asgi_testkit.report.pieces import read
from asgi_testkit.report.redaction import Redaction

__all__ = ("FORMAT", "VERSION", "Outcome", "Trace", "compact_json", "trace_of")

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
    readings = [read(record) for record in records]
    redaction = Redaction(readings, is_on=redact)
    began = min((record.began_at for record in records), default=0.0)
    owners = _numbers(records)
    exchanges = [
        exchange_trace(reading, number, owners[reading.record.owner], began, redaction)
        for number, reading in enumerate(readings, 1)
    ]
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": redaction.text(title) or next((one["title"] for one in exchanges), ""),
        "outcome": outcome,
        "error": redaction.text(error),
        "exchanges": exchanges,
    }


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def compact_json(trace: Trace) -> bytes:
    """Return a trace as JSON without spaces, in ASCII."""
    return _ENCODER.encode(trace).encode("ascii")


def _numbers(records: Sequence[Record]) -> Mapping[int, int]:
    """Return numbers from 1 for the clients, in the order in which they come up."""
    owners = dict.fromkeys(record.owner for record in records)
    return {owner: number for number, owner in enumerate(owners, 1)}
