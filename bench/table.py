"""The rendering of results as a text table and as JSON."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench.peers import FLOOR, PEERS, YARDSTICK, versions
from bench.results import Absent, Measurement, Outcome, ScenarioResult, ratio
from bench.scenarios import NOT_INSTALLED, Scenario, Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.machine import Machine
    from bench.rounds import Pace
    from bench.sockets import Crowd, CrowdOutcomes, CrowdResult
    from bench.targets import Verdict

__all__ = ("Report", "as_json", "as_text")

NOTHING = "-"
TITLE_CHARS = max(len(peer.title) for peer in PEERS)
COLUMN_CHARS = 14
KIB = 1024
MIB = 1024 * 1024
TITLES = {peer.key: peer.title for peer in PEERS}

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What one run measured, and how; `results` by the scenario's key."""

    results: Mapping[str, ScenarioResult]
    crowds: CrowdOutcomes
    verdicts: Sequence[Verdict]
    pace: Pace
    machine: Machine


def as_text(report: Report) -> str:
    """Return the whole report for a terminal."""
    blocks = [heading(report.pace, report.machine)]
    blocks += [scenario_block(result) for result in report.results.values()]
    if report.crowds:
        blocks.append(crowd_block(report.crowds))
    if report.results:
        blocks.append(target_block(report.verdicts))
    return "\n\n".join(blocks)


def heading(pace: Pace, machine: Machine) -> str:
    """Say what ran where."""
    where = f"Python {platform.python_version()}, {platform.system()}, {processors(machine)}"
    how = f"{pace.rounds} interleaved rounds, {pace.round_seconds * 1000:.0f} ms per peer and round"
    installed = ", ".join(f"{name} {version}" for name, version in versions().items())
    return f"{where}; {how}\n{installed}"


def processors(machine: Machine) -> str:
    """Say how many processors ran it, and what a thread's turn costs on them without any client."""
    hand_off = f"two threads' turn there and back {machine.ping_pong * 1e6:.0f} us"
    return f"processors: {machine.processors} ({hand_off})"


def scenario_block(result: ScenarioResult) -> str:
    """Return one scenario: a heading, a row per peer, and the reasons for empty rows."""
    scenario = result.scenario
    unit = scenario.unit.value
    headings = [f"best {unit}", f"median {unit}", "x Starlette", "x floor"]
    if scenario.new_weighed_step is not None:
        headings.append("peak MiB")
    lines = [f"{scenario.key}: {scenario.about}", line(("", *headings))]
    for peer, outcome in result.outcomes.items():
        lines.append(line((TITLES[peer], *cells(result, peer, outcome)), remark(outcome)))
    return "\n".join(lines)


def cells(result: ScenarioResult, peer: str, outcome: Outcome) -> Row:
    """Return a row's numbers."""
    scenario = result.scenario
    if isinstance(outcome, Absent):
        is_missing = outcome.reason.startswith(NOT_INSTALLED)
        return (NOT_INSTALLED if is_missing else NOTHING,)
    row = [
        number(in_unit(scenario, outcome.best)),
        number(in_unit(scenario, outcome.median)),
        number(ratio(result.best(YARDSTICK), outcome.best)),
        number(ratio(outcome.best, result.best(FLOOR))),
    ]
    if outcome.peak_bytes is not None:
        row.append(f"{outcome.peak_bytes / MIB:.2f}")
    return tuple(row)


def remark(outcome: Outcome | CrowdResult) -> str:
    """Return what stands behind a row's numbers."""
    if isinstance(outcome, Measurement):
        return outcome.note or ""
    if isinstance(outcome, Absent) and not outcome.reason.startswith(NOT_INSTALLED):
        return outcome.reason
    return ""


def crowd_block(crowds: CrowdOutcomes) -> str:
    """Return the crowds of WebSockets: a heading, how it was weighed, and a row per crowd."""
    lines = [
        "sockets: WebSockets open at once in one client, each share per socket",
        "  message: one text there and back; all are sent before the first answer is read",
        "  RSS: growth of the resident set; traced: of Python's allocations, in a second run",
        line(("", "sockets", "connect us", "message us", "close us", "RSS KiB", "traced KiB")),
    ]
    for crowd, outcome in crowds.items():
        lines.append(line(crowd_row(crowd, outcome), remark(outcome)))
    return "\n".join(lines)


def crowd_row(crowd: Crowd, outcome: CrowdResult | Absent) -> Row:
    """Return a crowd's numbers."""
    title = (TITLES[crowd.peer], f"{crowd.count:,}")
    if isinstance(outcome, Absent):
        return (*title, NOTHING)
    timed = outcome.timed
    seconds = (timed.connect_seconds, timed.message_seconds, timed.close_seconds)
    resident_kib = timed.grown_bytes / KIB or None
    weights = (resident_kib, outcome.traced.grown_bytes / KIB)
    return (*title, *(number(each * 1e6) for each in seconds), *(number(each) for each in weights))


def line(row: Row, remark: str = "") -> str:
    """Return one aligned line."""
    title, *numbers = row
    columns = "".join(cell.rjust(COLUMN_CHARS) for cell in numbers)
    return f"  {title:<{TITLE_CHARS}}{columns}   {remark}".rstrip()


def in_unit(scenario: Scenario, seconds: float) -> float:
    """Return the seconds of one operation in the scenario's unit."""
    match scenario.unit:
        case Unit.MICROSECONDS:
            return seconds * 1e6
        case Unit.MILLISECONDS:
            return seconds * 1e3
        case Unit.GIB_PER_SECOND:
            return scenario.moved_bytes / seconds / 1024**3


def number(value: float | None) -> str:
    """Return a number with three digits or more, thousands apart."""
    if value is None:
        return NOTHING
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def target_block(verdicts: Sequence[Verdict]) -> str:
    """Return the targets and whether they were met."""
    lines = ["targets: how many times faster, best round against best round"]
    width = max(len(verdict.target.name) for verdict in verdicts)
    for verdict in verdicts:
        target = verdict.target
        measured = NOTHING if verdict.measured is None else f"{verdict.measured:.1f}x"
        wanted = f"at least {target.minimum:g}x {TITLES[target.peer]}"
        lines.append(f"  {target.name:<{width}}  {measured:>8}  {verdict.word:<12}  {wanted}")
    return "\n".join(lines)


def as_json(report: Report) -> dict[str, object]:
    """Return everything the text shows, every round and every reason, for `json.dump`."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": report.machine.processors,
        "ping_pong_seconds": report.machine.ping_pong,
        "versions": versions(),
        "rounds": report.pace.rounds,
        "round_seconds": report.pace.round_seconds,
        "scenarios": {key: scenario_json(result) for key, result in report.results.items()},
        "sockets": [crowd_json(crowd, outcome) for crowd, outcome in report.crowds.items()],
        "targets": [verdict_json(verdict) for verdict in report.verdicts],
    }


def scenario_json(result: ScenarioResult) -> dict[str, object]:
    """Return one scenario."""
    rows = {peer: outcome_json(result, outcome) for peer, outcome in result.outcomes.items()}
    return {
        "about": result.scenario.about,
        "unit": result.scenario.unit.value,
        "peers": rows,
    }


def outcome_json(result: ScenarioResult, outcome: Outcome) -> dict[str, object]:
    """Return one row; `seconds` holds one operation's time in each round."""
    if isinstance(outcome, Absent):
        return {"reason": outcome.reason}
    return {
        "best": in_unit(result.scenario, outcome.best),
        "median": in_unit(result.scenario, outcome.median),
        "times_faster_than_starlette": ratio(result.best(YARDSTICK), outcome.best),
        "times_floor": ratio(outcome.best, result.best(FLOOR)),
        "peak_bytes": outcome.peak_bytes,
        "operations_per_round": outcome.operations_per_round,
        "seconds": list(outcome.seconds),
        "note": outcome.note,
    }


def crowd_json(crowd: Crowd, outcome: CrowdResult | Absent) -> dict[str, object]:
    """Return one crowd; its bytes are the resident set's in `timed`, Python's own in `traced`."""
    return asdict(crowd) | asdict(outcome)


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """Return one target."""
    target = verdict.target
    return {
        "name": target.name,
        "scenario": target.scenario,
        "ours": target.ours,
        "peer": target.peer,
        "minimum": target.minimum,
        "measured": verdict.measured,
        "verdict": verdict.word,
    }
