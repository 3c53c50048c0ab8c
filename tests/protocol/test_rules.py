"""The rules as data, and what a broken one leads to, for every level and strictness."""

from __future__ import annotations

from collections import Counter

import pytest

from asgi_testkit.protocol.rules import RULES, Level, Rule, RulePolicy, Servers, Strictness, Verdict

each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))

RAISE, WARN, PASS = Verdict.RAISE, Verdict.WARN, Verdict.PASS


@pytest.mark.parametrize(
    ("strict", "verdicts"),
    [
        ("warn", {"E": RAISE, "W": WARN, "F": PASS}),
        (True, {"E": RAISE, "W": RAISE, "F": PASS}),
        (False, {"E": WARN, "W": PASS, "F": PASS}),
    ],
)
def test_strictness_decides_by_level(strict: Strictness, verdicts: dict[str, Verdict]) -> None:
    policy = RulePolicy(strict)

    found = {RULES[rule].level: policy.verdict(RULES[rule]) for rule in ("H01", "L12", "L01")}

    assert found == verdicts


@pytest.mark.parametrize("strict", [True, False, "warn"])
@pytest.mark.parametrize("rule", ["H01", "L12", "L01"])
def test_an_ignored_rule_passes_at_any_strictness(strict: Strictness, rule: str) -> None:
    policy = RulePolicy(strict, frozenset({rule}))

    assert policy.verdict(RULES[rule]) is PASS


def test_the_default_policy_raises_errors_and_warns_of_the_rest() -> None:
    assert RulePolicy() == RulePolicy("warn", frozenset())


def test_every_rule_is_found_under_its_own_id() -> None:
    assert [rule.id for rule in RULES.values()] == list(RULES)


def test_every_rule_is_there_in_order() -> None:
    counts = {"H": 57, "W": 35, "L": 16}

    wanted = [f"{kind}{n:02}" for kind, count in counts.items() for n in range(1, count + 1)]

    assert list(RULES) == wanted


def test_rules_of_all_levels_are_counted() -> None:
    assert Counter(rule.level for rule in RULES.values()) == {"E": 69, "W": 29, "F": 10}


@pytest.mark.parametrize(
    ("level", "rules"),
    [
        ("E", "H01 H09 H34 H37 H39 H50 H52 H55 W08 W15 W28 L02 L03 L10"),
        ("W", "H07 H08 H10 H12 H22 H27 H33 H54 W04 W09 W18 W35 L04 L11 L12 L16"),
        ("F", "H42 H43 H56 H57 W06 W14 W31 W32 W33 L01"),
    ],
)
def test_the_levels_of_these_rules_stay(level: Level, rules: str) -> None:
    assert {RULES[rule].level for rule in rules.split()} == {level}


@each_rule
def test_a_rule_is_one_sentence_with_a_source(rule: Rule) -> None:
    assert rule.text.endswith(".")
    assert rule.text.count(". ") == 0
    assert rule.source


@each_rule
def test_a_rule_says_why_in_a_sentence_or_two(rule: Rule) -> None:
    assert rule.why.endswith(".")
    assert rule.why.count(". ") <= 1
    assert rule.why != rule.text


@each_rule
def test_a_rule_says_in_one_sentence_how_to_mend_the_app(rule: Rule) -> None:
    assert rule.mend[0].isupper()
    assert rule.mend.endswith(".")
    assert rule.mend.count(". ") == 0


@each_rule
def test_the_words_of_a_rule_are_joined_by_single_spaces(rule: Rule) -> None:
    texts = (rule.text, rule.source, rule.why, rule.mend, rule.servers.in_words())

    assert [text for text in texts if text != " ".join(text.split())] == []
    assert [text for text in texts if text.count("`") % 2] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.level == "E"])
def test_a_rule_that_fails_calls_is_one_that_a_server_enforces(rule: Rule) -> None:
    servers = rule.servers

    outcomes = {servers.uvicorn, servers.hypercorn, servers.granian, servers.daphne}

    assert outcomes - {"", "has no lifespan"} != set()


@each_rule
def test_what_servers_do_can_stand_in_a_list(rule: Rule) -> None:
    servers = rule.servers

    outcomes = (servers.uvicorn, servers.hypercorn, servers.granian, servers.daphne)

    assert [outcome for outcome in outcomes if outcome.endswith(".") or ";" in outcome] == []


@pytest.mark.parametrize(
    ("servers", "words"),
    [
        (Servers(), ""),
        (
            Servers("answers 500", "answers 500", "answers 500", "answers 500"),
            "uvicorn, Hypercorn, Granian, Daphne: answers 500",
        ),
        (
            Servers("answers 500", "answers 500", daphne="hangs"),
            "uvicorn, Hypercorn: answers 500; Granian: takes it; Daphne: hangs",
        ),
        (
            Servers("hangs", "exits", "hangs", "exits"),
            "uvicorn, Granian: hangs; Hypercorn, Daphne: exits",
        ),
        (
            Servers(granian="answers 500"),
            "uvicorn, Hypercorn, Daphne: takes it; Granian: answers 500",
        ),
    ],
)
def test_servers_with_one_outcome_are_named_together(servers: Servers, words: str) -> None:
    assert servers.in_words() == words


def test_the_rules_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        RULES["H01"] = RULES["H02"]  # type: ignore[index]
