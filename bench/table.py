"""The rendering of results as a text table and as JSON."""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench.peers import FLOOR, PEERS, TITLES, YARDSTICK, is_installed, versions
from bench.results import Absent, Measurement, Outcome, ScenarioResult, ratio
from bench.scenarios import SCENARIOS, Scenario, Unit
from bench.targets import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.machine import Machine
    from bench.peer import AnyPeer
    from bench.rounds import Pace
    from bench.sockets import Crowd, CrowdOutcomes, CrowdResult
    from bench.targets import Verdict

__all__ = ("Report", "as_json", "as_text", "machine_json", "number")

NOTHING = "-"
DOES_LESS = "*"
TITLE_CHARS = max(len(peer.title) for peer in PEERS)
COLUMN_CHARS = 13
KIB = 1024
MIB = 1024 * 1024

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
    blocks = [heading(report.pace, report.machine), legend()]
    blocks += [scenario_block(result) for result in report.results.values()]
    if report.crowds:
        blocks.append(crowd_block(report.crowds))
    if any(verdict.is_met is not None for verdict in report.verdicts):
        blocks.append(target_block(report.verdicts))
    return "\n\n".join(blocks)


def heading(pace: Pace, machine: Machine) -> str:
    """Say what ran where."""
    where = f"Python {platform.python_version()}, {platform.system()}, {processors(machine)}"
    how = f"{pace.rounds} interleaved rounds, {pace.round_seconds * 1000:.0f} ms per peer and round"
    installed = ", ".join(f"{name} {version}" for name, version in versions().items())
    return f"{where}; {how}\n{installed}"


def legend() -> str:
    """Say how to read the tables, what each peer lacks, and which rows are not in all of them."""
    lines = [
        "x Starlette, x best peer: how many times faster than it; x floor: how many times as long.",
        f"Best peer: the fastest client of others, without those marked by {DOES_LESS}, which do",
        "less than is asked for, and without those that build no requests and responses.",
        *(f"  {peer.title:<{TITLE_CHARS}}  lacks {peer.lacks}" for peer in PEERS if peer.lacks),
        "In some tables only:",
        *(f"  {peer.title:<{TITLE_CHARS}}  {some_tables(peer)}" for peer in PEERS if peer.only),
        *(f"Not installed: {peer.title}" for peer in PEERS if not is_installed(peer)),
    ]
    return "\n".join(lines)


def some_tables(peer: type[AnyPeer]) -> str:
    """Return the scenarios a peer is in, in the order of the tables."""
    return ", ".join(each.key for each in SCENARIOS if each.key in peer.only)


def processors(machine: Machine) -> str:
    """Say how many processors ran it, and what a thread's turn costs on them without any client."""
    hand_off = f"two threads' turn there and back {machine.ping_pong * 1e6:.0f} us"
    return f"processors: {machine.processors} ({hand_off})"


def scenario_block(result: ScenarioResult) -> str:
    """Return one scenario: a heading, a row per peer, and the reasons for empty rows."""
    scenario = result.scenario
    unit = scenario.unit.value
    headings = [f"best {unit}", f"median {unit}", "x Starlette", "x best peer", "x floor"]
    if scenario.new_weighed_step is not None:
        headings.append("peak MiB")
    lines = [f"{scenario.key}: {scenario.about}", line(("", *headings))]
    measured = {k: each for k, each in result.outcomes.items() if isinstance(each, Measurement)}
    for peer, outcome in measured.items():
        lines.append(line((TITLES[peer], *cells(result, outcome)), remark(outcome)))
    for peer, absent in result.outcomes.items():
        if isinstance(absent, Absent):
            lines.append(f"  no numbers: {TITLES[peer]}: {absent.reason}")
    return "\n".join(lines)


def cells(result: ScenarioResult, outcome: Measurement) -> Row:
    """Return a row's numbers."""
    scenario = result.scenario
    row = [
        number(in_unit(scenario, outcome.best)),
        number(in_unit(scenario, outcome.median)),
        number(ratio(result.best(YARDSTICK), outcome.best)),
        number(ratio(best_peer_seconds(result), outcome.best)),
        number(ratio(outcome.best, result.best(FLOOR))),
    ]
    if outcome.peak_bytes is not None:
        row.append(f"{outcome.peak_bytes / MIB:.2f}")
    return tuple(row)


def best_peer_seconds(result: ScenarioResult) -> float | None:
    """Return the best round of the best client of others."""
    best = result.best_peer()
    return None if best is None else best[1]


def remark(outcome: Outcome | CrowdResult) -> str:
    """Return what stands behind a row's numbers."""
    if isinstance(outcome, Measurement):
        return f"{DOES_LESS} {outcome.note}" if outcome.note else ""
    return outcome.reason if isinstance(outcome, Absent) else ""


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
    """Return the targets by their groups, and whether they were met."""
    measured = [each for each in verdicts if each.is_met is not None]
    met = sum(each.is_met is True for each in verdicts)
    count = f"{met} of {len(measured)} met, {len(verdicts) - len(measured)} not measured"
    lines = [f"targets, best round against best round: {count}"]
    for group in dict.fromkeys(verdict.target.group for verdict in measured):
        lines.append(f"  {group}")
        lines += [target_line(each) for each in measured if each.target.group == group]
    return "\n".join(lines)


def target_line(verdict: Verdict) -> str:
    """Return one target."""
    title = TITLES[verdict.target.ours].removeprefix("ours: ")
    wanted = verdict.target.wanted(verdict.python)
    return f"    {title:<26}{measured_text(verdict):>10}  {verdict.word:<14}{wanted}"


def measured_text(verdict: Verdict) -> str:
    """Return what was measured, with its unit."""
    if verdict.measured is None:
        return NOTHING
    match verdict.target.measure:
        case Measure.PEAK_MIB:
            return f"{verdict.measured:.2f} MiB"
        case Measure.MILLISECONDS:
            return f"{verdict.measured:.2f} ms"
        case _:
            return f"{verdict.measured:.2f}x"


def as_json(report: Report) -> dict[str, object]:
    """Return everything the text shows, every round and every reason, for `json.dump`."""
    return {
        **machine_json(report.machine),
        "lacks": {TITLES[peer.key]: peer.lacks for peer in PEERS if peer.lacks},
        "not_installed": [peer.title for peer in PEERS if not is_installed(peer)],
        "rounds": report.pace.rounds,
        "round_seconds": report.pace.round_seconds,
        "scenarios": {key: scenario_json(result) for key, result in report.results.items()},
        "sockets": [crowd_json(crowd, outcome) for crowd, outcome in report.crowds.items()],
        "targets": [verdict_json(verdict) for verdict in report.verdicts],
    }


def machine_json(machine: Machine) -> dict[str, object]:
    """Return what every file of results says of where it was measured."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": machine.processor,
        "processors": machine.processors,
        "ping_pong_seconds": machine.ping_pong,
        "versions": versions(),
    }


def scenario_json(result: ScenarioResult) -> dict[str, object]:
    """Return one scenario."""
    rows = {peer: outcome_json(result, outcome) for peer, outcome in result.outcomes.items()}
    best = result.best_peer()
    return {
        "about": result.scenario.about,
        "best_peer": None if best is None else best[0],
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
        "times_faster_than_best_peer": ratio(best_peer_seconds(result), outcome.best),
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
        "group": target.group,
        "scenario": target.scenario,
        "ours": target.ours,
        "peer": target.peer,
        "wanted": target.wanted(verdict.python),
        "measured": verdict.measured,
        "measured_text": measured_text(verdict),
        "verdict": verdict.word,
    }
