"""The page `docs/performance.md`: its measured parts are written here, from files of results.

`python -m bench.page FILE.json ...` takes what `bench`, `bench.growth` and `bench.instructions`
wrote, of one interpreter or several. Only what stands between the page's marker comments is
replaced; the prose around them is written by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.curves import CURVES
from bench.growth import MOST_GROWTH, lines_of, verdicts
from bench.peers import FLOOR, TITLES, YARDSTICK
from bench.table import number

__all__ = ("DOCUMENT", "main", "parts_of", "with_parts")

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
OURS = ("ours-thread", "ours-inline", "ours-async")
NOTHING = ""

# What `json.load` gives for one file.
Found = Mapping[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page's measured parts."""
    parser = argparse.ArgumentParser(prog="python -m bench.page")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.json")
    parser.add_argument("--page", type=Path, default=DOCUMENT, metavar="FILE.md")
    options = parser.parse_args(arguments)
    founds = [json.loads(file.read_text(encoding="utf-8")) for file in options.files]
    founds.sort(key=_order)
    pictures = options.page.parent / "pictures"
    text = with_parts(options.page.read_text(encoding="utf-8"), parts_of(founds, pictures))
    options.page.write_text(text, encoding="utf-8")
    return 0


def _order(found: Found) -> tuple[list[int], int]:
    """Return what results are sorted by: interpreters by version, and more processors first."""
    version = [int(number) for number in re.findall(r"\d+", found["python"])]
    return version, -found["processors"]


def with_parts(text: str, parts: Mapping[str, str]) -> str:
    """Return the page with each part between its markers; a part not given stays as it is.

    Raises:
        ValueError: a pair of markers is missing.
    """
    for name, part in parts.items():
        opening, closing = f"<!-- measured:{name} -->", f"<!-- /measured:{name} -->"
        before, found, rest = text.partition(opening)
        _old, found_too, after = rest.partition(closing)
        if not (found and found_too):
            raise ValueError(f"The page has no {opening} followed by {closing}.")
        text = f"{before}{opening}\n\n{part}\n\n{closing}{after}"
    return text


def parts_of(founds: Sequence[Found], pictures: Path) -> dict[str, str]:
    """Return every part that these results can fill, by its name."""
    benches = [found for found in founds if "scenarios" in found]
    growths = [found for found in founds if "lines" in found]
    counted = [found for found in founds if "instructions" in found]
    parts = {"machine": machines(founds)}
    if benches:
        parts["targets"] = join(targets_part(found) for found in benches)
        parts["scenarios"] = join(scenarios_part(found) for found in benches)
        parts["peers"] = peers_part(benches[0])
    if growths:
        parts["growth"] = join(growth_part(found, pictures) for found in growths)
    if counted:
        parts["instructions"] = join(instructions_part(found) for found in counted)
    return parts


def join(blocks: Iterable[str]) -> str:
    """Put blocks below each other."""
    return "\n\n".join(blocks)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are numbers or short words."""
    lines = [headings, ["---", *["---:"] * (len(headings) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def interpreter(found: Found) -> str:
    """Name the interpreter of a file of results, and whether it had one processor only."""
    where = ", all threads on one processor" if found["processors"] == 1 else ""
    return f"Python {found['python']}{where}"


def machines(founds: Sequence[Found]) -> str:
    """Say what it was measured on, and with which versions."""
    first = founds[0]
    rows = [
        ("processor", f"{first['processor']}, {first['processors']} in reach"),
        ("system", str(first["system"])),
        ("interpreters", ", ".join(dict.fromkeys(str(found["python"]) for found in founds))),
        ("two threads' turn there and back", f"{first['ping_pong_seconds'] * 1e6:.0f} µs"),
        *((name, str(version)) for name, version in first["versions"].items()),
    ]
    return table(("what", "which"), rows)


def targets_part(found: Found) -> str:
    """Return the targets of one interpreter that were measured, each met or missed."""
    measured = [each for each in found["targets"] if each["verdict"] != "not measured"]
    met = sum(each["verdict"] == "met" for each in measured)
    rows = [
        (
            f"{each['group']}: {client(each['ours'])}",
            each["wanted"],
            each["measured_text"],
            f"**{each['verdict']}**" if each["verdict"] == "MISSED" else each["verdict"],
        )
        for each in measured
    ]
    title = f"{interpreter(found)}: {met} of {len(rows)} met."
    return join([title, table(("target", "wanted", "measured", "verdict"), rows)])


def client(key: str) -> str:
    """Return a client's short name."""
    return TITLES[key].removeprefix("ours: ")


def scenarios_part(found: Found) -> str:
    """Return one row per scenario, in the scenario's unit."""
    headings = ("scenario", "floor", "thread", "inline", "async", "best other", "Starlette")
    ratios = ("x Starlette", "x best other", "x floor")
    rows = [scenario_row(scenario) for scenario in found["scenarios"].values()]
    how = (
        f"{interpreter(found)}, best of {found['rounds']} interleaved rounds. "
        "Ratios: thread / inline / async."
    )
    return join([how, table((*headings, *ratios), rows)])


def scenario_row(scenario: Found) -> list[str]:
    """Return a scenario's numbers and its three columns of ratios."""
    peers, best = scenario["peers"], scenario["best_peer"]
    cells = [f"{scenario['about']} ({scenario['unit'].replace('us', 'µs')})"]
    cells += [value_of(peers, key, "best") for key in (FLOOR, *OURS)]
    cells.append(f"{value_of(peers, best, 'best')} ({TITLES[best]})" if best else NOTHING)
    cells.append(value_of(peers, YARDSTICK, "best"))
    for name in ("times_faster_than_starlette", "times_faster_than_best_peer", "times_floor"):
        values = [value_of(peers, key, name) or "-" for key in OURS]
        cells.append(" / ".join(values))
    return cells


def value_of(peers: Mapping[str, Found], key: str, name: str) -> str:
    """Return one number of one row, nothing where there is none."""
    return number(peers.get(key, {}).get(name)).replace("-", NOTHING)


def peers_part(found: Found) -> str:
    """Return what each peer lacks, and which are not in the run."""
    parts = [table(("client", "lacks"), found["lacks"].items()).replace("---:", "---")]
    parts += [f"Not installed: {title}." for title in found["not_installed"]]
    return join(parts)


def growth_part(found: Found, pictures: Path) -> str:
    """Return the table of growth with its verdicts, and the pictures that were drawn."""
    headings = ("curve", "client", "at the base", "at the largest", "growth", "verdict", "memory")
    lines = lines_of(found)
    how = f"{interpreter(found)}, at most {MOST_GROWTH:g}x; memory: growth of the resident set."
    parts = [how, table(headings, verdicts(lines))]
    for key in dict.fromkeys(line.curve for line in lines):
        name = f"growth-{key}.svg"
        if (pictures / name).exists():
            parts.append(f"![{CURVES[key].about}: cost and memory](pictures/{name})")
    return join(parts)


def instructions_part(found: Found) -> str:
    """Return a table of instructions per operation."""
    counts = found["instructions"]
    peers = dict.fromkeys(peer for rows in counts.values() for peer in rows)
    rows = [
        [TITLES[peer], *(f"{rows[peer]:,.0f}" if peer in rows else "" for rows in counts.values())]
        for peer in peers
    ]
    how = f"{interpreter(found)}, counted by {found['counter']}."
    return join([how, table(("client", *counts), rows)])


if __name__ == "__main__":
    sys.exit(main())
