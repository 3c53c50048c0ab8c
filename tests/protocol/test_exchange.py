"""What every exchange shares: broken rules, the end of the app call, notes."""

from __future__ import annotations

from enum import Enum
from itertools import count

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.exchange import BaseExchange, add_note_once, bare_exception, cut
from asgi_testkit.protocol.record import Record
from asgi_testkit.protocol.rules import RULES, RulePolicy, Strictness


class Act(Enum):
    ONE = "'one'"
    TWO = "'two'"


class Exchange(BaseExchange):
    @property
    def state_name(self) -> str:
        return "SOMEWHERE"


def new_exchange(strict: Strictness = "warn", *ignored: str) -> Exchange:
    ticks = count()
    record = Record({"type": "http"}, lambda: float(next(ticks)))
    return Exchange(record, RulePolicy(strict, frozenset(ignored)))


def test_a_broken_rule_says_what_happened_where_and_what_was_allowed() -> None:
    exchange = new_exchange()

    with pytest.raises(ASGIRuleError, match="The app did it") as caught:
        exchange.break_rule("H01", "The app did it.", allowed=[Act.ONE, Act.TWO], message={"a": 1})

    error = caught.value
    assert str(error) == (
        "The app did it.\n"
        "In state SOMEWHERE it may: 'one', 'two'. Rule H01 (www: Response Start):"
        " `http.response.start` comes before `http.response.body`;"
        " uvicorn, Hypercorn, Granian, Daphne: answers 500."
    )
    assert (error.rule, error.state, error.message) == ("H01", "SOMEWHERE", {"a": 1})


def test_a_broken_rule_without_allowed_acts_names_the_state_alone() -> None:
    exchange = new_exchange()

    with pytest.raises(ASGIRuleError, match=r"State: SOMEWHERE\. Rule H20"):
        exchange.break_rule("H20", "The app sent a status that is no int.")


def test_the_first_violation_stays_when_a_second_comes() -> None:
    exchange = new_exchange()

    for rule in ("H01", "H02"):
        with pytest.raises(ASGIRuleError, match=rule):
            exchange.break_rule(rule, "The app did it.")

    assert exchange.violation is not None
    assert exchange.violation.rule == "H01"


def test_a_rule_that_warns_is_noted_and_is_no_violation() -> None:
    exchange = new_exchange(False)

    exchange.break_rule("H01", "The app did it.")

    [(rule, text)] = exchange.warned
    assert rule is RULES["H01"]
    assert text.startswith("The app did it.\nState: SOMEWHERE. Rule H01 ")
    assert exchange.violation is None


def test_an_ignored_rule_leaves_no_trace() -> None:
    exchange = new_exchange(True, "H01")

    exchange.break_rule("H01", "The app did it.")

    assert (exchange.violation, exchange.warned) == (None, [])


def test_an_exception_in_groups_of_one_is_laid_bare() -> None:
    inner = ValueError("broken")

    found = bare_exception(ExceptionGroup("outer", [ExceptionGroup("inner", [inner])]))

    assert found is inner


def test_a_group_of_two_stays_a_group() -> None:
    group = ExceptionGroup("both", [ValueError("a"), ValueError("b")])

    assert bare_exception(group) is group


def test_a_note_is_added_once() -> None:
    exception = ValueError("broken")

    add_note_once(exception, "a note")
    add_note_once(exception, "a note")
    add_note_once(exception, None)

    assert exception.__notes__ == ["a note"]


def test_a_value_in_a_text_is_cut_at_80_characters() -> None:
    texts = [cut("short"), cut("x" * 200)]

    assert texts == ["'short'", f"'{'x' * 76}..."]
    assert len(texts[1]) == 80


def test_the_app_call_is_over_once_it_has_returned_or_raised() -> None:
    returned, raised = new_exchange(), new_exchange()
    before = returned.client_wait_over()

    returned.app_returned()
    raised.app_raised(ValueError("broken"))

    waited = (before, returned.client_wait_over(), raised.client_wait_over())
    assert waited == (None, True, True)
    assert returned.record.acts() == ["app: returned"]
    assert raised.record.acts() == ["app: raised"]
