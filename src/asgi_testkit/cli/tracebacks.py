"""Tracebacks of the app's exceptions, cut to the app's own frames."""

from __future__ import annotations

from collections.abc import Iterator
from traceback import FrameSummary, StackSummary, TracebackException
from typing import Final

from asgi_testkit.drive.places import Owner, owner_of

__all__ = ("cut_traceback", "has_passed_the_app")

_SHOWN_OF_LIBRARIES: Final = 2


def cut_traceback(error: BaseException) -> str:
    """Return the traceback of an exception, its causes and members, as Python prints it.

    Shown are the app's frames and, below the last of them, the last few of libraries; where the app
    has none, the last few that we have called. Notes stay.
    """
    whole = TracebackException.from_exception(error)
    for part in _parts(whole):
        part.stack = StackSummary.from_list(_shown(list(part.stack)))
    return "".join(whole.format())


def has_passed_the_app(error: BaseException) -> bool:
    """Return whether an exception has come through code of the app."""
    frames = list(TracebackException.from_exception(error).stack)
    return any(_owner(frame) is Owner.APP for frame in _inside(frames))


def _parts(whole: TracebackException) -> Iterator[TracebackException]:
    yield whole
    for other in (whole.__cause__, whole.__context__, *(whole.exceptions or ())):
        if other is not None:
            yield from _parts(other)


def _shown(frames: list[FrameSummary]) -> list[FrameSummary]:
    inside = _inside(frames)
    own = [at for at, frame in enumerate(inside) if _owner(frame) is Owner.APP]
    ours = [at for at, frame in enumerate(inside) if _owner(frame) is Owner.OURS]
    last = (own or ours or [-1])[-1]
    below = [frame for frame in inside[last + 1 :] if _is_library(frame)]
    return [*(inside[at] for at in own), *below[-_SHOWN_OF_LIBRARIES:]]


def _inside(frames: list[FrameSummary]) -> list[FrameSummary]:
    """Return the frames below the first of ours: what stands above has only started us."""
    ours = [at for at, frame in enumerate(frames) if _owner(frame) is Owner.OURS]
    return frames[ours[0] + 1 :] if ours else frames


def _owner(frame: FrameSummary) -> Owner:
    return owner_of(frame.filename)


def _is_library(frame: FrameSummary) -> bool:
    return _owner(frame) in (Owner.LIBRARY, Owner.STANDARD)
