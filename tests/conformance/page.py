"""The matrix as one self-contained page; all that comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from tests.conformance.comparing import Cell, Row
from tests.conformance.facets import NORMALISATIONS
from tests.conformance.printing import counts
from tests.conformance.scenarios import SCENARIOS

__all__ = ("written_page",)

_STYLE: Final = """\
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff; }
table { border-collapse: collapse; }
th, td { border: 1px solid #ccc; padding: .25rem .6rem; text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: #fff; }
td.quirk { background: #fff3cd; } td.UNEXPLAINED { background: #f8c9c4; }
td.agrees { color: #2a6b2a; }
details { max-width: 34rem; } code { overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  body, thead th { color: #ddd; background: #1b1b1b; }
  th, td { border-color: #555; }
  td.quirk { background: #4a3f14; } td.UNEXPLAINED { background: #6b2520; }
  td.agrees { color: #8fce8f; }
}"""


def written_page(matrix: Mapping[str, Row]) -> str:
    """Return the page."""
    return "\n".join(_page(matrix)) + "\n"


def _page(matrix: Mapping[str, Row]) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f"<title>Conformance</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>Conformance</h1><p>{len(matrix)} scenarios.</p>"
    yield from _totals(matrix)
    yield from _scenarios(matrix)
    yield "<h2>What is taken out before it is compared</h2><table>"
    for normalisation in NORMALISATIONS:
        yield f"<tr>{_cell(normalisation.name)}{_cell(normalisation.reason)}</tr>"
    yield "</table></body></html>"


def _totals(matrix: Mapping[str, Row]) -> Iterator[str]:
    verdicts = ("agrees", "quirk", "UNEXPLAINED")
    yield _header("", *verdicts)
    for who, total in counts(matrix).items():
        yield f"<tr>{_cell(who)}{''.join(_cell(str(total[verdict])) for verdict in verdicts)}</tr>"
    yield "</tbody></table>"


def _scenarios(matrix: Mapping[str, Row]) -> Iterator[str]:
    yield "<h2>Scenarios</h2>"
    yield _header("scenario", "what it asks", *counts(matrix))
    for name, row in matrix.items():
        cells = "".join(_verdict(cell) for cell in row.values())
        yield f"<tr>{_cell(name)}{_cell(SCENARIOS[name].asks)}{cells}</tr>"
    yield "</tbody></table>"


def _verdict(cell: Cell) -> str:
    lines = [_difference(*difference) for difference in _differences(cell)]
    shown = f"<details><summary>{cell.verdict}</summary>{''.join(lines)}</details>"
    return f'<td class="{cell.verdict}">{shown if lines else cell.verdict}</td>'


def _differences(cell: Cell) -> Iterator[tuple[str, str, str, str]]:
    for difference in cell.differences:
        why = f"{difference.quirk.does} {difference.quirk.why}" if difference.quirk else ""
        yield difference.facet, difference.value, difference.usual, why
    for facet, value in cell.gone.items():
        yield facet, "as most", value, "The table says otherwise."


def _difference(facet: str, value: str, usual: str, why: str) -> str:
    return (
        f"<p><b>{escape(facet)}</b>: <code>{escape(value)}</code><br>"
        f"most: <code>{escape(usual)}</code><br>{escape(why)}</p>"
    )


def _header(*names: str) -> str:
    cells = "".join(f"<th>{escape(name)}</th>" for name in names)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>"


def _cell(text: str) -> str:
    return f"<td>{escape(text)}</td>"
