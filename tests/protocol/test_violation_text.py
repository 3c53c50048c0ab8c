"""The text of a broken rule, line by line."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from asgi_testkit.protocol.rules import RULES, Rule, Servers
from asgi_testkit.protocol.violation_text import cut, rule_lines, violation_text


class Act(Enum):
    ONE = "'one'"
    TWO = "'two'"


BARE = Rule("H99", "W", "An app is kind.", "www: Manners")
FULL = Rule("H98", "E", "An app is on time.", "www: Manners", Servers("waits"), "", "Hurry up.")


def lines_of(rule: Rule = BARE, **parts: Any) -> list[str]:
    given: dict[str, Any] = {"state": "OPEN", "allowed": None, "message": None, "place": ""}
    return violation_text(rule, "The app was rude.", **(given | parts)).split("\n")


def test_the_shortest_text_says_what_where_and_which_rule() -> None:
    assert lines_of() == [
        "The app was rude.",
        "State: OPEN.",
        "Rule H99 (www: Manners): An app is kind.",
        "More: docs/rules.md#h99",
    ]


def test_the_longest_text_has_every_line_in_its_order() -> None:
    message, place = {"type": "hello"}, "app.py:3 in app"

    assert lines_of(FULL, allowed=[Act.ONE, Act.TWO], message=message, place=place) == [
        "The app was rude.",
        "Message: {'type': 'hello'}",
        "App: app.py:3 in app",
        "In state OPEN it may: 'one', 'two'.",
        "Rule H98 (www: Manners): An app is on time.",
        "Servers: uvicorn: waits; Hypercorn, Granian, Daphne: takes it.",
        "To mend it: Hurry up.",
        "More: docs/rules.md#h98",
    ]


def test_a_state_that_allows_nothing_says_so() -> None:
    assert "In state OPEN it may send nothing more." in lines_of(allowed=[])


def test_an_empty_message_is_shown() -> None:
    assert "Message: {}" in lines_of(message={})


def test_a_long_message_is_cut_at_160_characters() -> None:
    [line] = [
        each
        for each in lines_of(message={"a": "x" * 500, "b": "y" * 500})
        if each.startswith("Message")
    ]

    assert line.endswith("...}")
    assert len(line) == len("Message: {...}") + 160


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_the_lines_of_a_rule_name_it_and_the_servers_that_mind(rule: Rule) -> None:
    first, *rest = rule_lines(rule)

    assert first == f"Rule {rule.id} ({rule.source}): {rule.text}"
    words = rule.servers.in_words()
    assert rest == ([f"Servers: {words}."] if words else [])


def test_a_value_in_a_text_is_cut_at_80_characters() -> None:
    texts = [cut("short"), cut("x" * 200), cut("x" * 200, limit=10)]

    assert texts == ["'short'", f"'{'x' * 76}...", "'xxxxxx..."]
    assert len(texts[1]) == 80
