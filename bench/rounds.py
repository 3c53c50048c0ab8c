"""The clock: opens peers, calibrates, and times them in interleaved rounds.

In round k every peer runs once, starting with the k-th and in every second round backwards, so
that a slow moment of the machine meets all of them and no peer always follows the same one.
Garbage is collected before each timed piece and never inside it; one untimed operation comes
first. A peer that fails keeps its row, with the exception as reason.
"""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from bench.peer import AnyPeer, AsyncPeer, now
from bench.results import Absent, Measurement, Outcome, ScenarioResult
from bench.scenarios import Lifetime, Scenario, Step

if TYPE_CHECKING:
    from bench.apps import App
    from bench.progress import Progress

__all__ = ("Pace", "measure")

AsyncStep = Callable[[], Awaitable[object]]

MAX_OPERATIONS = 1_000_000
REASON_CHARS = 200


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to measure: the number of rounds, and the seconds a peer runs in each."""

    rounds: int
    round_seconds: float

    def pieces(self, scenario: Scenario, peers: Sequence[type[AnyPeer]]) -> int:
        """Return how much work one scenario is, counted as the progress bar does."""
        return sum(peer.takes_part(scenario.key) for peer in peers) * (1 + self.rounds)


def timed(step: Step, operations: int) -> float:
    """Return the seconds that `operations` calls took."""
    start = now()
    for _ in range(operations):
        step()
    return now() - start


async def timed_async(step: AsyncStep, operations: int) -> float:
    """Do the same inside the running loop, so that no loop is started per operation."""
    start = now()
    for _ in range(operations):
        await step()
    return now() - start


def reported(step: Step, operations: int) -> float:
    """Return the sum of the seconds that the calls themselves report."""
    return sum(cast("float", step()) for _ in range(operations))


async def reported_async(step: AsyncStep, operations: int) -> float:
    """Do the same inside the running loop."""
    total = 0.0
    for _ in range(operations):
        total += cast("float", await step())
    return total


class Case:
    """One peer in one scenario, from opening to closing."""

    def __init__(self, scenario: Scenario, peer: AnyPeer) -> None:
        self.scenario = scenario
        self.peer = peer
        self.operations = 1
        self.seconds: list[float] = []
        self.peak_bytes: int | None = None
        self.failure = scenario.reason_against(peer)
        self.app: App
        self.step: Step
        self.runner: asyncio.Runner | None = None
        self.is_open = False
        self.has_session = False

    @property
    def is_running(self) -> bool:
        """Whether there is anything left to measure."""
        return self.failure is None

    def attempt(self, act: Callable[[], None]) -> None:
        """Do one act; an exception ends this case and no other."""
        if not self.is_running:
            return
        try:
            act()
        except Exception as exc:
            self.failure = f"failed: {type(exc).__name__}: {exc}"[:REASON_CHARS]

    def prepare(self, round_seconds: float) -> None:
        """Open the peer, check its answer, and find how many operations fill a round."""
        self.app = self.scenario.app()
        self.step = self.scenario.new_step(self.peer, self.app)
        if isinstance(self.peer, AsyncPeer) and self.scenario.lifetime is not Lifetime.NONE:
            # A loop of its own: one peer's idle tasks never run in another's time.
            self.runner = asyncio.Runner(loop_factory=self.peer.new_loop)
        self.open()
        self.check()
        self.calibrate(round_seconds)

    def open(self) -> None:
        """Open what stays open over all rounds, and prepare it."""
        if self.scenario.lifetime in (Lifetime.KEPT, Lifetime.SESSION):
            self.run(lambda: self.peer.open(self.app))
            self.is_open = True
        if self.scenario.lifetime is Lifetime.SESSION:
            self.run(lambda: self.peer.open_session("/"))
            self.has_session = True
        prepare = self.scenario.prepare
        if prepare is not None:
            self.run(lambda: prepare(self.peer))

    def run(self, act: Step) -> object:
        """Do one act to its end, in the peer's loop if it has one."""
        if self.runner is None:
            return act()

        async def acted() -> object:
            return await cast("AsyncStep", act)()

        return self.runner.run(acted())

    def check(self) -> None:
        """Refuse to time a peer that gives another answer than the app's."""
        answer = self.run(self.step)
        if not self.scenario.accepts(answer):
            raise ValueError(f"unexpected answer {answer!r}"[:REASON_CHARS])

    def calibrate(self, round_seconds: float) -> None:
        """Warm up with growing numbers of operations until they take a fair part of a round."""
        while True:
            start = now()
            self.total_seconds()
            elapsed = max(now() - start, 1e-9)
            if elapsed >= round_seconds / 4 or self.operations >= MAX_OPERATIONS:
                break
            self.operations *= 4
        wanted = round(self.operations * round_seconds / elapsed)
        self.operations = max(1, min(wanted, MAX_OPERATIONS))

    def total_seconds(self) -> float:
        """Run one round's operations and return the seconds that count."""
        if self.runner is None:
            loop = reported if self.scenario.reports_seconds else timed
            return loop(self.step, self.operations)
        async_loop = reported_async if self.scenario.reports_seconds else timed_async
        return self.runner.run(async_loop(cast("AsyncStep", self.step), self.operations))

    def play(self) -> None:
        """Run one round and keep its result."""
        gc.collect()
        self.run(self.step)
        self.seconds.append(self.total_seconds() / self.operations / self.scenario.acts)

    def weigh(self) -> None:
        """Take the peak of what one operation allocates, in a pass that is not timed."""
        if self.scenario.new_weighed_step is None:
            return
        step = self.scenario.new_weighed_step(self.peer, self.app)
        gc.collect()
        tracemalloc.start()
        try:
            before_bytes, _ = tracemalloc.get_traced_memory()
            self.run(step)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.peak_bytes = peak_bytes - before_bytes

    def finish(self) -> None:
        """Close what `prepare` opened, also after a failure."""
        with ExitStack() as stack:
            if self.runner is not None:
                stack.callback(self.runner.close)
            if self.is_open:
                stack.callback(self.run, self.peer.close)
            if self.has_session:
                stack.callback(self.run, self.peer.close_session)

    def outcome(self) -> Outcome:
        """Return the row's content."""
        if self.failure is not None:
            return Absent(self.failure)
        return Measurement(
            tuple(self.seconds),
            self.operations,
            peak_bytes=self.peak_bytes,
            note=self.peer.notes.get(self.scenario.key),
        )


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Keep the garbage collector out of the timed pieces, and old objects out of its way."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def measure(
    scenario: Scenario, peers: Sequence[type[AnyPeer]], *, pace: Pace, progress: Progress
) -> ScenarioResult:
    """Run one scenario with all peers that take part in it."""
    cases = [Case(scenario, peer()) for peer in peers if peer.takes_part(scenario.key)]
    progress.begin(scenario.key)
    try:
        for case in cases:
            case.attempt(partial(case.prepare, pace.round_seconds))
            progress.advance(1, f"warming up {case.peer.key}")
        play_rounds(cases, pace.rounds, progress)
        if scenario.new_weighed_step is not None:
            for case in cases:
                case.attempt(case.weigh)
    finally:
        for case in cases:
            close(case)
    return ScenarioResult(scenario, {case.peer.key: case.outcome() for case in cases})


def play_rounds(cases: Sequence[Case], rounds: int, progress: Progress) -> None:
    """Let every case run once per round, in an order that changes from round to round."""
    running = [case for case in cases if case.is_running]
    absent = len(cases) - len(running)
    with quiet_collector():
        for number in range(rounds):
            progress.advance(absent, f"round {number + 1} of {rounds}")
            for case in order_of_round(running, number):
                case.attempt(case.play)
                progress.advance(1, f"round {number + 1} of {rounds}")


def order_of_round(cases: Sequence[Case], number: int) -> list[Case]:
    """Return the cases turned by `number` places, backwards in odd rounds."""
    first = number % max(len(cases), 1)
    order = [*cases[first:], *cases[:first]]
    return order[::-1] if number % 2 else order


def close(case: Case) -> None:
    """Finish a case; a failure to close is the row's reason unless it had one before."""
    try:
        case.finish()
    except Exception as exc:
        if case.failure is None:
            case.failure = f"failed to close: {type(exc).__name__}: {exc}"[:REASON_CHARS]
