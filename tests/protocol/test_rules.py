"""What a broken rule leads to, for every level and strictness."""

from __future__ import annotations

import pytest

from asgi_testkit.protocol.rules import RULES, RulePolicy, Strictness, Verdict

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


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_is_one_sentence_with_a_source(rule: object) -> None:
    text, source = getattr(rule, "text", ""), getattr(rule, "source", "")

    assert text.endswith(".")
    assert text.count(". ") == 0
    assert source


def test_the_rules_cannot_be_changed() -> None:
    with pytest.raises(TypeError, match="does not support item assignment"):
        RULES["H01"] = RULES["H02"]  # type: ignore[index]
