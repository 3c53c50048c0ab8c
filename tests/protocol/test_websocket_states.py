"""The two tables of the WebSocket exchange cover every state and act, and it follows them."""

from __future__ import annotations

from itertools import product

import pytest

from asgi_testkit.errors import ASGIRuleError, ClientDisconnectedError
from asgi_testkit.protocol.rules import RULES, Verdict
from asgi_testkit.protocol.websocket_states import (
    BROKEN,
    TRANSITIONS,
    WebSocketAct,
    WebSocketState,
)
from tests.protocol.websocket_exchanges import ACTS, exchange_in

S = WebSocketState
A = WebSocketAct

SENT = (A.ACCEPT, A.SEND, A.CLOSE, A.DENIAL_START, A.DENIAL_BODY, A.LAST_DENIAL_BODY)
ENDED = (S.ENDED, S.FAILED)

IMPOSSIBLE = {
    **{(S.DISCONNECTED, act): "`send` tells the app that the client has gone" for act in SENT},
    (S.DISCONNECTED, A.LEAVE): "a second disconnect is no act",
    **{(state, act): "an app call ends once" for state in ENDED for act in (A.RETURN, A.RAISE)},
}

EARLY_RETURNS = [(S.CONNECTING, "W07"), (S.OPEN, "W08"), (S.DENYING, "W28")]


def name_of(step: tuple[WebSocketState, WebSocketAct]) -> str:
    return f"{step[0].name}-{step[1].name}"


@pytest.mark.parametrize("step", [*product(S, A)], ids=name_of)
def test_every_state_and_act_is_legal_or_broken_or_impossible(
    step: tuple[WebSocketState, WebSocketAct],
) -> None:
    assert [step in TRANSITIONS, step in BROKEN, step in IMPOSSIBLE].count(True) == 1


def test_every_state_can_be_reached_by_legal_steps() -> None:
    reached = {S.CONNECTING}

    for _ in S:
        reached |= {target for (state, _act), target in TRANSITIONS.items() if state in reached}

    assert reached == set(S)


def test_every_act_is_legal_somewhere() -> None:
    assert {act for _state, act in TRANSITIONS} == set(A)


def test_every_broken_step_names_a_rule_that_exists() -> None:
    assert set(BROKEN.values()) <= set(RULES)


@pytest.mark.parametrize("step", TRANSITIONS, ids=name_of)
def test_a_legal_step_leads_where_the_table_says(
    step: tuple[WebSocketState, WebSocketAct],
) -> None:
    exchange = exchange_in(step[0], strict=True, ignored=("W30",))  # of a denial in pieces

    ACTS[step[1]](exchange)

    assert exchange.state is TRANSITIONS[step]
    assert (exchange.violation, exchange.warned) == (None, [])


@pytest.mark.parametrize("step", [step for step in BROKEN if step[1] in SENT], ids=name_of)
def test_a_broken_step_raises_its_rule_and_leaves_the_state(
    step: tuple[WebSocketState, WebSocketAct],
) -> None:
    exchange = exchange_in(step[0], strict=True)

    with pytest.raises(ASGIRuleError, match=f"Rule {BROKEN[step]} ") as caught:
        ACTS[step[1]](exchange)

    assert (caught.value.rule, exchange.state) == (BROKEN[step], step[0])
    assert exchange.violation is caught.value


@pytest.mark.parametrize("step", [step for step in BROKEN if step[1] in SENT], ids=name_of)
def test_a_broken_step_that_does_not_raise_is_not_taken(
    step: tuple[WebSocketState, WebSocketAct],
) -> None:
    exchange = exchange_in(step[0], strict=False)
    before = (exchange.accepted, exchange.close, exchange.record.acts())

    ACTS[step[1]](exchange)

    rule = RULES[BROKEN[step]]
    warns = exchange.policy.verdict(rule) is Verdict.WARN
    assert (exchange.accepted, exchange.close, exchange.record.acts()) == before
    assert exchange.state is step[0]
    assert [told.rule for told in exchange.warned] == ([rule.id] if warns else [])


@pytest.mark.parametrize(("state", "rule"), EARLY_RETURNS)
def test_returning_too_early_is_remembered_and_fails_the_exchange(
    state: WebSocketState, rule: str
) -> None:
    exchange = exchange_in(state)

    exchange.app_returned()

    assert exchange.state is S.FAILED
    assert exchange.violation is not None
    assert (exchange.violation.rule, exchange.violation.state) == (rule, state.value)


def test_only_those_states_are_too_early_to_return() -> None:
    assert {(state, BROKEN[state, A.RETURN]) for state, act in BROKEN if act is A.RETURN} == set(
        EARLY_RETURNS
    )


def test_anything_sent_after_the_app_call_has_ended_breaks_h09() -> None:
    assert {BROKEN[state, act] for state in ENDED for act in SENT} == {"H09"}


@pytest.mark.parametrize("act", [act for act in SENT if act is not A.CLOSE], ids=lambda it: it.name)
def test_anything_sent_to_a_client_that_has_gone_raises_an_oserror(act: WebSocketAct) -> None:
    exchange = exchange_in(S.DISCONNECTED, strict=True)

    with pytest.raises(
        OSError, match=r"The client has closed the WebSocket \(code 1000\)"
    ) as error:
        ACTS[act](exchange)

    assert type(error.value) is ClientDisconnectedError
    assert (exchange.state, exchange.violation) == (S.DISCONNECTED, None)


def test_a_close_to_a_client_that_has_gone_is_taken_in_silence() -> None:
    exchange = exchange_in(S.DISCONNECTED, strict=True)

    ACTS[A.CLOSE](exchange)

    assert (exchange.state, exchange.violation, exchange.warned) == (S.DISCONNECTED, None, [])


def test_a_second_disconnect_is_no_act() -> None:
    exchange = exchange_in(S.DISCONNECTED, strict=True)
    before = exchange.record.acts()

    ACTS[A.LEAVE](exchange)

    assert (exchange.state, exchange.record.acts()) == (S.DISCONNECTED, before)
