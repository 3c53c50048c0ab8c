"""The transcript: exchanges as text, a line for each message."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from asgi_testkit.protocol.record import Record
from asgi_testkit.report.lines import exchange_text
from asgi_testkit.report.stable import without_chance
from asgi_testkit.report.trace import Outcome, Trace, trace_of

__all__ = ("Transcript",)


class Transcript:
    """What crossed in some exchanges, for people to read.

    `->` goes to the app, `<-` comes from it; times are milliseconds since the exchange began.
    Secrets are not shown: neither what has a telling name, nor its value anywhere else.

    Transcripts of several clients can be added; one exchange of a transcript is a transcript.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = list(records)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, at: int | slice) -> Transcript:
        found = self._records[at]
        return Transcript(found if isinstance(found, list) else [found])

    def __iter__(self) -> Iterator[Transcript]:
        return (Transcript([record]) for record in self._records)

    def __add__(self, other: Transcript) -> Transcript:
        both = {id(record): record for record in (*self._records, *other._records)}
        return Transcript(sorted(both.values(), key=lambda record: record.began_at))

    def __repr__(self) -> str:
        return f"<Transcript of {len(self)} exchanges; print it to read it>"

    def __str__(self) -> str:
        return self.to_text()

    def to_trace(
        self, *, title: str = "", outcome: Outcome = "", error: str = "", redact: bool = True
    ) -> Trace:
        """Return the same as a dictionary that JSON can hold; see `report.trace.Trace`.

        Args:
            title: what it is of, such as a test's id; empty: the first request.
            outcome: of the test.
            error: the short text of its failure.
            redact: `False`: secrets are shown.
        """
        return trace_of(self._records, title=title, outcome=outcome, error=error, redact=redact)

    def to_text(self, *, with_times: bool = True, colour: bool = False, redact: bool = True) -> str:
        """Return the transcript, a line for each message.

        Args:
            with_times: `False`: what differs from run to run is left out: times, lines of code,
                ports, addresses of objects, dates.
            colour: with ANSI escapes, for terminals.
            redact: `False`: secrets are shown.
        """
        trace = self.to_trace(redact=redact)
        if not with_times:
            trace = without_chance(trace)
        clients = {exchange["client"] for exchange in trace["exchanges"]}
        return "\n\n".join(
            exchange_text(
                exchange, with_times=with_times, names_client=len(clients) > 1, colour=colour
            )
            for exchange in trace["exchanges"]
        )

    def to_json(self, path: str | Path, *, title: str = "", redact: bool = True) -> Path:
        """Write the trace to a file, and return its path; `asgi-testkit show-trace` reads it."""
        text = json.dumps(self.to_trace(title=title, redact=redact), ensure_ascii=False, indent=1)
        return _written(path, f"{text}\n")

    def to_html(self, path: str | Path, *, title: str = "", redact: bool = True) -> Path:
        """Write a timeline to a file, as a page that needs nothing else, and return its path."""
        # Imported when it is wanted: few runs write one.
        from asgi_testkit.report.html import page_of  # noqa: PLC0415

        return _written(path, page_of(self.to_trace(title=title, redact=redact)))


def _written(path: str | Path, text: str) -> Path:
    file = Path(path)
    file.write_bytes(text.encode("utf-8", "replace"))
    return file
