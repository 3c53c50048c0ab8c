"""The rules an app has to keep, and what breaking one leads to.

The decision alone: the rules as data are in the folder `rule_table`, and which act in which state
breaks which rule is in the transition tables of the exchanges.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from asgi_testkit.protocol.rule import Level, Rule, Servers
from asgi_testkit.protocol.rule_table import RULES

__all__ = ("RULES", "Level", "Rule", "RulePolicy", "Servers", "Strictness", "Verdict")

Strictness: TypeAlias = bool | Literal["warn"]


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
    """

    strict: Strictness = "warn"
    ignored: frozenset[str] = frozenset()

    def verdict(self, rule: Rule) -> Verdict:
        """Return what breaking `rule` leads to."""
        if rule.id in self.ignored or rule.level == "F":
            return Verdict.PASS
        if rule.level == "E":
            return Verdict.WARN if self.strict is False else Verdict.RAISE
        if self.strict is True:
            return Verdict.RAISE
        return Verdict.WARN if self.strict == "warn" else Verdict.PASS
