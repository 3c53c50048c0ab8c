"""The text of a broken rule: what the app did, where, what was allowed, and what servers do.

Values in, lines out; what a broken rule leads to is the exchange's affair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from asgi_testkit.protocol.rules import Rule
from asgi_testkit.protocol.secret_texts import hide_secrets
from asgi_testkit.protocol.secrets import header_names

__all__ = ("cut", "rule_lines", "violation_text")

_MESSAGE_CHARS: Final = 160


def cut(value: object, *, limit: int = 80) -> str:
    """Return `repr(value)` without secrets, at most `limit` characters of it."""
    text = hide_secrets(repr(value))
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def violation_text(
    rule: Rule,
    what: str,
    *,
    state: str,
    allowed: Iterable[Enum] | None,
    message: Mapping[str, object] | None,
    place: str,
) -> str:
    """Return the whole text of an error or warning.

    Args:
        rule: the broken one.
        what: a sentence: what the app did.
        state: the exchange's.
        allowed: what it allows; `None`: the message's values are wrong, not its turn.
        message: the app's message, if it broke the rule by one.
        place: the app's line; empty: it is not known.
    """
    lines = [what]
    if message is not None:
        lines.append(f"Message: {_shown(message)}")
    if place:
        lines.append(f"App: {place}")
    lines.append(_state_line(state, allowed))
    lines += rule_lines(rule)
    if rule.mend:
        lines.append(f"To mend it: {rule.mend}")
    lines.append(f"More: docs/rules.md#{rule.id.lower()}")
    return "\n".join(lines)


def _shown(message: Mapping[str, object]) -> str:
    """Return the beginning of a message; of its headers only the names, for values are secrets."""
    parts = {
        key: header_names(value) if key == "headers" else cut(value)
        for key, value in message.items()
    }
    text = ", ".join(f"{key!r}: {part}" for key, part in parts.items())
    return f"{{{text[:_MESSAGE_CHARS]}{'...' if len(text) > _MESSAGE_CHARS else ''}}}"


def rule_lines(rule: Rule) -> list[str]:
    """Return the rule with its source, and what servers do where it is broken."""
    lines = [f"Rule {rule.id} ({rule.source}): {rule.text}"]
    if servers := rule.servers.in_words():
        lines.append(f"Servers: {servers}.")
    return lines


def _state_line(state: str, allowed: Iterable[Enum] | None) -> str:
    if allowed is None:
        return f"State: {state}."
    names = ", ".join(str(act.value) for act in allowed)
    may = f"it may: {names}" if names else "it may send nothing more"
    return f"In state {state} {may}."
