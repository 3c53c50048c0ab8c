"""Write the section "Quirks" of docs/servers.md from the table that the tests compare with.

`python -m scripts.write_quirks` writes it; with `--check` it only says whether it is current, and
exits 1 where it is not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.conformance.quirks import Quirk, read_quirks
from tests.conformance.scenarios import SCENARIOS

__all__ = ("DOCUMENT", "main", "with_section", "written_section")

DOCUMENT: Final = Path(__file__).parent.parent / "docs" / "servers.md"

_BEGIN: Final = "<!-- Quirks: written by scripts/write_quirks.py from tests/conformance. -->"
_END: Final = "<!-- End of the quirks. -->"
_MOST_NAMES: Final = 3

_TITLES: Final[Mapping[str, str]] = {
    "uvicorn": "uvicorn (with h11 and websockets)",
    "hypercorn": "Hypercorn",
    "granian": "Granian",
    "daphne": "Daphne",
    "ours": "This client, which has no wire",
}

_HEADER: Final = "| what it does | why, or against what | seen in |\n|---|---|---|"

_INTRODUCTION: Final = """\
## Quirks

The project's tests run {count} scenarios on `TestClient` and on the four servers, over HTTP/1.1,
and compare what app and client see. All that differs is in these tables; where three servers agree,
`TestClient` agrees with them, but for the last table. What servers do with apps that break a rule
is in [rules.md](rules.md).
"""


def main(arguments: Sequence[str], *, document: Path = DOCUMENT) -> int:
    """Write the section, or with `--check` compare it; return the exit status."""
    if unknown := set(arguments) - {"--check"}:
        print(f"Unknown: {', '.join(sorted(unknown))}. Usage: write_quirks.py [--check]")
        return 2
    old = document.read_text(encoding="utf-8")
    new = with_section(old, written_section())
    if "--check" not in arguments:
        document.write_text(new, encoding="utf-8")
    elif new != old:
        print(f"{document.name} is not current. Run python -m scripts.write_quirks.")
        return 1
    return 0


def with_section(document: str, section: str) -> str:
    """Return the document with this section between the marks.

    Raises:
        ValueError: it has no such marks.
    """
    before, begin, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"The document has no {_BEGIN!r} and {_END!r}.")
    return f"{before}{begin}\n\n{section}\n{end}{after}"


def written_section() -> str:
    """Return the section."""
    lines = [_INTRODUCTION.format(count=len(SCENARIOS))]
    for who, title in _TITLES.items():
        lines += [
            f"### {title}\n",
            "| what it does | why, or against what | seen in |",
            "|---|---|---|",
        ]
        lines += _rows(quirk for quirk in read_quirks() if quirk.who == who)
        lines.append("")
    return "\n".join(lines)


def _rows(quirks: Iterator[Quirk]) -> Iterator[str]:
    for quirk in quirks:
        cells = (quirk.does, quirk.why, _names(quirk))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _names(quirk: Quirk) -> str:
    names = [f"`{name}`" for name in quirk.seen]
    more = len(names) - _MOST_NAMES
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
