"""Growth: what one unit of work costs, and what memory it leaves, the longer or larger it gets.

`python -m bench.growth` measures every curve with every driver of ours, each in an interpreter of
its own and in interleaved rounds, and writes the numbers as JSON and the pictures as SVG. A point
is the best of its rounds; each holds as much work as every other point of its curve, so that none
is the best of more attempts. The verdict compares the last point with the curve's base.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.curves import CURVES, Curve, Point
from bench.machine import look_at_machine
from bench.progress import Progress
from bench.table import machine_json

if TYPE_CHECKING:
    from bench.machine import Machine

__all__ = ("MOST_GROWTH", "Line", "main", "verdicts")

MOST_GROWTH = 1.10
ROUNDS = 5
QUICK_ROUNDS = 1
TIME_LIMIT_SECONDS = 300
MIB = 1024 * 1024
PICTURES = Path("docs/pictures")
RESULTS = Path("bench-results/growth.json")


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of one client: its points, by rising size."""

    curve: str
    client: str
    points: tuple[Point, ...]

    def at(self, size: int) -> Point:
        """Return the point of this size."""
        return next(point for point in self.points if point.size == size)

    @property
    def growth(self) -> float:
        """How many times the cost at the base is the cost at the largest."""
        return self.points[-1].seconds / self.at(CURVES[self.curve].base).seconds

    @property
    def grown_bytes(self) -> int:
        """By how much the resident set grew from the base to the largest."""
        return self.points[-1].resident_bytes - self.at(CURVES[self.curve].base).resident_bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or read what was measured; print, write, draw. A missed bound is no failure."""
    options = parse_arguments(arguments)
    if options.read:
        found = json.loads(options.read.read_text(encoding="utf-8"))
    else:
        found = measured(options.only or list(CURVES), options.rounds, is_quick=options.quick)
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    lines = lines_of(found)
    print(as_text(lines))
    if not options.no_pictures:
        # Matplotlib is in the extra `bench` only, and is slow to import.
        from bench.drawing import draw

        draw(lines, options.pictures)
    return 0


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE", help="numbers")
    parser.add_argument("--pictures", type=Path, default=PICTURES, metavar="FOLDER")
    parser.add_argument("--no-pictures", action="store_true", help="numbers alone")
    parser.add_argument("--read", type=Path, metavar="FILE", help="draw numbers measured before")
    parser.add_argument("--only", nargs="+", choices=list(CURVES), help="these curves")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default {ROUNDS}")
    parser.add_argument("--quick", action="store_true", help="one round, smaller sizes")
    return parser.parse_args(arguments)


def measured(names: Iterable[str], rounds: int, *, is_quick: bool) -> dict[str, Any]:
    """Measure the curves; return what the JSON holds."""
    machine: Machine = look_at_machine()
    wanted = [(CURVES[name], client) for name in names for client in CURVES[name].clients]
    rounds = QUICK_ROUNDS if is_quick else rounds
    runs = play(wanted, rounds, is_quick=is_quick)
    lines = [Line(*key, best_points(found)) for key, found in runs.items()]
    return {**machine_json(machine), "rounds": rounds, "lines": [asdict(line) for line in lines]}


def play(
    wanted: Sequence[tuple[Curve, str]], rounds: int, *, is_quick: bool
) -> dict[tuple[str, str], list[list[Point]]]:
    """Run every curve of every client once per round, in every second round backwards."""
    progress = Progress(rounds * len(wanted))
    runs: dict[tuple[str, str], list[list[Point]]] = {
        (curve.key, client): [] for curve, client in wanted
    }
    for number in range(rounds):
        progress.begin(f"growth, round {number + 1} of {rounds}")
        for curve, client in wanted[:: -1 if number % 2 else 1]:
            runs[curve.key, client].append(run_apart(curve, client, is_quick=is_quick))
            progress.advance(1, f"{curve.key} {client}")
    progress.finish()
    return runs


def run_apart(curve: Curve, client: str, *, is_quick: bool) -> list[Point]:
    """Measure one curve of one client in a new interpreter."""
    command = [sys.executable, "-m", "bench.curves", curve.key, client]
    command += ["--quick"] if is_quick else []
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=TIME_LIMIT_SECONDS
    )
    return [Point(**point) for point in json.loads(done.stdout)]


def best_points(runs: Sequence[Sequence[Point]]) -> tuple[Point, ...]:
    """Return for each size the least cost and the least memory of all rounds."""
    return tuple(
        Point(
            same_size[0].size,
            min(point.seconds for point in same_size),
            min(point.resident_bytes for point in same_size),
        )
        for same_size in zip(*runs, strict=True)
    )


def lines_of(found: Mapping[str, Any]) -> list[Line]:
    """Return the lines that JSON holds."""
    return [
        Line(each["curve"], each["client"], tuple(Point(**point) for point in each["points"]))
        for each in found["lines"]
    ]


def verdicts(lines: Iterable[Line]) -> list[tuple[str, ...]]:
    """Return a row per line: curve, client, at base, at the largest, growth, verdict, memory."""
    return [
        (
            CURVES[line.curve].about,
            line.client.removeprefix("ours-"),
            f"{line.at(CURVES[line.curve].base).seconds * 1e6:.2f} us",
            f"{line.points[-1].seconds * 1e6:.2f} us",
            f"{line.growth:.2f}x",
            "met" if line.growth <= MOST_GROWTH else "MISSED",
            f"{line.grown_bytes / MIB:+.1f} MiB",
        )
        for line in lines
        if line.points[-1].size > CURVES[line.curve].base
    ]


def as_text(lines: Sequence[Line]) -> str:
    """Return every point, and the table of verdicts."""
    text = [f"growth: at most {MOST_GROWTH:g}x the cost at the base"]
    for line in lines:
        text.append(f"  {CURVES[line.curve].about}, {line.client}")
        text += [
            f"    {point.size:>9,}{point.seconds * 1e6:12.2f} us"
            f"{point.resident_bytes / MIB:10.1f} MiB"
            for point in line.points
        ]
    text.append("cost at the largest against cost at the base:")
    text += ["  {:<44}{:<8}{:>14}{:>14}{:>8}  {:<8}{:>12}".format(*row) for row in verdicts(lines)]
    return "\n".join(text)


if __name__ == "__main__":
    sys.exit(main())
