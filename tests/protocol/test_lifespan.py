"""The lifespan exchange, driven by hand."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError, LifespanFailed
from asgi_testkit.protocol.lifespan import (
    BROKEN,
    TRANSITIONS,
    LifespanAct,
    LifespanExchange,
    LifespanState,
)
from tests.protocol.exchanges import break_by, lifespan_exchange, send_all

STARTED = {"type": "lifespan.startup.complete"}
NOT_STARTED = {"type": "lifespan.startup.failed", "message": "no database"}
STOPPED = {"type": "lifespan.shutdown.complete"}
NOT_STOPPED = {"type": "lifespan.shutdown.failed", "message": "no disk"}

ANSWERS = {
    LifespanAct.STARTUP_COMPLETE: STARTED,
    LifespanAct.STARTUP_FAILED: NOT_STARTED,
    LifespanAct.SHUTDOWN_COMPLETE: STOPPED,
    LifespanAct.SHUTDOWN_FAILED: NOT_STOPPED,
}

# States in which the app call is over: it cannot end again, nor hear of shutdown.
OVER = (
    LifespanState.UNSUPPORTED,
    LifespanState.ENDED,
    LifespanState.ENDED_EARLY,
    LifespanState.RAISED,
)


def exchange_in(state: LifespanState, **options: Any) -> LifespanExchange:
    """Return an exchange that has come into `state` by acts of its two sides."""
    exchange = lifespan_exchange(**options)
    if state is LifespanState.UNSUPPORTED:
        exchange.app_returned()
    elif state is LifespanState.START_FAILED:
        exchange.app_send(NOT_STARTED)
    elif state is not LifespanState.STARTING:
        exchange.app_send(STARTED)
        _go_on_from_started(exchange, state)
    assert exchange.state is state
    return exchange


def _go_on_from_started(exchange: LifespanExchange, state: LifespanState) -> None:
    stops = (LifespanState.STOPPING, LifespanState.STOPPED, LifespanState.STOP_FAILED)
    if state in (*stops, LifespanState.ENDED):
        exchange.client_shutdown()
    if state in (LifespanState.STOPPED, LifespanState.ENDED):
        exchange.app_send(STOPPED)
    if state is LifespanState.STOP_FAILED:
        exchange.app_send(NOT_STOPPED)
    if state in (LifespanState.ENDED, LifespanState.ENDED_EARLY):
        exchange.app_returned()
    if state is LifespanState.RAISED:
        exchange.app_raised(ValueError("broken"))


@pytest.mark.parametrize(
    ("state", "act"), [*product(LifespanState, LifespanAct)], ids=lambda it: it.name
)
def test_every_state_and_act_is_legal_or_broken_or_impossible(
    state: LifespanState, act: LifespanAct
) -> None:
    ends_again = state in OVER and act in (LifespanAct.RETURN, LifespanAct.RAISE)
    # Shutdown is asked for only where the app has started and is there to hear it.
    unasked = act is LifespanAct.SHUTDOWN and state is not LifespanState.STARTED

    found = [(state, act) in TRANSITIONS, (state, act) in BROKEN, ends_again or unasked]

    assert found.count(True) == 1


def test_every_state_can_be_reached_by_legal_steps() -> None:
    reached = {LifespanState.STARTING}

    for _ in LifespanState:
        reached |= {target for (state, _act), target in TRANSITIONS.items() if state in reached}

    assert reached == set(LifespanState)


@pytest.mark.parametrize(
    "step", list(TRANSITIONS), ids=lambda step: f"{step[0].name}-{step[1].name}"
)
def test_a_legal_step_leads_where_the_table_says(step: tuple[LifespanState, LifespanAct]) -> None:
    exchange = exchange_in(step[0])

    match step[1]:
        case LifespanAct.RETURN:
            exchange.app_returned()
        case LifespanAct.RAISE:
            exchange.app_raised(ValueError("broken"))
        case LifespanAct.SHUTDOWN:
            exchange.client_shutdown()
        case answer:
            exchange.app_send(ANSWERS[answer])

    assert exchange.state is TRANSITIONS[step]


@pytest.mark.parametrize("step", list(BROKEN), ids=lambda step: f"{step[0].name}-{step[1].name}")
def test_a_broken_step_raises_its_rule_and_leaves_the_state(
    step: tuple[LifespanState, LifespanAct],
) -> None:
    exchange = exchange_in(step[0], strict=True, ignored=("L04",))  # a way to UNSUPPORTED

    error = break_by(exchange, ANSWERS[step[1]])

    assert (error.rule, error.state, error.message) == (
        BROKEN[step],
        step[0].value,
        ANSWERS[step[1]],
    )
    assert (exchange.violation, exchange.state) == (error, step[0])


@pytest.mark.parametrize("state", [LifespanState.UNSUPPORTED, LifespanState.STARTED])
def test_shutdown_is_asked_for_only_where_the_app_has_started(state: LifespanState) -> None:
    exchange = exchange_in(state)
    exchange.app_receive()

    exchange.client_shutdown()

    asked = {"type": "lifespan.shutdown"} if state is LifespanState.STARTED else None
    assert exchange.app_receive() == asked


def test_an_orderly_lifespan_is_seen_whole() -> None:
    exchange = lifespan_exchange(strict=True, has_startup=False)
    received = [exchange.app_receive(), exchange.app_receive()]
    exchange.app_send(STARTED)
    has_started = exchange.client_wait_started()
    exchange.client_shutdown()
    received.append(exchange.app_receive())
    exchange.app_send(STOPPED)
    exchange.app_returned()

    exchange.client_check()

    assert received == [{"type": "lifespan.startup"}, None, {"type": "lifespan.shutdown"}]
    assert has_started is True
    assert exchange.record.acts() == [
        "client: lifespan.startup",
        "app: lifespan.startup.complete",
        "client: lifespan.shutdown",
        "app: lifespan.shutdown.complete",
        "app: returned",
    ]


def test_the_client_waits_while_startup_is_not_answered() -> None:
    assert lifespan_exchange().client_wait_started() is None


def test_an_app_that_raises_before_an_answer_has_no_lifespan() -> None:
    exchange = lifespan_exchange()

    exchange.app_raised(NotImplementedError("http only"))

    assert exchange.client_wait_started() is False
    exchange.client_check()


def test_an_app_that_returns_before_an_answer_has_no_lifespan() -> None:
    exchange = lifespan_exchange()

    exchange.app_returned()

    assert exchange.client_wait_started() is False
    exchange.client_check()


@pytest.mark.parametrize("exception", [SystemExit(3), asyncio.CancelledError("cut")], ids=repr)
def test_startup_left_by_no_plain_exception_is_a_failure(exception: BaseException) -> None:
    exchange = lifespan_exchange()

    exchange.app_raised(exception)

    with pytest.raises(type(exception), match=str(exception)) as caught:
        exchange.client_wait_started()
    assert caught.value is exception


def test_startup_failed_waits_for_the_end_of_the_app_call() -> None:
    exchange = lifespan_exchange()

    exchange.app_send(NOT_STARTED)

    assert exchange.client_wait_started() is None


def test_startup_failed_without_an_exception_raises_with_the_apps_message() -> None:
    exchange = lifespan_exchange()
    exchange.app_send(NOT_STARTED)
    exchange.app_returned()

    with pytest.raises(LifespanFailed, match="startup failed") as caught:
        exchange.client_wait_started()

    assert caught.value.message == "no database"
    assert str(caught.value) == (
        "The app's startup failed ('lifespan.startup.failed'). Rule L02.\n"
        "The app's message: no database"
    )


def test_startup_failed_and_an_exception_raise_the_exception_with_a_note() -> None:
    exchange = lifespan_exchange()
    exception = ConnectionError("refused")
    exchange.app_send(NOT_STARTED)
    exchange.app_raised(exception)

    for _ in range(2):
        with pytest.raises(ConnectionError, match="refused") as caught:
            exchange.client_wait_started()

    assert caught.value is exception
    assert exception.__notes__ == ["The app's message: no database"]
    assert exchange.rule_of_failure == "L02"


@pytest.mark.parametrize("asks", [False, True], ids=["after startup", "in shutdown"])
def test_an_exception_after_startup_is_raised_as_it_is(asks: bool) -> None:
    exchange = exchange_in(LifespanState.STOPPING if asks else LifespanState.STARTED)
    exception = ValueError("broken")

    exchange.app_raised(exception)

    with pytest.raises(ValueError, match="broken") as caught:
        exchange.client_check()
    assert caught.value is exception


def test_an_exception_after_shutdown_was_answered_is_raised() -> None:
    exchange = exchange_in(LifespanState.STOPPED)

    exchange.app_raised(ValueError("broken"))

    with pytest.raises(ValueError, match="broken"):
        exchange.client_check()


def test_shutdown_failed_raises_with_the_apps_message() -> None:
    exchange = exchange_in(LifespanState.STOP_FAILED)
    exchange.app_returned()

    with pytest.raises(LifespanFailed, match="shutdown failed") as caught:
        exchange.client_check()

    assert caught.value.message == "no disk"


def test_an_app_that_ends_between_startup_and_shutdown_has_failed() -> None:
    exchange = exchange_in(LifespanState.ENDED_EARLY)

    with pytest.raises(LifespanFailed, match="between startup and shutdown"):
        exchange.client_check()


def _return_without_answer(asked: str, **options: Any) -> LifespanExchange:
    state = LifespanState.STARTING if asked == "startup" else LifespanState.STOPPING
    exchange = exchange_in(state, **options)
    exchange.app_returned()
    return exchange


@pytest.mark.parametrize(
    "message",
    [
        None,
        "lifespan.startup.complete",
        {},
        {"type": None},
        {"type": "lifespan.startup"},
        {"type": "lifespan.other"},
        {"type": "http.response.start", "status": 200},
    ],
    ids=repr,
)
def test_what_is_no_answer_breaks_l07(message: Any) -> None:
    exchange = lifespan_exchange()

    error = break_by(exchange, message)

    assert (error.rule, error.state) == ("L07", "STARTING")
    is_dict = isinstance(message, dict)
    sent = f"a message of type {message.get('type')!r}" if is_dict else repr(message)
    assert f"The app sent {sent} on a 'lifespan' scope." in str(error)
    assert "'lifespan.startup.complete', 'lifespan.startup.failed', return" in str(error)


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        ([STARTED, STARTED], "L05"),
        ([STARTED, NOT_STARTED], "L05"),
        ([STARTED, STOPPED], "L06"),
        ([STARTED, {"type": "lifespan.other"}], "L07"),
    ],
    ids=["twice", "failed after complete", "shutdown unasked", "unknown"],
)
def test_a_violation_that_the_app_swallows_comes_out_on_the_client_side(
    messages: list[dict[str, Any]], rule: str
) -> None:
    exchange = lifespan_exchange()
    exchange.app_send(messages[0])
    error = break_by(exchange, messages[1])

    for look in (exchange.client_wait_started, exchange.client_check):
        with pytest.raises(ASGIRuleError, match=f"Rule {rule} ") as caught:
            look()
        assert caught.value is error


def test_a_shutdown_answer_first_is_seen_though_the_app_then_has_no_lifespan() -> None:
    exchange = lifespan_exchange()
    error = break_by(exchange, STOPPED)
    exchange.app_raised(error)

    with pytest.raises(ASGIRuleError, match="Rule L06 "):
        exchange.client_wait_started()


@pytest.mark.parametrize(
    ("asked", "rule", "allowed"),
    [
        ("startup", "L04", "'lifespan.startup.complete', 'lifespan.startup.failed'."),
        ("shutdown", "L11", "'lifespan.shutdown.complete', 'lifespan.shutdown.failed'."),
    ],
)
def test_returning_without_an_answer_is_warned_of(asked: str, rule: str, allowed: str) -> None:
    exchange = _return_without_answer(asked)

    exchange.client_check()
    [told] = exchange.warned
    assert told.rule == rule
    assert f"The app returned without answering 'lifespan.{asked}'." in str(told)
    assert f" it may: {allowed}" in str(told)


@pytest.mark.parametrize(("asked", "rule"), [("startup", "L04"), ("shutdown", "L11")])
def test_returning_without_an_answer_is_raised_where_warnings_are(asked: str, rule: str) -> None:
    exchange = _return_without_answer(asked, strict=True)

    for look in (exchange.client_wait_started, exchange.client_check):
        with pytest.raises(ASGIRuleError, match=f"Rule {rule} "):
            look()


def test_an_app_that_replaces_the_state_is_warned_of() -> None:
    exchange = lifespan_exchange()
    exchange.scope["state"] = {"database": "open"}

    exchange.app_send(STARTED)

    assert exchange.client_wait_started() is True
    assert [told.rule for told in exchange.warned] == ["L14"]


def test_an_answer_before_startup_was_received_is_warned_of() -> None:
    exchange = lifespan_exchange(has_startup=False)

    exchange.app_send(STARTED)

    assert exchange.client_wait_started() is True
    assert [told.rule for told in exchange.warned] == ["L15"]


@pytest.mark.parametrize("reason", [None, 7, b"no database"], ids=repr)
def test_a_message_that_is_no_str_is_warned_of_and_shown_as_one(reason: object) -> None:
    exchange = lifespan_exchange()

    exchange.app_send({**NOT_STARTED, "message": reason})
    exchange.app_returned()

    assert [told.rule for told in exchange.warned] == ["L16"]
    with pytest.raises(LifespanFailed, match="startup failed") as caught:
        exchange.client_check()
    assert caught.value.message == str(reason)


@pytest.mark.parametrize(
    ("state", "exception", "rule"),
    [
        (LifespanState.STARTING, SystemExit(3), "L13"),
        (LifespanState.STARTED, ValueError("broken"), "L08"),
        (LifespanState.STOPPING, ValueError("broken"), "L08"),
        (LifespanState.STOPPED, SystemExit(3), "L08"),
    ],
    ids=repr,
)
def test_an_exception_breaks_the_rule_of_its_moment(
    state: LifespanState, exception: BaseException, rule: str
) -> None:
    exchange = exchange_in(state)
    exchange.app_raised(exception)

    with pytest.raises(type(exception), match=str(exception)):
        exchange.client_check()

    assert exchange.rule_of_failure == rule
    assert not hasattr(exception, "__notes__")


def test_a_second_answer_to_shutdown_is_warned_of() -> None:
    exchange = exchange_in(LifespanState.STOPPED)

    exchange.app_send(STOPPED)
    exchange.app_returned()

    exchange.client_check()
    assert [told.rule for told in exchange.warned] == ["L12"]


def test_a_lenient_exchange_takes_broken_messages_in_silence() -> None:
    exchange = lifespan_exchange(strict=False)

    send_all(exchange, None, STOPPED, STARTED, STARTED)

    assert exchange.client_wait_started() is True
    assert [told.rule for told in exchange.warned] == ["L07", "L06", "L05"]


def test_no_answer_in_time_says_what_had_crossed_and_what_to_do() -> None:
    exchange = lifespan_exchange()
    exchange.app_receive()

    error = exchange.client_time_is_up(2.5)

    assert str(error) == (
        "The app did not answer 'lifespan.startup' within 2.5 s. Rule L03.\n"
        "Until then had crossed: client: lifespan.startup.\n"
        "Send 'lifespan.startup.complete', or raise the client's timeout."
    )


def test_no_answer_to_shutdown_in_time_names_shutdown() -> None:
    exchange = exchange_in(LifespanState.STOPPING)

    error = exchange.client_time_is_up(1)

    assert "'lifespan.shutdown' within 1 s. Rule L10." in str(error)


@pytest.mark.parametrize("message", ["no database", ""])
def test_failed_without_an_end_in_time_gives_the_apps_reason(message: str) -> None:
    exchange = lifespan_exchange()
    exchange.app_send({"type": "lifespan.startup.failed", "message": message})

    error = exchange.client_time_is_up(1)

    assert error.message == message
    assert str(error).startswith("The app's startup failed ('lifespan.startup.failed').")


def test_a_late_end_after_a_message_with_startup_complete_is_a_late_end() -> None:
    exchange = lifespan_exchange()
    exchange.app_send({**STARTED, "message": "ready"})
    exchange.client_shutdown()

    error = exchange.client_time_is_up(1)

    assert "did not answer 'lifespan.shutdown'" in str(error)
