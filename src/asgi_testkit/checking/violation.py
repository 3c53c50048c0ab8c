"""Violations: what `check` has found, one value each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ("Kind", "Level", "Violation")

Kind: TypeAlias = Literal["rule", "exception", "leak", "timeout"]
Level: TypeAlias = Literal["E", "W"]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that `check` has found wrong with an app; `str` of it is for people to read.

    Attributes:
        kind: `"rule"`: a rule of the ASGI specification was broken; `"exception"`: one left the
            app; `"leak"`: something outlived what it belongs to; `"timeout"`: the app was silent.
        rule: the rule's id, such as `"H01"`; `None`: no rule is broken.
        text: what happened, in whole sentences.
        request: what was done when it showed first: `"GET /missing"`, `"POST /items, client
            leaves amid the upload"`, `"startup"`.
        place: the line of the app, as `file:line in function`; of a library where the app has none;
            empty where neither is known.
        level: `"E"`: an error on servers; `"W"`: legal by the letter, or on some servers only.
        count: how many requests have shown it.
    """

    kind: Kind
    rule: str | None
    text: str
    request: str
    place: str = ""
    level: Level = "E"
    count: int = 1

    def __str__(self) -> str:
        name = f"rule {self.rule}" if self.rule else self.kind
        where = f" at {self.place}" if self.place else ""
        more = f" (and {self.count - 1} more)" if self.count > 1 else ""
        text = self.text.replace("\n", "\n  ")
        return f"{self.level} {name}{where}: {self.request}{more}\n  {text}"
