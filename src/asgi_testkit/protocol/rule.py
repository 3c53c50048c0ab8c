"""What a rule is: its id, how serious it is, where it comes from, and what servers make of it.

Shapes only. The rules themselves are in the folder `rule_table`, what breaking one leads to in
`rules.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ("Level", "Rule", "Servers")

Level: TypeAlias = Literal["E", "W", "F"]


@dataclass(frozen=True, slots=True)
class Servers:
    """What each server does when a rule is broken, as `"answers 500"`; empty: it takes it."""

    uvicorn: str = ""
    hypercorn: str = ""
    granian: str = ""
    daphne: str = ""

    def in_words(self) -> str:
        """Return each outcome after the servers that share it; empty where all of them take it.

        As in `"uvicorn, Hypercorn: answers 500; Granian: takes it; Daphne: hangs"`.
        """
        outcomes = (
            ("uvicorn", self.uvicorn),
            ("Hypercorn", self.hypercorn),
            ("Granian", self.granian),
            ("Daphne", self.daphne),
        )
        if not any(outcome for _, outcome in outcomes):
            return ""
        groups: dict[str, list[str]] = {}
        for server, outcome in outcomes:
            groups.setdefault(outcome or "takes it", []).append(server)
        return "; ".join(f"{', '.join(names)}: {outcome}" for outcome, names in groups.items())


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement on an app.

    Attributes:
        id: `H` HTTP, `W` WebSocket, `L` lifespan; the number never changes.
        level: `"E"` fails the call, `"W"` warns, `"F"` is behaviour that we reproduce.
        text: the requirement, one sentence.
        source: the document and its section.
        servers: what the servers do when it is broken.
        why: why it matters, a sentence or two; for the documentation.
        mend: what to do in the app, one sentence; for messages and the documentation.
    """

    id: str
    level: Level
    text: str
    source: str
    servers: Servers = Servers()
    why: str = ""
    mend: str = ""
