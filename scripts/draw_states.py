"""Draw the state diagrams of docs/architecture.md from the transition tables.

`draw_states.py` writes them between their marker comments; with `--check` it only says whether
they are current, and exits 1 where they are not.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Final

from asgi_testkit.protocol import http_states, lifespan, websocket_states

__all__ = ("DOCUMENT", "draw", "main", "with_diagrams")

DOCUMENT: Final = Path(__file__).parent.parent / "docs" / "architecture.md"

Table = Mapping[Any, Enum]  # from a state and an act; each table has enums of its own

_TABLES: Final[Mapping[str, Table]] = {
    "http": http_states.TRANSITIONS,
    "websocket": websocket_states.TRANSITIONS,
    "lifespan": lifespan.TRANSITIONS,
}


def main(arguments: Sequence[str], *, document: Path = DOCUMENT) -> int:
    """Write the diagrams, or with `--check` compare them; return the exit status."""
    if unknown := set(arguments) - {"--check"}:
        print(f"Unknown: {', '.join(sorted(unknown))}. Usage: draw_states.py [--check]")
        return 2
    old = document.read_text(encoding="utf-8")
    new = with_diagrams(old)
    if "--check" not in arguments:
        document.write_text(new, encoding="utf-8")
        return 0
    if old != new:
        print(f"The diagrams in {document.name} are not current. Run scripts/draw_states.py.")
    return int(old != new)


def with_diagrams(text: str) -> str:
    """Return the document with every diagram drawn anew.

    Raises:
        ValueError: a pair of markers is missing.
    """
    for name, table in _TABLES.items():
        opening, closing = f"<!-- states:{name} -->", f"<!-- /states:{name} -->"
        before, found, rest = text.partition(opening)
        _old, found_too, after = rest.partition(closing)
        if not (found and found_too):
            raise ValueError(f"The document has no {opening} followed by {closing}.")
        text = f"{before}{opening}\n\n{draw(table)}\n\n{closing}{after}"
    return text


def draw(table: Table) -> str:
    """Return a Mermaid diagram: one arrow for each pair of states, with all its acts."""
    arrows: dict[tuple[Enum, Enum], list[str]] = {}
    for (state, act), target in table.items():
        arrows.setdefault((state, target), []).append(str(act.value))
    states = list(type(next(iter(arrows))[0]))
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {states[0].name}"]
    for (state, target), acts in arrows.items():
        lines.append(f"    {state.name} --> {target.name}: {'<br/>'.join(acts)}")
    left = {state for state, target in arrows if state is not target}
    lines += [f"    {state.name} --> [*]" for state in states if state not in left]
    return "\n".join([*lines, "```"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
