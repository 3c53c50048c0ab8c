"""Run clients over every real server: `make test-servers`.

The scenarios of HTTP and of WebSockets and the suite of the example shop, on uvicorn, Hypercorn,
Granian and Daphne. A table says how many tests pass, and what is not run and why.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SERVERS = ("uvicorn", "hypercorn", "granian", "daphne")
SCENARIOS = (
    *("test_http.py", "test_http_failures.py", "test_http_streams.py"),
    *("test_websocket.py", "test_websocket_closing.py", "test_websocket_limits.py"),
)
# Servers run on asyncio, so the scenarios do; one client of each kind is enough.
CLIENTS = "httpx2-thread or httpx2-asyncio or requests-thread"


@dataclass(frozen=True, slots=True)
class Part:
    """Tests that are run over one server.

    Attributes:
        title: what they are, in the table.
        arguments: for pytest.
    """

    title: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of one run.

    Attributes:
        passed: how many tests have.
        failed: how many have failed, or could not be run.
        left_out: what was not run, and why, a line each.
        is_ended: pytest has come to its end.
    """

    passed: int
    failed: int
    left_out: tuple[str, ...]
    is_ended: bool

    @property
    def is_good(self) -> bool:
        """Whether all have passed, and some were there unless all were left out."""
        return self.is_ended and not self.failed and bool(self.passed or self.left_out)


def parts_for(server: str) -> Iterator[Part]:
    """Yield what is run over a server."""
    if server == "daphne":
        # It runs no app object: the scenarios' apps are made in their tests, and have no names.
        tests = ("tests/servers/test_over.py", "tests/servers/test_over_websocket.py")
        yield Part("named apps (for scenarios)", (*tests, "-k", server))
    else:
        files = [f"tests/scenarios/{name}" for name in SCENARIOS]
        yield Part("scenarios", (*files, "-k", CLIENTS, f"--asgi-over={server}"))
    yield Part("shop", ("examples/shop/tests", f"--asgi-over={server}"))


def run(part: Part) -> Outcome:
    """Run tests, showing how they go on."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-n", "2", *part.arguments]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), *sys.path]),
    }
    lines: list[str] = []
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    return outcome_of(lines, process.returncode)


def outcome_of(lines: list[str], status: int) -> Outcome:
    """Read what pytest has printed."""
    last = lines[-1] if lines else ""
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last)}
    failed = sum(counts.get(word, 0) for word in ("failed", "error", "errors"))
    left_out = [line for line in lines if re.match(rf"({'|'.join(SERVERS)}): \d+ tests?: ", line)]
    return Outcome(counts.get("passed", 0), failed, tuple(left_out), status in (0, 1, 5))


def main() -> int:
    """Run all; return 1 where anything has failed."""
    began = time.monotonic()
    outcomes: dict[tuple[str, str], Outcome] = {}
    for server in SERVERS:
        for part in parts_for(server):
            print(f"== {part.title} over {server} ({time.monotonic() - began:.0f} s)", flush=True)
            outcomes[server, part.title] = run(part)
    show(outcomes)
    return 0 if all(outcome.is_good for outcome in outcomes.values()) else 1


def show(outcomes: dict[tuple[str, str], Outcome]) -> None:
    """Print the table, and below it what was not run."""
    print(f"\n{'server':<11}{'tests':<28}{'passed':>7}{'failed':>8}{'not run':>9}")
    for (server, title), outcome in outcomes.items():
        count = sum(int(re.findall(r"\d+", line)[0]) for line in outcome.left_out)
        mark = "" if outcome.is_good else "   <- failed"
        print(f"{server:<11}{title:<28}{outcome.passed:>7}{outcome.failed:>8}{count:>9}{mark}")
    print("\nNot run, and why:")
    for (_, title), outcome in outcomes.items():
        for line in outcome.left_out:
            print(f"  {title}, {line}")
    print("  scenarios, daphne: all: it needs named apps, and theirs are made in the tests")


if __name__ == "__main__":
    sys.exit(main())
