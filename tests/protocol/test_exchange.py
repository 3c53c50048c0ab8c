"""What every exchange shares: broken rules, the end of the app call, notes."""

from __future__ import annotations

from asyncio import CancelledError
from enum import Enum
from itertools import count
from typing import NamedTuple

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.exchange import (
    BaseExchange,
    add_note_once,
    bare_exception,
    rule_of_exception,
)
from asgi_testkit.protocol.record import Record
from asgi_testkit.protocol.rules import RULES, RulePolicy, Strictness
from tests.protocol.exchanges import http_exchange


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
        "Message: {'a': 1}\n"
        "In state SOMEWHERE it may: 'one', 'two'.\n"
        "Rule H01 (www: Response Start):"
        " `http.response.start` comes before `http.response.body`.\n"
        "Servers: uvicorn, Hypercorn, Granian, Daphne: answers 500.\n"
        f"To mend it: {RULES['H01'].mend}\n"
        "More: docs/rules.md#h01"
    )
    assert (error.rule, error.state, error.message) == ("H01", "SOMEWHERE", {"a": 1})


def test_a_broken_rule_without_allowed_acts_names_the_state_alone() -> None:
    exchange = new_exchange()

    with pytest.raises(ASGIRuleError, match=r"State: SOMEWHERE\.\nRule H20 "):
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

    [told] = exchange.warned
    assert (told.rule, told.state, told.place) == ("H01", "SOMEWHERE", "")
    assert str(told).startswith("The app did it.\nState: SOMEWHERE.\nRule H01 (")
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


def test_the_app_call_is_over_once_it_has_returned_or_raised() -> None:
    returned, raised = new_exchange(), new_exchange()
    before = returned.client_wait_over()

    returned.app_returned()
    raised.app_raised(ValueError("broken"))

    waited = (before, returned.client_wait_over(), raised.client_wait_over())
    assert waited == (None, True, True)
    assert returned.record.acts() == ["app: returned"]
    assert raised.record.acts() == ["app: raised"]


# -- the line that breaks a rule ----------------------------------------------------------


class At(NamedTuple):
    """A line of the app, or of a library."""

    text: str
    is_apps: bool = True

    @property
    def key(self) -> tuple[object, ...]:
        return (self.text,)

    def __str__(self) -> str:
        return self.text


def placed_exchange(*places: At | None, home: str = "") -> Exchange:
    """Return an exchange whose app sends from these lines, one after the other."""
    policy = RulePolicy(home=home, find_line=iter(places).__next__)
    return Exchange(Record({"type": "http"}, lambda: 0.0), policy)


def test_an_error_names_the_line_that_sends() -> None:
    exchange = placed_exchange(At("app.py:3 in app"), home="app.py:1 in app")

    with pytest.raises(ASGIRuleError, match=r"\nApp: app\.py:3 in app\n") as caught:
        exchange.break_rule("H01", "The app did it.")

    assert caught.value.place == "app.py:3 in app"


def test_an_error_without_such_a_line_names_where_the_app_is_defined() -> None:
    exchange = placed_exchange(None, home="app.py:1 in app")

    with pytest.raises(ASGIRuleError, match=r"\nApp: app\.py:1 in app\n"):
        exchange.break_rule("H01", "The app did it.")


def test_what_breaks_a_rule_by_returning_is_the_app() -> None:
    exchange = placed_exchange(home="app.py:1 in app")

    with pytest.raises(ASGIRuleError, match=r"\nApp: app\.py:1 in app\n"):
        exchange.break_rule("H04", "The app did it.", by_returning=True)


def test_a_rule_is_warned_of_once_for_each_line() -> None:
    exchange = placed_exchange(At("a:1"), At("a:2"), At("a:1"), At("a:1"))

    for rule in ("H27", "H27", "H27", "H32"):
        exchange.break_rule(rule, "The app did it.")

    told = [(each.rule, each.place) for each in exchange.warned]
    assert told == [("H27", "a:1"), ("H27", "a:2"), ("H32", "a:1")]


@pytest.mark.parametrize("line", [At("lib:1", is_apps=False), None], ids=repr)
def test_a_rule_broken_by_no_line_of_the_app_is_warned_of_once_for_each_path(
    line: At | None,
) -> None:
    policy = RulePolicy(find_line=lambda: line)
    told: list[int] = []

    for path in ("/one", "/two", "/one"):
        exchange = Exchange(Record({"type": "http", "path": path}, lambda: 0.0), policy)
        exchange.break_rule("H27", "The app did it.")
        told.append(len(exchange.warned))

    assert told == [1, 1, 0]


def test_a_warning_that_did_not_get_through_is_given_again() -> None:
    exchange = new_exchange()

    exchange.break_rule("H27", "The app did it.")
    exchange.take_warnings()
    exchange.forget_told()
    exchange.break_rule("H27", "The app did it.")

    assert [told.rule for told in exchange.warned] == ["H27"]


def test_exchanges_of_one_policy_warn_once_in_all() -> None:
    first = new_exchange()
    second = Exchange(Record({"type": "http"}, lambda: 0.0), first.policy)

    for exchange in (first, second):
        exchange.break_rule("H27", "The app did it.")

    assert [len(first.warned), len(second.warned)] == [1, 0]


def test_an_error_is_raised_each_time() -> None:
    exchange = placed_exchange(At("a:1"), At("a:1"))

    for _ in range(2):
        with pytest.raises(ASGIRuleError, match="Rule H01 "):
            exchange.break_rule("H01", "The app did it.")


# -- the end of the app call --------------------------------------------------------------


class Returning(Exchange):
    rule_of_result = "H08"


def returning_exchange(strict: Strictness = "warn") -> Returning:
    return Returning(Record({"type": "http"}, lambda: 0.0), RulePolicy(strict))


@pytest.mark.parametrize("result", [0, "", False, [], object], ids=repr)
def test_an_app_that_returns_anything_but_none_is_warned_of(result: object) -> None:
    exchange = returning_exchange()

    exchange.app_returned(result)

    [told] = exchange.warned
    assert (told.rule, exchange.app_is_over) == ("H08", True)
    assert str(told).startswith(f"The app returned {result!r}.\nState: SOMEWHERE.\n")


def test_what_an_app_returns_is_raised_by_the_client_side_where_warnings_are() -> None:
    exchange = returning_exchange(strict=True)

    exchange.app_returned("done")

    assert exchange.violation is not None
    assert (exchange.violation.rule, exchange.violation.message) == ("H08", None)


def test_an_exchange_without_such_a_rule_does_not_look_at_what_is_returned() -> None:
    exchange = new_exchange(True)

    exchange.app_returned("done")

    assert exchange.violation is None


def test_an_app_that_sends_on_after_an_error_is_warned_of() -> None:
    exchange = new_exchange()
    with pytest.raises(ASGIRuleError, match="Rule H01 "):
        exchange.break_rule("H01", "The app did it.")
    exchange.record.add("app", "http.response.start")

    exchange.app_returned()

    [told] = exchange.warned
    assert told.rule == "H10"
    assert str(told).startswith("The app caught the error of rule H01 and sent on.\n")


def test_an_app_that_only_receives_after_an_error_is_not_warned_of() -> None:
    exchange = new_exchange()
    with pytest.raises(ASGIRuleError, match="Rule H01 "):
        exchange.break_rule("H01", "The app did it.")
    exchange.record.add("client", "http.disconnect")

    exchange.app_returned()

    assert exchange.warned == []


# -- the rule of an exception -------------------------------------------------------------


@pytest.mark.parametrize(
    ("exception", "rule"),
    [
        (ValueError("broken"), "H44"),
        (SystemExit(3), "H48"),
        (KeyboardInterrupt(), "H48"),
        (CancelledError("cut"), "H47"),
        (GeneratorExit(), "H49"),
    ],
    ids=repr,
)
def test_an_exception_breaks_the_rule_of_its_moment_or_of_its_kind(
    exception: BaseException, rule: str
) -> None:
    assert rule_of_exception(exception, "H44") == rule
    assert rule_of_exception(exception, None) is None


@pytest.mark.parametrize(("ignored", "shown"), [((), "(rule H44)"), (("H44",), "")])
def test_the_record_names_the_rule_that_an_exception_breaks(
    ignored: tuple[str, ...], shown: str
) -> None:
    exchange, exception = http_exchange(ignored=ignored), ValueError("broken")

    exchange.app_raised(exception)

    [entry] = exchange.record
    assert repr(entry.detail) == f"ValueError('broken')  {shown}".rstrip()
    assert not hasattr(exception, "__notes__")
