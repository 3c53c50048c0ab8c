"""The two tables of the HTTP exchange cover every state and act, and the exchange follows them."""

from __future__ import annotations

from itertools import product

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http_states import BROKEN, TRANSITIONS, HTTPAct, HTTPState
from asgi_testkit.protocol.rules import RULES
from tests.protocol.exchanges import ACTS, OFFERED, exchange_in

SENT = (
    HTTPAct.START,
    HTTPAct.BODY,
    HTTPAct.LAST_BODY,
    HTTPAct.BODY_BEFORE_TRAILERS,
    HTTPAct.TRAILERS,
    HTTPAct.LAST_TRAILERS,
    HTTPAct.DEBUG,
    HTTPAct.EARLY_HINT,
    HTTPAct.PUSH,
    HTTPAct.PATHSEND,
)

IMPOSSIBLE = {
    **{(HTTPState.DISCONNECTED, act): "after a disconnect `send` is silent" for act in SENT},
    (HTTPState.DISCONNECTED, HTTPAct.LEAVE): "a second disconnect is no act",
    **{
        (state, act): "an app call ends once"
        for state in (HTTPState.ENDED, HTTPState.FAILED)
        for act in (HTTPAct.RETURN, HTTPAct.RAISE)
    },
}

# The first has the same message as LAST_BODY, and only where trailers were declared; the second
# only where none were.
_NEEDS_TRAILERS = {
    (state, HTTPAct.BODY_BEFORE_TRAILERS)
    for state in (HTTPState.WAITING, HTTPState.STARTED, HTTPState.STREAMING, HTTPState.COMPLETE)
}


@pytest.mark.parametrize(("state", "act"), [*product(HTTPState, HTTPAct)], ids=lambda it: it.name)
def test_every_state_and_act_is_legal_or_broken_or_impossible(
    state: HTTPState, act: HTTPAct
) -> None:
    step = (state, act)

    assert [step in TRANSITIONS, step in BROKEN, step in IMPOSSIBLE].count(True) == 1


def test_every_state_can_be_reached_by_legal_steps() -> None:
    reached = {HTTPState.WAITING}

    for _ in HTTPState:
        reached |= {target for (state, _act), target in TRANSITIONS.items() if state in reached}

    assert reached == set(HTTPState)


def test_every_act_is_legal_somewhere() -> None:
    assert {act for _state, act in TRANSITIONS} == set(HTTPAct)


def test_every_broken_step_names_a_rule_that_exists() -> None:
    assert set(BROKEN.values()) <= set(RULES)


@pytest.mark.parametrize(
    "step",
    [step for step in TRANSITIONS if step not in _NEEDS_TRAILERS],
    ids=lambda step: f"{step[0].name}-{step[1].name}",
)
def test_a_legal_step_leads_where_the_table_says(step: tuple[HTTPState, HTTPAct]) -> None:
    exchange = exchange_in(step[0], extensions=OFFERED)

    ACTS[step[1]](exchange)

    assert exchange.state is TRANSITIONS[step]


@pytest.mark.parametrize(
    "step",
    [
        step
        for step in BROKEN
        if step not in _NEEDS_TRAILERS
        and step not in IMPOSSIBLE
        and step[1] is not HTTPAct.RETURN
        and step != (HTTPState.TRAILERS, HTTPAct.LAST_BODY)
    ],
    ids=lambda step: f"{step[0].name}-{step[1].name}",
)
def test_a_broken_step_raises_its_rule_and_leaves_the_state(
    step: tuple[HTTPState, HTTPAct],
) -> None:
    exchange = exchange_in(step[0], extensions=OFFERED, strict=True)

    with pytest.raises(ASGIRuleError, match=f"Rule {BROKEN[step]} ") as caught:
        ACTS[step[1]](exchange)

    assert (caught.value.rule, exchange.state) == (BROKEN[step], step[0])


@pytest.mark.parametrize(
    ("state", "rule"),
    [(HTTPState.WAITING, "H04"), (HTTPState.STARTED, "H05"), (HTTPState.STREAMING, "H06")],
)
def test_returning_too_early_is_remembered_and_fails_the_exchange(
    state: HTTPState, rule: str
) -> None:
    exchange = exchange_in(state)

    exchange.app_returned()

    assert exchange.state is HTTPState.FAILED
    assert exchange.violation is not None
    assert (exchange.violation.rule, exchange.violation.state) == (rule, state.value)


def test_anything_sent_after_the_app_call_has_ended_breaks_h09() -> None:
    ended = (HTTPState.ENDED, HTTPState.FAILED)

    rules = {BROKEN[state, act] for state in ended for act in SENT}

    assert rules == {"H09"}
