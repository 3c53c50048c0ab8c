"""The test's line, whatever lies between: where it waits, and what warnings point at."""

from __future__ import annotations

import inspect
import logging
import os
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Final, NamedTuple

from asgi_testkit.drive.places import Owner, Place, owner_of
from asgi_testkit.errors import ASGITaskLeakWarning
from asgi_testkit.protocol.exchange import BaseExchange
from asgi_testkit.protocol.record import CallSite
from asgi_testkit.protocol.rules import RULES
from asgi_testkit.settings import SETTINGS

__all__ = (
    "Caller",
    "Leak",
    "caller_place",
    "calling_site",
    "note_leaks",
    "note_rules",
    "warn_caller",
    "warn_of_leaks",
    "warn_of_rules",
)

_log: Final = logging.getLogger("asgi_testkit")
_PASSED_OVER: Final = ("asgi_testkit", "httpx2", "httpx", "requests", "urllib3", "contextlib")
_ENDS: Final = re.compile(rf"{re.escape(os.sep)}(_pytest|pluggy|trio){re.escape(os.sep)}")
"""Files of what runs tests or tasks: outside them there is no test."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Something of the app that outlived what it belongs to.

    Attributes:
        text: what is said of it.
        cause: an exception of the app that has to do with it.
    """

    text: str
    cause: BaseException | None = None


def warn_caller(text: str, category: type[Warning], *, cause: BaseException | None = None) -> None:
    """Warn at the first line up the stack that is neither ours nor the client library's."""
    warning = category(text)
    warning.__cause__ = cause
    _warn_at_caller(warning)


def warn_of_leaks(leaks: Iterable[Leak]) -> None:
    """Warn of each; where warnings are errors, the first is raised with the others as notes.

    Under the drop-in they are logged only.
    """
    if SETTINGS.is_drop_in:
        for leak in leaks:
            _log.info(leak.text)
        return
    _warn_all([_leak_warning(leak) for leak in leaks])


def _leak_warning(leak: Leak) -> ASGITaskLeakWarning:
    warning = ASGITaskLeakWarning(leak.text)
    warning.__cause__ = leak.cause
    return warning


def _warn_all(found: Iterable[Warning]) -> None:
    raised: list[Warning] = []
    for warning in found:
        try:
            _warn_at_caller(warning)
        except Warning as error:  # the filter says so
            raised.append(error)
    if raised:
        for other in raised[1:]:
            raised[0].add_note(str(other))
        raise raised[0]


def _warn_at_caller(warning: Warning) -> None:
    warnings.warn(warning, stacklevel=len(list(_passed_over())) + 1)


def note_leaks(error: BaseException, leaks: Iterable[Leak]) -> None:
    """Tell of each by a note on an error that is raised already."""
    for leak in leaks:
        error.add_note(leak.text)


def warn_of_rules(exchange: BaseExchange) -> None:
    """Give the warnings that an exchange has gathered, once; see `warn_of_leaks`.

    Some are recorded only, where the policy says so.
    """
    if not exchange.warned:
        return
    warned = exchange.take_warnings()
    exchange.policy.found.extend(warned)
    policy = exchange.policy
    try:
        _warn_all(each for each in warned if not policy.is_only_recorded(RULES[each.rule]))
    except Warning:
        exchange.forget_told()
        raise


def note_rules(error: BaseException, exchange: BaseExchange) -> None:
    """Give the warnings beside an error; where warnings are errors, as notes on it."""
    try:
        warn_of_rules(exchange)
    except Warning as warning:
        for text in (str(warning), *getattr(warning, "__notes__", ())):
            error.add_note(text)


class _Files(dict[str, "bool | None"]):
    """By file: whether the test's line may be in it; `None`: nor in what has called it."""

    def __missing__(self, file: str) -> bool | None:
        answer = self[file] = _may_hold_test(file)
        return answer


def _may_hold_test(file: str) -> bool | None:
    owner = owner_of(file)
    if owner is Owner.LOOP or (owner is Owner.LIBRARY and _ENDS.search(file)):
        return None
    return owner is Owner.APP


_files: Final = _Files()


def calling_site(frame: FrameType | None) -> CallSite | None:
    """Return the innermost call below `frame` that is no library's; `None`: a task's step came.

    Asked at every call, so that looking is all it does.
    """
    while frame is not None and (frame := frame.f_back) is not None:
        code = frame.f_code
        is_test = _files[code.co_filename]
        if is_test:
            return code, frame.f_lasti
        if is_test is None:
            return None
    return None


class Caller(NamedTuple):
    """What a test has called.

    Attributes:
        called: the class and the method.
        place: the test's line; `None`: an event loop calls, in a task.
    """

    called: str
    place: Place | None


def caller_place() -> Caller:
    """Return what the test has called, and where."""
    passed = list(_passed_over())
    called = [frame for frame in passed if _library(frame) != "contextlib"][-1]
    outer = passed[-1].f_back
    if outer is None:
        return Caller(_method_name(called), None)
    place = Place(outer.f_code.co_filename, outer.f_lineno, outer.f_code.co_name)
    return Caller(_method_name(called), None if place.is_library else place)


def _method_name(frame: FrameType) -> str:
    """Return a method's name as users write it: with the class of the object, not a base of it."""
    name = frame.f_code.co_name
    if "self" not in frame.f_locals:
        return name
    return f"{type(frame.f_locals['self']).__name__}.{name}"


def _passed_over() -> Iterator[FrameType]:
    """Yield the frames between here and the test, the innermost first."""
    frame = inspect.currentframe()
    while frame is not None and _library(frame) in _PASSED_OVER:
        if frame.f_code is not _passed_over.__code__:
            yield frame
        frame = frame.f_back


def _library(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
