"""Reports of stalls: who waits for what, where each task of the app stands, and what to do.

The sentences are here. Where tasks stand is `standing`'s affair, and whether they stand for ever
that of `proof`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from asgi_testkit.drive.caller_warnings import caller_place
from asgi_testkit.drive.silence import SilenceError
from asgi_testkit.drive.stacks import Place, shown, stacks
from asgi_testkit.drive.standing import RECEIVE, SEND, THREAD, Standing
from asgi_testkit.errors import StallError

if TYPE_CHECKING:
    from asgi_testkit.drive.application import LoopCall
    from asgi_testkit.drive.driver import Driver

__all__ = ("Explained", "blocked_report", "explain", "interruption_note", "stall_error")

_LAST_ACTS: Final = 12

_REASONS: Final = {
    "a lock": "The app waits for a lock that nobody releases.",
    "a semaphore": "The app waits for a semaphore that nobody releases.",
    "a condition": "The app waits for a condition that nobody notifies of.",
    "an event to be set": "The app waits for an event that nobody sets.",
    "an item of a queue": "The app waits for an item that nobody puts into the queue.",
    "an item of a channel": "The app waits for an item that nobody sends into the channel.",
    "room in a queue": "The app waits for room in a queue that nobody empties.",
    "room in a channel": "The app waits for room in a channel that nobody reads.",
    "a queue to be worked off": "The app waits for a queue that nobody works off.",
    "a future": "The app waits for a future that nobody gives a result.",
    "a subprocess": "The app waits for a subprocess that does not end.",
    SEND: "The app waits in send() for the test to read what was sent.",
    THREAD: "The app waits for a thread that does not return.",
}


class Explained(NamedTuple):
    """What can be said of a wait.

    Attributes:
        reason: the likely reason, in a sentence; may be empty.
        report: who waits where, a line each.
        is_deaf: no task of the app would hear of the client's leaving.
    """

    reason: str
    report: str
    is_deaf: bool


def explain(driver: Driver, call: LoopCall, silence: SilenceError | None = None) -> Explained:
    """Return why a caller waits for a call, and for what; asked by the caller's thread."""
    if silence is not None and silence.report:  # seen at the time; the app has gone on since
        return Explained("", silence.report.partition("\n")[2], is_deaf=False)
    called, place = caller_place()
    standings = _in_order(driver.standings(), call)
    test_line = f"The test waits in {called}, {shown(place)}."
    report = _joined(test_line, *_app_lines(standings), _crossed(call))
    is_deaf = all(standing.receives_for is not call for standing in standings)
    return Explained(_reason(standings, call), report, is_deaf)


def stall_error(
    call: LoopCall,
    silence: SilenceError,
    explained: Explained,
    what: str,
    *,
    kind: str = "read",
    reason: str = "",
) -> StallError:
    """Return the error for a wait that has lasted too long.

    Args:
        call: what was waited for.
        silence: how long, and whether it would be for ever.
        explained: see there.
        what: what has not happened, as a clause: `"the app has sent nothing"`.
        kind: see `StallError`.
        reason: a better one than where the tasks stand can tell.
    """
    text = _joined(
        _head(call.title, what, silence),
        reason or explained.reason,
        explained.report,
        "" if silence.is_proved else "Pass timeout=... to allow more.",
    )
    return StallError(text, report=explained.report, kind=kind)


def interruption_note(driver: Driver, call: LoopCall) -> str:
    """Return what to note on an exception that has cut a wait short, such as Ctrl-C."""
    explained = explain(driver, call)
    head = f"It has cut short: {call.title}."
    return _joined(head, explained.reason, explained.report)


def _head(title: str, what: str, silence: SilenceError) -> str:
    if silence.is_proved:
        return (
            f"{title}: {what}, and nothing can change that any more:"
            " no timer, socket or thread is at work."
        )
    if silence.report:
        return (
            f"{title}: for more than {silence.seconds:g} s the app has blocked the thread that it"
            " shares with the test."
        )
    return f"{title}: for {silence.seconds:g} s {what}."


def _crossed(call: LoopCall) -> str:
    if call.record is None:
        return ""
    acts = call.record.acts()
    left_out = "... " if len(acts) > _LAST_ACTS else ""
    crossed = left_out + ", ".join(acts[-_LAST_ACTS:]) if acts else "nothing"
    return f"Until then had crossed: {crossed}."


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def blocked_report(driver: Driver, call: LoopCall, thread_id: int) -> str:
    """Return a report for the terminal, of an app that blocks the thread its caller waits in."""
    standings = driver.standings(thread_id)
    head = (
        f"asgi-testkit: {call.title} has blocked the test's own thread for longer than is allowed;"
        " the error will be raised when it lets go."
    )
    lines = _app_lines(_in_order(standings, call))
    return _joined(head, *_test_line(thread_id), *lines, _crossed(call))


def _reason(standings: Sequence[Standing], call: LoopCall) -> str:
    """Return the likely reason in a sentence; empty where there is nothing to say."""
    for standing in standings:
        if standing.is_running and standing.call is not None:
            return "The app blocks its event loop: it runs, and does not come to an await."
    own = next((standing for standing in standings if standing.call is call), None)
    if own is None:
        return ""
    if own.waits_for.startswith("a sleep"):
        return "The app sleeps for longer than is allowed."
    if own.waits_for == RECEIVE and call.is_lasting:
        return "Both sides wait for the other to send."
    if own.waits_for in _REASONS:
        return _REASONS[own.waits_for]
    return _reason_of_others(own, standings)


def _reason_of_others(own: Standing, standings: Sequence[Standing]) -> str:
    """Return the reason of a task that others wait for."""
    others = [other for other in standings if other.call is None and other.waits_for]
    if own.waits_for == RECEIVE or not others:
        return ""
    return f"The app waits for {own.waits_for}; {others[0].title} waits for {others[0].waits_for}."


def _in_order(standings: Iterable[Standing], call: LoopCall) -> list[Standing]:
    """Return standings with the one that is asked about first, and tasks before threads."""
    return sorted(
        standings, key=lambda standing: (standing.call is not call, standing.call is None)
    )


def _test_line(thread_id: int) -> Iterator[str]:
    """Yield the line of the test, which stands further out than the app in one stack."""
    for stack in stacks():
        if stack.thread_id == thread_id:
            outer = _outside_of_ours(stack.places)
            yield from (f"The test waits at {shown(place)}." for place in outer[:1])


def _outside_of_ours(places: Sequence[Place]) -> list[Place]:
    last = max((at for at, place in enumerate(places) if place.is_ours), default=-1)
    return [place for place in places[last + 1 :] if place.is_apps]


def _app_lines(standings: Sequence[Standing]) -> Iterator[str]:
    if not standings:
        yield "No task of the app is there."
    for standing in standings:
        yield f"{standing.title} {_state(standing)}:"
        yield from (f"  {line}" for line in _folded(standing.places))


def _state(standing: Standing) -> str:
    if standing.is_running:
        return "runs" if standing.call is None else "runs, and blocks its event loop"
    return f"waits for {standing.waits_for}" if standing.waits_for else "waits"


def _folded(places: Sequence[Place]) -> Iterator[str]:
    """Yield the app's own lines; of libraries in between, the names."""
    libraries: list[str] = []
    for place in places:
        if place.is_library:
            libraries.append(_library(place.file))
            continue
        if libraries:
            yield f"... {', '.join(dict.fromkeys(libraries))}"
            libraries = []
        yield shown(place)
    if libraries:
        yield f"... {', '.join(dict.fromkeys(libraries))}"


def _library(file: str) -> str:
    """Return a library's name by one of its files."""
    parts = Path(file).parts
    for folder in ("site-packages", "dist-packages"):
        if folder in parts:
            return parts[parts.index(folder) + 1].removesuffix(".py")
    versioned = [at for at, part in enumerate(parts) if part.startswith("python3")]
    return parts[versioned[-1] + 1].removesuffix(".py") if versioned else Path(file).stem
