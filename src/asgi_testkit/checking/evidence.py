"""Evidence: what errors and warnings tell, as violations.

Nothing is done here with an app; places and rules are taken from what the engine has raised.
"""

from __future__ import annotations

import re
import traceback
from typing import Final

from asgi_testkit.checking.violation import Level, Violation
from asgi_testkit.drive.code_lines import raising_line, show_line
from asgi_testkit.errors import (
    ASGIRuleError,
    ASGIRuleWarning,
    ASGITaskLeakWarning,
    LifespanFailed,
    StallError,
    TestkitError,
    TestkitWarning,
)
from asgi_testkit.protocol.rules import RULES

__all__ = ("has_blocked", "of_error", "of_leak", "of_warning", "rule_of")

_RULE: Final = re.compile(r"\bRule ([HWL]\d\d)\b")
# In the order in which a place helps: the line that has begun it comes before where it stood.
_LEAK_PLACES: Final = tuple(
    re.compile(rf"\b{words} (.+?:\d+(?: in [\w<>]+)?)(?=[;.]$|[;.] |[;.]\n)", re.MULTILINE)
    for words in ("[Cc]reated at", "[Ii]t stood at", "it stands at", "defined at", "Defined at")
)
_STANDS: Final = re.compile(r"^  (?!\.\.\. )(.+:\d+ in .+)$")


def rule_of(problem: BaseException) -> str | None:
    """Return the id of the rule that an error or warning is about."""
    given: object = getattr(problem, "rule", None)
    if isinstance(given, str) and given:
        return given
    named = _RULE.search(str(problem))
    return None if named is None else named[1]


def of_error(error: BaseException, request: str) -> Violation:
    """Return what an error that a request has raised tells."""
    if isinstance(error, ASGIRuleError | LifespanFailed):
        rule = rule_of(error)
        place = _given_place(error) or _sent_at(error)
        return Violation("rule", rule, _text(error), request, place, _level(rule))
    if isinstance(error, StallError):
        place = _given_place(error) or _standing_place(error.report)
        return Violation("timeout", None, _text(error), request, place)
    return Violation("exception", None, _raised_text(error), request, _raised_at(error))


def of_warning(warning: TestkitWarning, request: str) -> Violation:
    """Return what a warning tells that was given during a request."""
    if isinstance(warning, ASGIRuleWarning):
        rule = rule_of(warning)
        return Violation("rule", rule, str(warning), request, _given_place(warning), _level(rule))
    if isinstance(warning, ASGITaskLeakWarning) and warning.__cause__ is not None:
        place = _raised_at(warning.__cause__) or _leak_place(str(warning))
        return Violation("exception", None, str(warning), request, place)
    return of_leak(str(warning), request, place=_given_place(warning))


def of_leak(text: str, request: str, *, place: str = "") -> Violation:
    """Return the violation of something that was left behind, as `text` tells."""
    return Violation("leak", None, text, request, place or _leak_place(text), "W")


def has_blocked(error: BaseException) -> bool:
    """Return whether an app blocks its event loop, so that nothing else can be asked of it."""
    return isinstance(error, TestkitError) and "blocks its event loop" in _text(error)


def _level(rule: str | None) -> Level:
    known = None if rule is None else RULES.get(rule)
    return "W" if known is not None and known.level == "W" else "E"


def _text(error: BaseException) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def _raised_text(error: BaseException) -> str:
    said = "".join(traceback.format_exception_only(error)).strip()
    return f"The app raised {said}"


def _given_place(problem: BaseException) -> str:
    """Return the place that an error or warning has as an attribute, if it has one."""
    given: object = getattr(problem, "place", None)
    return given if isinstance(given, str) else ""


def _raised_at(error: BaseException) -> str:
    line = raising_line(error)
    return "" if line is None else show_line(line)


def _sent_at(error: ASGIRuleError | LifespanFailed) -> str:
    """Return the line that has sent a message; what is broken by returning has none."""
    has_line = isinstance(error, ASGIRuleError) and error.message is not None
    return _raised_at(error) if has_line else ""


def _leak_place(text: str) -> str:
    found = (pattern.search(text) for pattern in _LEAK_PLACES)
    return next((place[1] for place in found if place is not None), "")


def _standing_place(report: str) -> str:
    """Return the innermost line of the first task in a report that stands in the app's code."""
    place = ""
    for line in report.splitlines():
        if (stands := _STANDS.match(line)) is not None:
            place = stands[1]
        elif place and not line.startswith("  "):
            break
    return place
