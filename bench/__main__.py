"""The command line of the benchmark: `python -m bench`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import look_at_machine, stay_on_processor
from bench.peers import PEERS, is_installed
from bench.progress import Progress
from bench.rounds import Pace, measure
from bench.scenarios import SCENARIOS, Scenario
from bench.sockets import FULL_CROWDS, QUICK_CROWDS, Crowd, CrowdOutcomes, measure_crowds
from bench.table import Report, as_json, as_text
from bench.targets import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from bench.peer import AnyPeer
    from bench.results import ScenarioResult

__all__ = ("main",)

ABOUT = "Time our clients beside other ASGI test clients, in interleaved rounds of one run."
FULL = Pace(rounds=7, round_seconds=0.075)
QUICK = Pace(rounds=3, round_seconds=0.02)


def names_from(known: Collection[str]) -> Callable[[str], list[str]]:
    """Return an argparse type for names separated by commas, all of them known."""

    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            raise argparse.ArgumentTypeError(f"{text!r} is not among: {', '.join(known)}")
        return names

    return parse


def at_least_one(text: str) -> int:
    """Parse a number of rounds."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least one round is needed")
    return value


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    scenario_names = names_from([scenario.key for scenario in SCENARIOS])
    peer_names = names_from([peer.key for peer in PEERS])
    parser = argparse.ArgumentParser(prog="python -m bench", description=ABOUT)
    parser.add_argument(
        "--rounds", type=at_least_one, help=f"rounds per scenario (default {FULL.rounds})"
    )
    parser.add_argument(
        "--only", type=scenario_names, metavar="SCENARIO[,...]", help="these scenarios only"
    )
    parser.add_argument(
        "--sockets",
        action="store_true",
        help="many WebSockets open at once; alone, or after the scenarios of --only",
    )
    parser.add_argument("--peers", type=peer_names, metavar="PEER[,...]", help="these peers only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers here, too")
    parser.add_argument(
        "--processor",
        type=int,
        metavar="NUMBER",
        help="run all of it on this one processor: no wake-up of another is in the numbers",
    )
    parser.add_argument("--quick", action="store_true", help="few and short rounds")
    return parser.parse_args(arguments)


def chosen_pace(options: argparse.Namespace) -> Pace:
    """Return the pace the options ask for."""
    pace = QUICK if options.quick else FULL
    return Pace(options.rounds or pace.rounds, pace.round_seconds)


def chosen_peers(options: argparse.Namespace) -> list[type[AnyPeer]]:
    """Return the installed peers the options ask for, without any all of them."""
    wanted = [each for each in PEERS if not options.peers or each.key in options.peers]
    return [each for each in wanted if is_installed(each)]


def chosen_scenarios(options: argparse.Namespace) -> list[Scenario]:
    """Return the scenarios the options ask for, without any all of them.

    Imports take a new process for each, and are no target: only asked for are they in a quick run.
    """
    if options.only:
        return [each for each in SCENARIOS if each.key in options.only]
    if options.sockets:
        return []
    return [each for each in SCENARIOS if not options.quick or each.key != "import"]


def chosen_crowds(options: argparse.Namespace) -> list[Crowd]:
    """Return the crowds of WebSockets the options ask for, without any all of them."""
    if options.only and not options.sockets:
        return []
    crowds = QUICK_CROWDS if options.quick else FULL_CROWDS
    return [each for each in crowds if not options.peers or each.peer in options.peers]


def run(
    scenarios: Sequence[Scenario],
    crowds: Sequence[Crowd],
    peers: Sequence[type[AnyPeer]],
    pace: Pace,
) -> tuple[dict[str, ScenarioResult], CrowdOutcomes]:
    """Measure scenario after scenario, then the crowds."""
    pieces = sum(pace.pieces(scenario, peers) for scenario in scenarios)
    progress = Progress(pieces + len(crowds))
    results = {}
    for scenario in scenarios:
        results[scenario.key] = measure(scenario, peers, pace=pace, progress=progress)
    outcomes = measure_crowds(crowds, progress) if crowds else {}
    progress.finish()
    return results, outcomes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; a missed target is shown and is no failure."""
    options = parse_arguments(arguments)
    peers = chosen_peers(options)
    pace = chosen_pace(options)
    if options.processor is not None:
        stay_on_processor(options.processor)

    machine = look_at_machine()
    results, crowds = run(chosen_scenarios(options), chosen_crowds(options), peers, pace)

    report = Report(results, crowds, judge(results), pace, machine)
    print(as_text(report))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(as_json(report), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
