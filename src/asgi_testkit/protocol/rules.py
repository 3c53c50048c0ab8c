"""The rules an app has to keep, and what breaking one leads to.

The decision alone: the rules as data are in the folder `rule_table`, and which act in which state
breaks which rule is in the transition tables of the exchanges.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, Protocol, TypeAlias

from asgi_testkit.errors import ASGIRuleWarning
from asgi_testkit.protocol.rule import Level, Rule, Servers
from asgi_testkit.protocol.rule_table import RULES

__all__ = ("RULES", "Level", "Line", "Rule", "RulePolicy", "Servers", "Strictness", "Verdict")

Strictness: TypeAlias = bool | Literal["warn"]

_KEPT_WARNINGS: Final = 100

_TAKEN_BY_STARLETTES_CLIENT: Final = frozenset({"H52", "W08"})
"""The E rules that other test clients pass over, and most servers, too."""


class Line(Protocol):
    """A line of code; `str` of it is for people."""

    @property
    def is_apps(self) -> bool:
        """Whether it is the app's own, and not a library's."""
        ...

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other lines."""
        ...


def _no_line() -> None:
    return None


def _nothing_told() -> set[tuple[object, ...]]:
    return set()  # unlike `set[...]()`, which takes five times as long for each client


def _nothing_found() -> deque[ASGIRuleWarning]:
    return deque(maxlen=_KEPT_WARNINGS)


class Verdict(Enum):
    """What a broken rule leads to."""

    RAISE = "raise"
    WARN = "warn"
    PASS = "pass"  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class RulePolicy:
    """Which rules raise, warn or pass: the parameters `strict` and `ignore_rules`.

    `strict="warn"`: E rules raise, W rules warn. `True`: both raise. `False`: E rules warn and W
    rules pass. An ignored rule always passes.

    Attributes:
        home: where the app is defined; the place of rules that are broken by no line.
        is_drop_in: the tests were written for another client. Unless `strict` is true, W rules and
            those E rules that Starlette's client does not know are only recorded; what Starlette's
            asserts is an `AssertionError`, too; groups of one exception stay as they were raised.
        find_line: returns the line that is sending just now; `None`: none is.
        told: the rules that were warned of, each with the place where it was broken.
        found: the last of those warnings, also where they were not given but recorded.
    """

    strict: Strictness = "warn"
    ignored: frozenset[str] = frozenset()
    home: str = ""
    find_line: Callable[[], Line | None] = _no_line
    is_drop_in: bool = False
    told: set[tuple[object, ...]] = field(default_factory=_nothing_told, compare=False)
    found: deque[ASGIRuleWarning] = field(default_factory=_nothing_found, compare=False)

    def verdict(self, rule: Rule) -> Verdict:
        """Return what breaking `rule` leads to."""
        if rule.id in self.ignored or rule.level == "F":
            return Verdict.PASS
        if self.strict is True:
            return Verdict.RAISE
        if rule.level == "E":
            is_lenient = self.strict is False or self.is_only_recorded(rule)
            return Verdict.WARN if is_lenient else Verdict.RAISE
        return Verdict.WARN if self.strict == "warn" else Verdict.PASS

    def is_only_recorded(self, rule: Rule) -> bool:
        """Return whether breaking `rule`, where it does not raise, is no warning either."""
        is_mild = rule.level == "W" or rule.id in _TAKEN_BY_STARLETTES_CLIENT
        return self.is_drop_in and is_mild

    def is_news(self, key: tuple[object, ...]) -> bool:
        """Return whether this was not yet warned of, and note that it is."""
        is_news = key not in self.told
        self.told.add(key)
        return is_news
