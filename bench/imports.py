"""What it costs to import us, beside what we stand on: `python -m bench.imports [ROUNDS]`.

Each statement is timed in a process of its own, in which nothing else was imported. In every round
each runs once, every second round backwards; the best of all rounds counts, since whatever else
the machine does can only add to it. Bytecode is written before the first round that counts.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

__all__ = ("best_times", "main")

YARDSTICK = "import httpx2"
STATEMENTS = (
    YARDSTICK,
    "import asgi_testkit",
    "from asgi_testkit import TestClient",
    "from asgi_testkit.requests import TestClient",
    "from starlette.testclient import TestClient",
)
ROUNDS = 15
TIMER = """
import sys, time
statement = compile(sys.argv[1], "statement", "exec")
start = time.perf_counter()
exec(statement)
print(time.perf_counter() - start, len(sys.modules))
"""

Cost = tuple[float, int]  # seconds, and how many modules are loaded then


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    rounds = int(arguments[0]) if arguments else ROUNDS
    costs = best_times(STATEMENTS, rounds)
    print(f"Best of {rounds} interleaved rounds, Python {sys.version.split()[0]}:")
    print(*rows(costs), sep="\n")
    return 0


def best_times(statements: Sequence[str], rounds: int) -> dict[str, Cost]:
    """Return the least that each statement took."""
    costs: dict[str, Cost] = {each: cost_of(each) for each in statements}
    costs = dict.fromkeys(costs, (float("inf"), 0))
    for number in range(rounds):
        for each in statements[:: -1 if number % 2 else 1]:
            costs[each] = min(costs[each], cost_of(each))
    return costs


def cost_of(statement: str) -> Cost:
    """Time one statement in a new process."""
    command = [sys.executable, "-c", TIMER, statement]
    # Else nothing is compiled once, and compiling is what would be timed.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    seconds, modules = subprocess.check_output(command, text=True, env=environment).split()
    return float(seconds), int(modules)


def rows(costs: Mapping[str, Cost]) -> list[str]:
    """Return a line for each statement: milliseconds, the ratio to the yardstick, modules."""
    unit, _ = costs[YARDSTICK]
    width = max(map(len, costs))
    return [
        f"  {each:{width}}  {seconds * 1e3:7.1f} ms  {seconds / unit:5.2f} x  {modules:4} modules"
        for each, (seconds, modules) in costs.items()
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
