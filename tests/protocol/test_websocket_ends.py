"""The WebSocket exchange, driven by hand: every way in which it can end."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit.errors import ClientDisconnectedError, WebSocketDisconnect
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.websocket import WebSocketExchange
from asgi_testkit.protocol.websocket_events import Close, Denial
from asgi_testkit.protocol.websocket_states import WebSocketState
from tests.protocol.websocket_exchanges import (
    accept,
    app_receives_all,
    client_receives_all,
    close,
    denial_body,
    denial_start,
    disconnected,
    exchange_in,
    from_client,
    give,
    send_all,
    text,
    websocket_exchange,
)

S = WebSocketState

# -- the app closes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        (close(), Close(1000, "", "app")),
        (close(code=4001), Close(4001, "", "app")),
        (close(code=1001, reason="bye"), Close(1001, "bye", "app")),
        (close(reason=None), Close(1000, "", "app")),
    ],
    ids=repr,
)
def test_a_close_of_the_app_comes_after_its_messages(message: Any, seen: Close) -> None:
    exchange = exchange_in(S.OPEN)
    send_all(exchange, text("one"), message)

    assert client_receives_all(exchange) == ["one", seen]
    assert exchange.client_receive() == seen


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([accept(), close(code=4001, reason="bye")], disconnected(4001, "bye")),
        ([close(code=4001, reason="bye")], disconnected(1006)),
        ([denial_start(), denial_body()], disconnected(1006)),
    ],
    ids=["closed", "rejected", "denied"],
)
def test_the_app_receives_the_end_that_it_has_brought_about_once(
    messages: list[Any], told: dict[str, Any]
) -> None:
    exchange = websocket_exchange()
    send_all(exchange, *messages)

    assert app_receives_all(exchange) == [told]


def test_what_the_client_sends_after_the_app_has_closed_is_lost() -> None:
    exchange = exchange_in(S.CLOSED)

    give(exchange, "late")

    assert app_receives_all(exchange) == [disconnected(1000)]


def test_what_the_client_had_sent_before_the_app_closed_is_received_before_the_end() -> None:
    exchange = exchange_in(S.OPEN)
    give(exchange, "early")

    exchange.app_send(close())

    assert app_receives_all(exchange) == [from_client("early"), disconnected(1000)]


# -- the client closes --------------------------------------------------------------------


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (4000, "ré"), (1005, ""), (1006, "")])
def test_the_app_receives_code_and_reason_of_the_client_once(code: int, reason: str) -> None:
    exchange = exchange_in(S.OPEN)
    give(exchange, "last")

    exchange.client_disconnect(code, reason)
    exchange.client_disconnect(4999, "again")

    assert app_receives_all(exchange) == [from_client("last"), disconnected(code, reason)]
    assert exchange.close == Close(code, reason, "client")


def test_a_client_that_leaves_before_the_answer_is_seen_by_the_app() -> None:
    exchange = websocket_exchange(strict=True)

    exchange.client_disconnect(1006)
    received = app_receives_all(exchange)
    exchange.app_returned()

    exchange.client_check()
    assert (received, exchange.state) == ([disconnected(1006)], S.ENDED)


def test_what_the_client_sends_after_it_has_gone_is_lost() -> None:
    exchange = exchange_in(S.DISCONNECTED)

    give(exchange, "late")

    assert app_receives_all(exchange) == [disconnected(1000)]


def test_messages_of_the_app_from_before_the_client_closed_can_still_be_read() -> None:
    exchange = exchange_in(S.OPEN)
    exchange.app_send(text("one"))

    exchange.client_disconnect(4000)

    assert client_receives_all(exchange) == ["one", Close(4000, "", "client")]


@pytest.mark.parametrize("state", [S.CLOSED, S.REJECTED, S.DENIED], ids=lambda it: it.name)
def test_a_client_that_leaves_an_app_that_had_ended_it_tells_it_nothing_new(
    state: WebSocketState,
) -> None:
    exchange = exchange_in(state)
    before, end = exchange.close, len(app_receives_all(exchange))

    exchange.client_disconnect()

    assert end == 1  # disconnect
    assert (exchange.close, exchange.state) == (before, state)
    assert exchange.app_receive() is None


BREAKS_AFTER_THE_END = [
    (S.CLOSED, text("late"), "W03"),
    (S.REJECTED, accept(), "W05"),
    (S.DENIED, accept(), "W28"),
    (S.DENIED, denial_start(), "W28"),
]


@pytest.mark.parametrize(("state", "message", "rule"), BREAKS_AFTER_THE_END)
def test_a_rule_that_the_app_breaks_after_its_own_end_is_broken_though_the_client_has_gone(
    state: WebSocketState, message: Any, rule: str
) -> None:
    exchange = exchange_in(state)
    exchange.client_disconnect()

    with pytest.raises(Exception, match=f"Rule {rule} "):
        exchange.app_send(message)


# -- the app ends -------------------------------------------------------------------------


RULES_OF_FAILURE = {
    S.CONNECTING: "W25",
    S.DENYING: "W25",
    S.OPEN: "W26",
    S.CLOSED: "W27",
    S.REJECTED: "W27",
    S.DENIED: "W27",
}


@pytest.mark.parametrize("state", list(S)[:-2], ids=lambda it: it.name)
def test_an_exception_reaches_the_client_side_as_itself_and_once(state: WebSocketState) -> None:
    exchange = exchange_in(state, note="Lifespan did not run.")
    broken = ValueError("broken")

    exchange.app_raised(ExceptionGroup("of one", [broken]))

    with pytest.raises(ValueError, match="broken") as caught:
        exchange.client_check()
    exchange.client_check()
    assert caught.value is broken
    notes = getattr(broken, "__notes__", [])
    assert notes == ([] if state is S.DISCONNECTED else ["Lifespan did not run."])
    assert exchange.rule_of_failure == RULES_OF_FAILURE.get(state)
    assert exchange.state is S.FAILED


def test_an_exception_comes_after_the_messages_before_it() -> None:
    exchange = exchange_in(S.OPEN)
    exchange.app_send(text("one"))

    exchange.app_raised(ValueError("broken"))

    assert exchange.client_receive() == "one"
    with pytest.raises(ValueError, match="broken"):
        exchange.client_receive()


def test_an_exception_that_was_told_leaves_a_line_that_was_lost() -> None:
    exchange = exchange_in(S.OPEN)
    error = ValueError("broken")
    exchange.app_raised(error)
    with pytest.raises(ValueError, match="broken"):
        exchange.client_receive()

    assert exchange.client_receive() == Close(1011, "", "app", cause=error)


def test_an_exception_can_be_what_the_wire_would_show() -> None:
    connecting = exchange_in(S.CONNECTING, raise_server_exceptions=False)
    opened = exchange_in(S.OPEN, raise_server_exceptions=False)
    closed = exchange_in(S.CLOSED, raise_server_exceptions=False)

    error = ValueError("broken")
    for exchange in (connecting, opened, closed):
        exchange.app_raised(error)

    start = ResponseStart(500, [(b"content-type", b"text/plain; charset=utf-8")])
    assert connecting.client_wait_answer() == Denial(start, b"Internal Server Error", error)
    assert opened.client_receive() == Close(1011, "", "app", cause=error)
    assert closed.client_receive() == Close(1000, "", "app")


@pytest.mark.parametrize("state", [S.CLOSED, S.REJECTED, S.DENIED, S.DISCONNECTED])
def test_an_app_may_return_once_either_side_has_ended_it(state: WebSocketState) -> None:
    exchange = exchange_in(state, strict=True)

    exchange.app_returned()

    exchange.client_check()
    assert (exchange.state, exchange.client_wait_over()) == (S.ENDED, True)


# -- sending to a client that has gone ----------------------------------------------------


def refusal_of(exchange: WebSocketExchange) -> ClientDisconnectedError:
    with pytest.raises(ClientDisconnectedError, match="The client has closed") as caught:
        exchange.app_send(text("late"))
    return caught.value


def wrapped(refusal: ClientDisconnectedError) -> Exception:
    """Return it as Starlette does: another exception, raised from it."""
    error = WebSocketDisconnect(1006)
    error.__cause__ = refusal
    return error


def of_two(refusal: ClientDisconnectedError) -> Exception:
    return ExceptionGroup("of two", [refusal, ClientDisconnectedError("again")])


@pytest.mark.parametrize(
    "uncaught", [lambda it: it, wrapped, of_two], ids=["bare", "wrapped", "a group of two"]
)
def test_our_own_refusal_is_no_failure_of_the_app(uncaught: Any) -> None:
    exchange = exchange_in(S.DISCONNECTED, strict=True)
    refusal = refusal_of(exchange)

    exchange.app_raised(uncaught(refusal))

    exchange.client_check()
    assert (exchange.violation, exchange.state) == (None, S.FAILED)


def test_a_bug_where_the_app_handles_the_refusal_is_a_failure_of_the_app() -> None:
    exchange = exchange_in(S.DISCONNECTED)
    bug = KeyError("user")
    bug.__context__ = refusal_of(exchange)

    exchange.app_raised(bug)

    with pytest.raises(KeyError, match="user"):
        exchange.client_check()


def test_a_refusal_beside_an_error_of_the_app_does_not_hide_it() -> None:
    exchange = exchange_in(S.DISCONNECTED)
    refusal = refusal_of(exchange)

    exchange.app_raised(ExceptionGroup("of two", [refusal, ValueError("broken")]))

    with pytest.raises(ExceptionGroup, match="of two"):
        exchange.client_check()


def test_an_exception_after_the_client_has_gone_is_told() -> None:
    exchange = exchange_in(S.DISCONNECTED)

    exchange.app_raised(ValueError("broken"))

    with pytest.raises(ValueError, match="broken"):
        exchange.client_check()


# -- what drivers ask -------------------------------------------------------------------


def test_the_first_moment_of_silence_lies_long_ago() -> None:
    assert exchange_in(S.OPEN).heard_at == 0.0


def test_the_state_is_named_as_in_the_texts() -> None:
    assert [exchange_in(state).state_name for state in S] == [state.value for state in S]
