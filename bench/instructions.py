"""Instructions per operation, which another program on the machine cannot change.

`python -m bench.instructions` counts them with `perf stat` where the processor's counters can be
read, else with valgrind's callgrind, which is some fifty times slower; with neither it says so and
exits 1. Each client runs in an interpreter of its own, twice, with few operations and with many;
the difference is theirs, and what starting Python costs is in neither.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.machine import look_at_machine
from bench.peer import AsyncPeer
from bench.peers import FLOOR, PEERS, TITLES
from bench.progress import Progress
from bench.scenarios import SCENARIOS, Lifetime
from bench.table import machine_json

__all__ = ("Counter", "find_counter", "main")

RESULTS = Path("bench-results/instructions.json")
KEYS = (FLOOR, "ours-thread", "ours-inline", "ours-async", "httpx2", "asgi-tools", "starlette")
SCENARIO_KEYS = ("get", "ws_echo")
FEW, MANY = 100, 400
TIME_LIMIT_SECONDS = 1_200

# Runs a command and returns the instructions it took.
Counter = Callable[[Sequence[str]], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, or, told a peer, be what is counted."""
    options = parse_arguments(arguments)
    if options.run:
        scenario, peer, operations = options.run
        run_here(scenario, peer, int(operations))
        return 0
    found = find_counter()
    if found is None:
        print("No instruction counts: perf cannot read the counters here, and valgrind is missing.")
        return 1
    name, counter = found
    counts = {key: counted(key, options.peers, counter) for key in options.only}
    print(as_text(name, counts))
    told = {**machine_json(look_at_machine()), "counter": name, "instructions": counts}
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.instructions")
    parser.add_argument("--json", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--only", nargs="+", choices=SCENARIO_KEYS, default=SCENARIO_KEYS)
    parser.add_argument("--peers", nargs="+", choices=KEYS, default=KEYS)
    parser.add_argument("--run", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def find_counter() -> tuple[str, Counter] | None:
    """Return the first counter that counts `true`."""
    counters = {"perf stat": counted_by_perf, "callgrind": counted_by_callgrind}
    for name, counter in counters.items():
        try:
            counter(["true"])
        except (OSError, ValueError, subprocess.SubprocessError):
            continue
        return name, counter
    return None


def counted_by_perf(command: Sequence[str]) -> int:
    """Count by the processor's own counters; ValueError where the machine has none for us."""
    with tempfile.NamedTemporaryFile("r", encoding="ascii") as file:
        run(["perf", "stat", "-x,", "-e", "instructions:u", "-o", file.name, *command])
        last_line = file.read().splitlines()[-1]
    return int(last_line.split(",")[0])


def counted_by_callgrind(command: Sequence[str]) -> int:
    """Count by simulating the processor."""
    options = ["--tool=callgrind", f"--callgrind-out-file={os.devnull}", "--trace-children=yes"]
    told = run([shutil.which("valgrind") or "valgrind", *options, *command])
    found = re.search(r"Collected : (\d+)", told)
    if found is None:
        raise ValueError(f"valgrind told no count: {told[-200:]!r}")
    return int(found[1])


def run(command: Sequence[str]) -> str:
    """Run a command, always with the same hashes, and return what it says on stderr."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        timeout=TIME_LIMIT_SECONDS,
    )
    return done.stderr


def counted(scenario: str, peers: Sequence[str], counter: Counter) -> dict[str, float]:
    """Return each client's instructions per operation of one scenario."""
    keys = [key for key in peers if key not in without(scenario)]
    progress = Progress(2 * len(keys))
    progress.begin(f"instructions, {scenario}")
    counts = {}
    for key in keys:
        taken = []
        for operations in (FEW, MANY):
            taken.append(counter(command_for(scenario, key, operations)))
            progress.advance(1, key)
        counts[key] = (taken[1] - taken[0]) / (MANY - FEW)
    progress.finish()
    return counts


def without(scenario: str) -> set[str]:
    """Return the clients that cannot do the scenario."""
    return {peer.key for peer in PEERS if scenario in peer.cannot}


def command_for(scenario: str, peer: str, operations: int) -> list[str]:
    """Return the command that does so many operations."""
    options = ["--run", scenario, peer, str(operations)]
    return [sys.executable, "-m", "bench.instructions", *options]


def run_here(scenario_key: str, peer_key: str, operations: int) -> None:
    """Open a client and do so many operations."""
    scenario = {each.key: each for each in SCENARIOS}[scenario_key]
    peer: Any = {each.key: each for each in PEERS}[peer_key]()
    app = scenario.app()
    step: Any = scenario.new_step(peer, app)
    has_session = scenario.lifetime is Lifetime.SESSION
    if isinstance(peer, AsyncPeer):
        asyncio.run(repeated_async(peer, app, step, operations, has_session=has_session))
        return
    peer.open(app)
    if has_session:
        peer.open_session("/")
    for _ in range(operations):
        step()
    if has_session:
        peer.close_session()
    peer.close()


async def repeated_async(
    peer: AsyncPeer, app: Any, step: Any, operations: int, *, has_session: bool
) -> None:
    """Do the same in the running loop."""
    await peer.open(app)
    if has_session:
        await peer.open_session("/")
    for _ in range(operations):
        await step()
    if has_session:
        await peer.close_session()
    await peer.close()


def as_text(counter: str, counts: Mapping[str, Mapping[str, float]]) -> str:
    """Return a table per scenario."""
    lines = [f"instructions per operation, counted by {counter}"]
    for scenario, rows in counts.items():
        lines.append(f"  {scenario}")
        lines += [f"    {TITLES[key]:<32}{count:>14,.0f}" for key, count in rows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
