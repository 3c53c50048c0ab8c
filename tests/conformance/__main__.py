"""`python -m tests.conformance [NAME ...]`: the matrix, on the terminal and as a page.

Names choose scenarios by how they begin. The exit status is 1 where something is unexplained.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.conformance.comparing import Row, compared
from tests.conformance.page import written_page
from tests.conformance.printing import counts, header_line, line_of, unexplained_text
from tests.conformance.runs import Runs
from tests.conformance.scenarios import SCENARIOS

__all__ = ("PAGE", "main")

PAGE: Final = Path("conformance-results") / "matrix.html"


def main(arguments: Sequence[str], *, page: Path = PAGE) -> int:
    """Run the scenarios that are asked for; return the exit status."""
    names = [name for name in SCENARIOS if not arguments or name.startswith(tuple(arguments))]
    matrix = _matrix(names)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(written_page(matrix), encoding="utf-8")
    problems = [text for name in names if (text := unexplained_text(name, matrix[name]))]
    _print_totals(matrix)
    print("\n".join(["", *problems, f"{len(problems)} unexplained. Page: {page}"]))
    return int(bool(problems))


def _matrix(names: Sequence[str]) -> dict[str, Row]:
    matrix: dict[str, Row] = {}
    print(header_line())
    with Runs() as runs:
        for number, name in enumerate(names, start=1):
            matrix[name] = compared(name, runs.facets(SCENARIOS[name]))
            print(f"{number:4}/{len(names)} {line_of(name, matrix[name])}", flush=True)
    return matrix


def _print_totals(matrix: dict[str, Row]) -> None:
    for who, total in counts(matrix).items():
        print(f"{who:10}" + ", ".join(f"{count} {verdict}" for verdict, count in total.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
