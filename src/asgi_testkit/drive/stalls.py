"""Reports of stalls: who waits for what, where each task of the app stands, and what to do.

The sentences are here. Where tasks stand is `standing`'s affair, and whether they stand for ever
that of `proof`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from asgi_testkit.drive.caller_warnings import Caller, caller_place
from asgi_testkit.drive.places import Place, shown
from asgi_testkit.drive.silence import SilenceError
from asgi_testkit.drive.stacks import stacks
from asgi_testkit.drive.standing import SEND, Standing
from asgi_testkit.drive.words import SLEEP, THREAD
from asgi_testkit.errors import StallError

if TYPE_CHECKING:
    from asgi_testkit.drive.application import LoopCall
    from asgi_testkit.drive.driver import Driver

__all__ = (
    "Explained",
    "blocked_head",
    "blocked_report",
    "explain",
    "interruption_note",
    "stall_error",
)

_LAST_ACTS: Final = 12
_MOST_STANDINGS: Final = 10

_REASONS: Final = {
    "a barrier": "waits at a barrier that nobody else comes to.",
    "a condition": "waits for a condition that nobody notifies of.",
    "a future": "waits for a future that nobody gives a result.",
    "a lock": "waits for a lock that nobody releases.",
    "a queue to be worked off": "waits for a queue that nobody works off.",
    "a semaphore": "waits for a semaphore that nobody releases.",
    "a subprocess": "waits for a subprocess that does not end.",
    "an event to be set": "waits for an event that nobody sets.",
    "an item of a channel": "waits for an item that nobody sends into the channel.",
    "an item of a queue": "waits for an item that nobody puts into the queue.",
    "an item of a stream": "waits for an item that nobody sends into the stream.",
    "its turn": "does not rest: it is about to go on, again and again.",
    "room in a channel": "waits for room in a channel that nobody reads.",
    "room in a queue": "waits for room in a queue that nobody empties.",
    "room in a stream": "waits for room in a stream that nobody reads.",
    SEND: "waits in send() for the test to read what was sent.",
    THREAD: "waits for a thread that does not return.",
}
_LOOPS: Final = ("asyncio", "anyio", "trio")


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


def explain(
    driver: Driver,
    call: LoopCall,
    silence: SilenceError | None = None,
    *,
    in_receive: str = "",
) -> Explained:
    """Return why a caller waits for a call, and for what; asked by the caller's thread.

    Args:
        driver: what the caller waits on.
        call: what it waits for.
        silence: how long it has waited, and perhaps what was seen then.
        in_receive: the reason, where the app waits in `receive()`.
    """
    test_line = _test_line(caller_place())
    if silence is not None and silence.report:  # seen at the time; the app has gone on since
        return Explained("", _joined(test_line, silence.report), is_deaf=False)
    if call.elsewhere:  # what stands here only hands its call on
        return Explained(call.elsewhere, _joined(test_line, _crossed(call)), is_deaf=False)
    standings = _in_order(driver.standings(), call)
    seconds = None if silence is None else silence.seconds
    reason = _reason(standings, call, seconds=seconds, in_receive=in_receive)
    report = _joined(test_line, *_app_lines(standings), _crossed(call))
    is_deaf = all(standing.receives_for is not call for standing in standings)
    return Explained(reason, report, is_deaf)


def stall_error(
    call: LoopCall,
    silence: SilenceError,
    explained: Explained,
    what: str,
    *,
    kind: str = "read",
) -> StallError:
    """Return the error for a wait that has lasted too long.

    Args:
        call: what was waited for.
        silence: how long, and whether it would be for ever.
        explained: see there.
        what: what has not happened, as a clause: `"the app has sent nothing"`.
        kind: see `StallError`.
    """
    text = _joined(
        _head(call.title, what, silence),
        explained.reason,
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


def blocked_report(driver: Driver, call: LoopCall, thread_id: int) -> str | None:
    """Return where an app stands that blocks the thread its caller waits in; `None`: none does."""
    standings = _in_order(driver.standings(thread_id), call)
    if not any(standing.is_running and standing.in_loop for standing in standings):
        return None
    return _joined(*_app_lines(standings), _crossed(call))


def blocked_head(call: LoopCall, thread_id: int) -> str:
    """Return what stands above that on the terminal."""
    head = (
        f"asgi-testkit: {call.title} has blocked the test's own thread for longer than is allowed;"
        " the error will be raised when it lets go."
    )
    return _joined(head, *_outer_lines(thread_id))


def _reason(
    standings: Sequence[Standing], call: LoopCall, *, seconds: float | None, in_receive: str
) -> str:
    """Return the likely reason in a sentence; empty where there is nothing to say."""
    who = "The app" if call.record is not None else "It"
    for standing in standings:
        if standing.is_running and standing.call is not None:
            return f"{who} blocks its event loop: it runs, and does not come to an await."
    own = next((standing for standing in standings if standing.call is call), None)
    if own is None:
        return ""
    telling = _telling(own, standings)
    if all(one.receives_for is call for one in _ends(telling, standings)):
        return "Both sides wait for the other to send." if call.is_lasting else in_receive
    return _reason_of(telling, standings, who=who, seconds=seconds)


def _telling(own: Standing, standings: Sequence[Standing]) -> Standing:
    """Return the standing of the task that the app's own code makes wait.

    Frameworks wait in tasks of their own for what the app does in another: for the end of a group,
    an item of a stream, the client's leaving.
    """
    if _waits_by_itself(own):
        return own
    others = (other for other in standings if other.call is None and other.waits_for)
    return next((other for other in others if _waits_by_itself(other)), own)


def _ends(standing: Standing, standings: Sequence[Standing]) -> Sequence[Standing]:
    """Return a standing, or those of the several tasks that it waits for."""
    awaited = _awaited_by(standing, standings) if _waits_for_tasks(standing) else ()
    return awaited if len(awaited) > 1 else (standing,)


def _waits_for_tasks(standing: Standing) -> bool:
    return "tasks" in standing.waits_for


def _waits_by_itself(standing: Standing) -> bool:
    """Return whether the app's own code awaits what is waited for, and no framework between."""
    for place in reversed(standing.places):
        if place.is_apps:
            return True
        if _library(place.file) not in _LOOPS:
            return False
    return False


def _reason_of(
    standing: Standing, standings: Sequence[Standing], *, who: str, seconds: float | None
) -> str:
    waits_for = standing.waits_for
    if waits_for.startswith(SLEEP):
        return f"{who} {_reason_of_sleep(waits_for, seconds)}"
    others = _awaited_by(standing, standings)
    if others and (waits_for not in _REASONS or waits_for == "a future"):
        other = others[0]
        return f"{who} waits for {waits_for}; {other.title} waits for {other.waits_for}."
    return f"{who} {_REASONS[waits_for]}" if waits_for in _REASONS else ""


def _reason_of_sleep(waits_for: str, seconds: float | None) -> str:
    if seconds is None:  # nobody has set a limit
        return "sleeps."
    delay = re.search(r"of (\S+) s$", waits_for)
    if delay is None or float(delay[1]) >= seconds:
        return "sleeps for longer than is allowed."
    if float(delay[1]) == 0:
        return _REASONS["its turn"]
    return "sleeps again and again, for less than is allowed each time."


def _awaited_by(standing: Standing, standings: Sequence[Standing]) -> Sequence[Standing]:
    """Return the tasks that a task may wait for: the one that is known by name, or any."""
    if not standing.waits_for:
        return ()
    others = [other for other in standings if other.call is None and other.waits_for]
    named = [other for other in others if standing.waits_for == f"the {other.title}"]
    return named or [other for other in others if other is not standing]


def _in_order(standings: Iterable[Standing], call: LoopCall) -> list[Standing]:
    """Return standings with the one that is asked about first, then the other app calls.

    Of those a lifespan that waits for its shutdown has nothing to tell.
    """

    def rank(standing: Standing) -> tuple[bool, bool]:
        return standing.call is not call, standing.call is None

    return sorted((one for one in standings if one.call is call or not _idles(one)), key=rank)


def _idles(standing: Standing) -> bool:
    return standing.title == "lifespan" and standing.receives_for is standing.call


def _test_line(caller: Caller) -> str:
    """Return where the test waits; empty where a function of ours does, for a command line."""
    if caller.place is None and "." not in caller.called:
        return ""
    place = "" if caller.place is None else f", {shown(caller.place)}"
    return f"The test waits in {caller.called}{place}."


def _outer_lines(thread_id: int) -> Iterator[str]:
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
    for standing in standings[:_MOST_STANDINGS]:
        yield f"{standing.title} {_state(standing)}:"
        yield from (f"  {line}" for line in _folded(standing.places))
    if (more := len(standings) - _MOST_STANDINGS) > 0:
        yield f"... and {more} more."


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
