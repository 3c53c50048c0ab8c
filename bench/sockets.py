"""The crowd: many WebSockets open at once in one client, their memory and their time.

Each crowd runs in an interpreter of its own (`python -m bench.sockets PEER COUNT`), twice: once
timed, when the growth of the resident set is taken too, and once under `tracemalloc`, which counts
Python's own allocations exactly and slows everything down. Garbage is collected as in any test run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench import apps
from bench.peer import AnyPeer, AsyncPeer, BlockingPeer, missing_module, now
from bench.peers import PEERS
from bench.results import Absent

if TYPE_CHECKING:
    from bench.progress import Progress

__all__ = (
    "FULL_CROWDS",
    "QUICK_CROWDS",
    "Crowd",
    "CrowdOutcomes",
    "CrowdResult",
    "gather_crowd",
    "gather_crowd_async",
    "measure_crowds",
    "resident_bytes",
)

TIME_LIMIT_SECONDS = 300
# Opened and closed first, so that imports and caches do not count as a socket's memory.
WARM_UP_COUNT = 20
REASON_CHARS = 200
STATM = Path("/proc/self/statm")

# Returns bytes in use; only differences count.
Scale = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many WebSockets at once in one client of this peer."""

    peer: str
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a crowd took, divided by the number of its sockets.

    A message is one text there and back, where all are sent before the first answer is read.
    `grown_bytes` is the growth while all were connected.
    """

    connect_seconds: float
    message_seconds: float
    close_seconds: float
    grown_bytes: float

    @property
    def seconds(self) -> float:
        """Connect, one message and close."""
        return self.connect_seconds + self.message_seconds + self.close_seconds


@dataclass(frozen=True, slots=True)
class CrowdResult:
    """The shares of the timed run, weighed by the resident set, and of the traced run."""

    timed: Share
    traced: Share


CrowdOutcomes = dict[Crowd, CrowdResult | Absent]

FULL_CROWDS = (
    Crowd("ours-async", 10_000),
    Crowd("async-asgi-testclient", 10_000),
    Crowd("ours-thread", 500),
    Crowd("ours-inline", 500),
    Crowd("starlette", 500),
)
QUICK_CROWDS = tuple(Crowd(crowd.peer, crowd.count // 10) for crowd in FULL_CROWDS)


def resident_bytes() -> int:
    """Return the size of this process' resident set, 0 where the system does not tell."""
    if not STATM.exists():
        return 0
    return int(STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def traced_bytes() -> int:
    """Return what Python has allocated since tracing began."""
    return tracemalloc.get_traced_memory()[0]


def text_for(number: int) -> str:
    """Return a message that no other socket sends, so that a mix-up is seen."""
    return f"socket {number}"


class Stopwatch:
    """What passes between the steps of one crowd: seconds, and bytes from open to all open."""

    def __init__(self, count: int, bytes_in_use: Scale) -> None:
        self.count = count
        self.bytes_in_use = bytes_in_use
        self.marks: list[float] = []
        gc.collect()
        self.before_bytes = bytes_in_use()
        self.mark()
        self.grown_bytes = 0

    def mark(self) -> None:
        """Note the time; a mark stands before each step and after the last."""
        self.marks.append(now())

    def weigh(self) -> None:
        """Take the growth now; the time this needs belongs to no step."""
        self.mark()
        gc.collect()
        self.grown_bytes = self.bytes_in_use() - self.before_bytes
        self.mark()

    def share(self) -> Share:
        """Return one socket's share: connect, weigh, message and close were marked."""
        began, connected, weighed, answered, closed = self.marks
        return Share(
            (connected - began) / self.count,
            (answered - weighed) / self.count,
            (closed - answered) / self.count,
            self.grown_bytes / self.count,
        )


def gather_crowd(peer: BlockingPeer, count: int, bytes_in_use: Scale) -> Share:
    """Open `count` sockets, send to all of them, read from all of them, close them."""
    watch = Stopwatch(count, bytes_in_use)
    with ExitStack() as stack:
        sockets = [stack.enter_context(peer.websocket("/")) for _ in range(count)]
        watch.weigh()
        for number, socket in enumerate(sockets):
            socket.send_text(text_for(number))
        for number, socket in enumerate(sockets):
            check(number, socket.receive_text())
        watch.mark()
    watch.mark()
    return watch.share()


async def gather_crowd_async(peer: AsyncPeer, count: int, bytes_in_use: Scale) -> Share:
    """Do the same in the running loop."""
    watch = Stopwatch(count, bytes_in_use)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(peer.websocket("/")) for _ in range(count)]
        watch.weigh()
        for number, socket in enumerate(sockets):
            await socket.send_text(text_for(number))
        for number, socket in enumerate(sockets):
            check(number, await socket.receive_text())
        watch.mark()
    watch.mark()
    return watch.share()


def check(number: int, answer: object) -> None:
    """Refuse an answer that belongs to another socket."""
    if answer != text_for(number):
        raise ValueError(f"socket {number} got {answer!r}")


def run_blocking(peer: BlockingPeer, count: int, bytes_in_use: Scale) -> Share:
    """Open the client, warm up, and measure."""
    peer.open(apps.echo_messages)
    try:
        gather_crowd(peer, WARM_UP_COUNT, bytes_in_use)
        return gather_crowd(peer, count, bytes_in_use)
    finally:
        peer.close()


async def run_async(peer: AsyncPeer, count: int, bytes_in_use: Scale) -> Share:
    """Do the same in the running loop."""
    await peer.open(apps.echo_messages)
    try:
        await gather_crowd_async(peer, WARM_UP_COUNT, bytes_in_use)
        return await gather_crowd_async(peer, count, bytes_in_use)
    finally:
        await peer.close()


def run_here(peer: AnyPeer, count: int, bytes_in_use: Scale) -> Share:
    """Measure one crowd in this interpreter."""
    if isinstance(peer, BlockingPeer):
        return run_blocking(peer, count, bytes_in_use)
    with asyncio.Runner(loop_factory=peer.new_loop) as runner:
        return runner.run(run_async(peer, count, bytes_in_use))


def run_apart(crowd: Crowd, *options: str) -> Share:
    """Measure one crowd in a new interpreter."""
    command = [sys.executable, "-m", "bench.sockets", crowd.peer, str(crowd.count), *options]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=TIME_LIMIT_SECONDS
    )
    if done.returncode:
        last_line = (done.stderr.strip() or "no message").splitlines()[-1]
        raise ChildProcessError(last_line)
    return Share(**json.loads(done.stdout))


def measure_crowd(crowd: Crowd) -> CrowdResult:
    """Measure one crowd, timed and traced."""
    return CrowdResult(timed=run_apart(crowd), traced=run_apart(crowd, "--traced"))


def attempt_crowd(crowd: Crowd) -> CrowdResult | Absent:
    """Measure one crowd; a failure is its row's reason."""
    missing = missing_module(new_peer(crowd.peer).modules)
    if missing is not None:
        return Absent(f"not installed: {missing}")
    try:
        return measure_crowd(crowd)
    except (OSError, subprocess.SubprocessError, ValueError) as exc:
        return Absent(f"failed: {exc}"[:REASON_CHARS])


def measure_crowds(crowds: Sequence[Crowd], progress: Progress) -> CrowdOutcomes:
    """Measure one crowd after another."""
    progress.begin("sockets")
    outcomes: CrowdOutcomes = {}
    for crowd in crowds:
        progress.advance(0, f"{crowd.count:,} of {crowd.peer}")
        outcomes[crowd] = attempt_crowd(crowd)
        progress.advance(1, f"{crowd.count:,} of {crowd.peer}")
    return outcomes


def new_peer(key: str) -> AnyPeer:
    """Construct the peer of this name."""
    return {peer.key: peer for peer in PEERS}[key]()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure one crowd in this interpreter and print its share as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.sockets")
    parser.add_argument("peer")
    parser.add_argument("count", type=int)
    parser.add_argument("--traced", action="store_true", help="weigh with tracemalloc")
    options = parser.parse_args(arguments)

    if options.traced:
        tracemalloc.start()
    bytes_in_use = traced_bytes if options.traced else resident_bytes
    share = run_here(new_peer(options.peer), options.count, bytes_in_use)
    print(json.dumps(asdict(share)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
