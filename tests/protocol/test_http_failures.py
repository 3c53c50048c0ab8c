"""The HTTP exchange when the app fails, and how strictness changes what that leads to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http_events import (
    Cue,
    ResponseCutError,
    ResponseStart,
)
from asgi_testkit.protocol.http_states import HTTPState
from tests.protocol.exchanges import (
    body,
    exchange_in,
    http_exchange,
    send_all,
    start,
)

SERVER_ERROR = ResponseStart(500, [(b"content-type", b"text/plain; charset=utf-8")])


# -- exceptions of the app ----------------------------------------------------------------

LEFT_BY = [
    ValueError("broken"),
    OSError("broken"),
    TimeoutError("broken"),
    asyncio.CancelledError("broken"),
    SystemExit("broken"),
    KeyboardInterrupt("broken"),
    GeneratorExit("broken"),
    BaseException("broken"),
]
STATES = [
    HTTPState.WAITING,
    HTTPState.STARTED,
    HTTPState.STREAMING,
    HTTPState.TRAILERS,
    HTTPState.COMPLETE,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
@pytest.mark.parametrize("exception", LEFT_BY, ids=lambda exception: type(exception).__name__)
def test_the_apps_own_exception_is_what_the_client_raises(
    exception: BaseException, state: HTTPState
) -> None:
    exchange = exchange_in(state)

    exchange.app_raised(exception)

    with pytest.raises(type(exception), match="broken") as caught:
        exchange.client_check()
    assert caught.value is exception
    assert exchange.state is HTTPState.FAILED


def test_an_exception_amid_a_response_comes_after_what_had_been_sent() -> None:
    exchange = exchange_in(HTTPState.STREAMING)

    exchange.app_raised(ValueError("broken"))

    seen = [exchange.client_receive(), exchange.client_receive()]
    assert seen == [ResponseStart(200, []), [b"a"]]
    with pytest.raises(ValueError, match="broken"):
        exchange.client_receive()


def test_an_exception_group_of_one_is_raised_bare() -> None:
    exchange = http_exchange()
    inner = ValueError("broken")

    exchange.app_raised(ExceptionGroup("tasks", [inner]))

    with pytest.raises(ValueError, match="broken") as caught:
        exchange.client_check()
    assert caught.value is inner


def test_the_note_is_added_to_the_apps_exception_once() -> None:
    exchange = http_exchange(note="Lifespan did not run.")
    exception = ValueError("broken")
    exchange.app_raised(exception)

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            exchange.client_check()

    assert exception.__notes__ == ["Lifespan did not run."]


def test_without_server_exceptions_an_app_that_raises_first_answers_500() -> None:
    exchange = http_exchange(raise_server_exceptions=False)

    exchange.app_raised(ValueError("broken"))

    exchange.client_check()
    seen = [exchange.client_receive() for _ in range(3)]
    assert seen == [SERVER_ERROR, [b"Internal Server Error"], Cue.COMPLETE]


def test_a_500_of_the_wire_has_no_body_on_head() -> None:
    exchange = http_exchange(method="HEAD", raise_server_exceptions=False)

    exchange.app_raised(ValueError("broken"))

    assert (exchange.response, exchange.client_take_body()) == (SERVER_ERROR, b"")


@pytest.mark.parametrize("state", STATES[1:4], ids=lambda state: state.name)
def test_without_server_exceptions_a_started_response_is_cut(state: HTTPState) -> None:
    exchange = exchange_in(state, raise_server_exceptions=False)

    exchange.app_raised(ValueError("broken"))

    with pytest.raises(ResponseCutError, match="before its response was whole"):
        exchange.client_check()


def test_without_server_exceptions_a_whole_response_stays_whole() -> None:
    exchange = exchange_in(HTTPState.COMPLETE, raise_server_exceptions=False)

    exchange.app_raised(ValueError("broken"))

    exchange.client_check()
    seen = [exchange.client_receive() for _ in range(2)]
    assert seen == [ResponseStart(200, []), Cue.COMPLETE]


def test_without_server_exceptions_a_broken_rule_is_raised_all_the_same() -> None:
    exchange = http_exchange(raise_server_exceptions=False)

    exchange.app_returned()

    with pytest.raises(ASGIRuleError, match="Rule H04 "):
        exchange.client_check()


# -- strictness ---------------------------------------------------------------------------


def test_a_lenient_exchange_drops_what_comes_out_of_turn() -> None:
    exchange = http_exchange(strict=False)

    send_all(exchange, body(b"early"), start(201), start(202), body(b"a"), body(b"late"))
    exchange.app_returned()

    exchange.client_check()
    assert (exchange.response, exchange.client_take_body()) == (ResponseStart(201, []), b"a")
    assert [told.rule for told in exchange.warned] == ["H01", "H02", "H03"]


def test_a_lenient_exchange_makes_the_best_of_wrong_values() -> None:
    exchange = http_exchange(strict=False)

    send_all(exchange, start("404", [("x-one", "1"), b"two"]), body("text"))

    assert exchange.response == ResponseStart(404, [(b"x-one", b"1")])
    assert exchange.client_take_body() == b"text"
    assert [told.rule for told in exchange.warned] == ["H20", "H24", "H31", "H11"]


def test_a_lenient_exchange_takes_text_that_cannot_be_encoded() -> None:
    exchange = http_exchange(strict=False)

    send_all(exchange, start(), body("\ud800"))

    assert exchange.client_receive() == ResponseStart(200, [])
    assert exchange.client_take_body() == b"?"
    assert [told.rule for told in exchange.warned] == ["H11"]


@pytest.mark.parametrize("status", [None, "many", [], float("inf"), float("nan")], ids=repr)
def test_a_lenient_exchange_makes_500_of_a_status_that_is_no_number(status: Any) -> None:
    exchange = http_exchange(strict=False)

    exchange.app_send(start(status))

    assert exchange.response == ResponseStart(500, [])


@pytest.mark.parametrize(
    ("state", "rule"),
    [(HTTPState.WAITING, "H04"), (HTTPState.STARTED, "H05"), (HTTPState.STREAMING, "H06")],
)
def test_a_lenient_exchange_shows_the_wire_of_an_early_return(state: HTTPState, rule: str) -> None:
    exchange = exchange_in(state, strict=False)

    exchange.app_returned()

    assert [told.rule for told in exchange.warned] == [rule]
    if state is HTTPState.WAITING:
        assert (exchange.response, exchange.client_take_body()) == (
            SERVER_ERROR,
            b"Internal Server Error",
        )
    else:
        with pytest.raises(ResponseCutError, match="before its response was whole"):
            exchange.client_check()


def test_an_ignored_rule_is_passed_over_and_the_others_are_not() -> None:
    exchange = exchange_in(HTTPState.COMPLETE, strict=True, ignored=("H03",))

    exchange.app_send(body(b"late"))
    exchange.client_check()

    with pytest.raises(ASGIRuleError, match="Rule H15 "):
        exchange.app_send({"type": "http.response.other"})
    assert exchange.warned == []


@pytest.mark.parametrize("strict", [True, "warn"])
def test_rules_of_level_e_raise_unless_all_is_lenient(strict: Any) -> None:
    exchange = http_exchange(strict=strict)

    with pytest.raises(ASGIRuleError, match="Rule H01 "):
        exchange.app_send(body())
