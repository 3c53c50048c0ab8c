"""What `pytest --asgi-trace=on` costs: `python -m bench.tracing [WHAT ...] [--help]`.

Whole processes of pytest, without a trace and with one, in pairs whose order alternates. `time`:
their processor time; the median of the pairs' differences counts, since what else the machine does
meets both of a pair. `instructions`: counted by callgrind or perf, which nothing else changes: of
few tests and of many, so that one test's are known and those of any number can be told. `memory`:
the most that a process held, at some numbers of tests. `unused`: what the plugin costs a run of
pytest that uses nothing of ours, beside `-p no:asgi_testkit`.

In `time`, `instructions` and `memory` no plugin is loaded but ours and what the tests need: another
would make a test longer, and the share of its trace smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points
from pathlib import Path

from bench.instructions import Counter, find_counter
from bench.machine import stay_on_processor
from bench.progress import Progress
from bench.traced_suites import IDLE, SUITES, Suite

__all__ = ("Pairs", "main")

WHATS = ("time", "instructions", "memory", "unused")
PAIRS = 15
TESTS = 1_000
FEW, MANY = 40, 140
MEMORY_TESTS = (1_000, 10_000)
OFF, ON = ("--asgi-trace=off",), ("--asgi-trace=on",)
CHANGED = ("PYTHONHASHSEED", "PYTHONPATH")
LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "ASGI_TESTKIT_TRACE")


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor time of a process in seconds, and the most memory that it held in KiB."""

    seconds: float
    most_kib: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Seconds of runs, the first of each pair without and the second with what is measured."""

    without: Sequence[float]
    with_it: Sequence[float]

    def differences(self) -> list[float]:
        """Return what the second of each pair took longer."""
        return [after - before for before, after in zip(self.without, self.with_it, strict=True)]

    def median(self) -> float:
        """Return the median of the differences."""
        return statistics.median(self.differences())

    def quartiles(self) -> tuple[float, float]:
        """Return between what half of the differences are."""
        low, _, high = statistics.quantiles(self.differences(), n=4, method="inclusive")
        return low, high

    def of_minima(self) -> float:
        """Return what the shortest run with it took longer than the shortest without."""
        return min(self.with_it) - min(self.without)

    def share(self, seconds: float) -> float:
        """Return seconds in percent of a run without it."""
        return 100 * seconds / statistics.median(self.without)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for, and print it."""
    options = parse_arguments(arguments)
    if options.processor is not None:
        stay_on_processor(options.processor)
    told: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for what in options.what or WHATS:
            told[what] = MEASURES[what](Path(folder), options)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.tracing")
    parser.add_argument("what", nargs="*", choices=[*WHATS, []], help="without any: all of them")
    parser.add_argument("--only", nargs="+", choices=SUITES, default=list(SUITES))
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--tests", type=int, default=TESTS, help="fewer where each takes longer")
    parser.add_argument("--processor", type=int, metavar="NUMBER", help="run all of it on this one")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(arguments)


# -- what is measured -----------------------------------------------------------------------


def measure_time(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Measure and print processor time of runs with a trace and without."""
    told: dict[str, object] = {}
    for key in options.only:
        suite = SUITES[key]
        place = folder / f"{key}-time"
        tests = suite.write(place, min(options.tests, suite.most or options.tests))
        pairs = measured(place, (command(suite, OFF), command(suite, ON)), options.pairs, key)
        print(f"time, {key}: {suite.about}, {tests} tests\n{pairs_text(pairs)}", flush=True)
        told[key] = asdict(pairs)
    return told


def count_instructions(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Count and print the instructions of a test, and of a run of as many as were asked for."""
    found = find_counter()
    if found is None:
        print("instructions: perf cannot read the counters here, and valgrind is missing.")
        return {}
    name, count = found
    told: dict[str, object] = {}
    for key in (key for key in options.only if SUITES[key].most is None):
        suite = SUITES[key]
        counts: dict[int, list[int]] = {}
        for wanted in (FEW, MANY):
            place = folder / f"{key}-{wanted}-instructions"
            tests = suite.write(place, wanted)
            counts[tests] = [counted(command(suite, mode), place, count) for mode in (OFF, ON)]
        print(f"instructions, {key}: {suite.about}; counted by {name}")
        print(instructions_text(counts, options.tests), flush=True)
        told[key] = counts
    return told


def measure_memory(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Measure and print the most memory that runs of more and more tests held."""
    told: dict[str, object] = {}
    for key in (key for key in options.only if SUITES[key].most is None):
        suite = SUITES[key]
        print(f"memory, {key}: the most that was held, MiB, without a trace and with one")
        rows: list[tuple[int, ...]] = []
        for tests in MEMORY_TESTS:
            place = folder / f"{key}-{tests}-memory"
            suite.write(place, tests)
            spent([*command(suite, OFF), "--collect-only"], place)  # it compiles the tests
            held = [spent(command(suite, mode), place).most_kib for mode in (OFF, ON)]
            print(f"  {tests:6} tests {held[0] / 1024:8.1f} {held[1] / 1024:8.1f}", flush=True)
            rows.append((tests, *held))
        told[key] = rows
    return told


def measure_unused(folder: Path, options: argparse.Namespace) -> dict[str, object]:
    """Measure and print what the plugin costs where nothing of ours is used."""
    place = folder / "idle"
    IDLE.write(place, 1)
    commands = (pytest_with(), command(IDLE, OFF))
    pairs = measured(place, commands, options.pairs, "unused")
    print(f"unused: {IDLE.about}, beside pytest alone\n{unused_text(pairs)}", flush=True)
    told: dict[str, object] = asdict(pairs)
    if found := find_counter():
        name, count = found
        counts = [counted(each, place, count) for each in commands]
        more = counts[1] - counts[0]
        print(f"  {more / 1e6:.1f} of {counts[0] / 1e6:.1f} million instructions, by {name}")
        told["instructions"] = counts
    return told


MEASURES: Mapping[str, Callable[[Path, argparse.Namespace], dict[str, object]]] = {
    "time": measure_time,
    "instructions": count_instructions,
    "memory": measure_memory,
    "unused": measure_unused,
}


# -- runs of pytest -------------------------------------------------------------------------


def command(suite: Suite, mode: Sequence[str]) -> list[str]:
    """Return what runs the tests in the folder where it is started."""
    return [*pytest_with("asgi_testkit", *suite.plugins), *mode]


def pytest_with(*plugins: str) -> list[str]:
    """Return what runs pytest with these plugins of those that are installed; it looks at all."""
    found = {each.name for each in entry_points(group="pytest11")}
    barred = ["cacheprovider", *sorted(found.difference(plugins))]
    return [sys.executable, "-m", "pytest", "-q", *(f"-pno:{name}" for name in barred)]


def measured(
    place: Path, commands: tuple[Sequence[str], Sequence[str]], count: int, about: str
) -> Pairs:
    """Run both commands again and again, after a first time that does not count."""
    progress = Progress(2 * count + 2)
    progress.begin(about)
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(count + 1):
        for which in (0, 1) if number % 2 else (1, 0):
            seconds = spent(commands[which], place).seconds
            if number:
                taken[which].append(seconds)
            progress.advance(1, f"{seconds:.2f} s")
    progress.finish()
    return Pairs(*taken)


def spent(words: Sequence[str], place: Path) -> Spent:
    """Run a command to its end and return what it took; raise where tests failed."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            words, cwd=place, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if child.returncode:
            raise RuntimeError(output.read().decode(errors="replace")[-2_000:])
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def counted(words: Sequence[str], place: Path, count: Counter) -> int:
    """Return the instructions of a run, the second of two: the first writes bytecode."""
    spent(words, place)
    unset = [word for name in LEFT_OUT for word in ("-u", name)]
    changes = [f"{name}={value}" for name, value in environment().items() if name in CHANGED]
    return count(["env", "-C", str(place), *unset, *changes, *words])


def environment() -> dict[str, str]:
    """Return the environment in which bytecode is kept, and nothing asks for traces."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    paths = [path for path in kept.get("PYTHONPATH", "").split(os.pathsep) if path]
    whole = os.pathsep.join(str(Path(path).resolve()) for path in paths)
    return {**kept, "PYTHONHASHSEED": "0", "PYTHONPATH": whole}


# -- in words -------------------------------------------------------------------------------


def pairs_text(pairs: Pairs) -> str:
    """Return lines about pairs: seconds, and what of it is the trace's."""
    median, minima = pairs.median(), pairs.of_minima()
    low, high = map(pairs.share, pairs.quartiles())
    return (
        f"  without a trace {statistics.median(pairs.without):.3f} s"
        f" (least {min(pairs.without):.3f}), with one {statistics.median(pairs.with_it):.3f} s"
        f" (least {min(pairs.with_it):.3f})\n"
        f"  the trace: {pairs.share(median):+.1f} % by the median of {len(pairs.without)} pairs"
        f" (half of them {low:+.1f} to {high:+.1f}), {100 * minima / min(pairs.without):+.1f} %"
        f" by the minima"
    )


def unused_text(pairs: Pairs) -> str:
    """Return a line about the plugin's cost in milliseconds."""
    low, high = (seconds * 1e3 for seconds in pairs.quartiles())
    return (
        f"  {pairs.median() * 1e3:.1f} ms by the median of {len(pairs.without)} pairs (half of"
        f" them {low:.1f} to {high:.1f}), {pairs.of_minima() * 1e3:.1f} by the minima,"
        f" of {statistics.median(pairs.without) * 1e3:.0f}"
    )


def instructions_text(counts: Mapping[int, Sequence[int]], tests: int) -> str:
    """Return lines about instructions: of one more test, and of a run of so many."""
    (few, first), (many, second) = counts.items()
    each = [(after - before) / (many - few) for before, after in zip(first, second, strict=True)]
    start = [before - few * one for before, one in zip(first, each, strict=True)]
    whole = [begin + tests * one for begin, one in zip(start, each, strict=True)]
    return "\n".join(
        f"  {about:<16}{off / 1e6:12,.3f} million, with a trace {on / 1e6:12,.3f}:"
        f" {100 * (on / off - 1):+.2f} %"
        for about, (off, on) in (("one test", each), (f"a run of {tests}", whole))
    )


if __name__ == "__main__":
    sys.exit(main())
