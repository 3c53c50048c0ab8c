"""Every rule of a WebSocket exchange: raised out of `send`, and again on the client side."""

from __future__ import annotations

from contextlib import suppress
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.rules import RULES
from asgi_testkit.protocol.websocket import WebSocketExchange
from asgi_testkit.protocol.websocket_events import Accept, Close, Denial
from asgi_testkit.protocol.websocket_states import WebSocketState
from tests.protocol.websocket_exchanges import (
    accept,
    break_by,
    client_receives_all,
    close,
    data,
    denial_body,
    denial_start,
    exchange_in,
    send_all,
    text,
    websocket_exchange,
)

S = WebSocketState

HTTP_START = {"type": "http.response.start", "status": 401, "headers": []}


class Case(NamedTuple):
    rule: str
    state: WebSocketState
    message: Any
    text: str


CASES = [
    Case("W01", S.CONNECTING, text("a"), "'websocket.send' before it had accepted"),
    Case("W01", S.CONNECTING, text("a"), "it may: 'websocket.accept', 'websocket.close'"),
    Case("W02", S.OPEN, accept(), "'websocket.accept' after it had accepted"),
    Case("W02", S.OPEN, accept(), "it may: 'websocket.send', 'websocket.close'"),
    Case("W02", S.CLOSED, accept(), "'websocket.accept' after 'websocket.close'"),
    Case("W03", S.CLOSED, text("a"), "'websocket.send' after 'websocket.close'"),
    Case("W03", S.CLOSED, text("a"), "In state CLOSED it may: return."),
    Case("W03", S.REJECTED, data(b"a"), "after it had rejected the connection"),
    Case("W04", S.CLOSED, close(), "'websocket.close' after 'websocket.close'"),
    Case("W04", S.REJECTED, close(), "after it had rejected the connection"),
    Case("W05", S.REJECTED, accept(), "'websocket.accept' after it had rejected the connection"),
    Case("W09", S.OPEN, {**text("a"), "bytes": b"a"}, "with both 'bytes' and 'text'"),
    Case("W10", S.OPEN, {"type": "websocket.send"}, "with neither 'bytes' nor 'text'"),
    Case("W10", S.OPEN, {**text(None), "bytes": None}, "with neither 'bytes' nor 'text'"),
    Case("W11", S.OPEN, data("a"), "'bytes' that are no bytes: 'a'"),
    Case("W11", S.OPEN, text(b"a"), "a 'text' that is no str: b'a'"),
    Case("W11", S.OPEN, text(7), "a 'text' that is no str: 7"),
    Case("W12", S.OPEN, data(bytearray(b"a")), "a bytearray as 'bytes'"),
    Case("W12", S.OPEN, data(memoryview(b"a")), "a memoryview as 'bytes'"),
    Case("W13", S.OPEN, text("\udc80"), r"text that is not Unicode: '\udc80'"),
    Case("W15", S.CONNECTING, accept(subprotocol="b"), "subprotocol 'b'; the client offered ['a']"),
    Case("W15", S.CONNECTING, accept(subprotocol=b"a"), "the subprotocol b'a'"),
    Case("W15", S.CONNECTING, accept(subprotocol=""), "the subprotocol ''"),
    Case("W16", S.CONNECTING, accept(headers=[("a", "b")]), "header name that is no bytes: 'a'"),
    Case("W16", S.CONNECTING, accept(headers=[(b"a", b"b\r\nc: d")]), "CR, LF or NUL"),
    Case("W16", S.CONNECTING, accept(headers=None), "headers that are no pairs: None"),
    Case("W17", S.CONNECTING, accept(headers=[(b"sec-websocket-protocol", b"a")]), "Use its"),
    Case("W18", S.CONNECTING, accept(headers=[(b"x-a", b"1")]), "'websocket.accept': x-a."),
    Case("W19", S.OPEN, close(code=0), "the close code 0."),
    Case("W19", S.OPEN, close(code=1005), "the close code 1005."),
    Case("W19", S.OPEN, close(code=70000), "the close code 70000."),
    Case("W20", S.OPEN, close(code=1001), "the close code 1001."),
    Case("W21", S.OPEN, close(code=None), "a close code that is no int: None"),
    Case("W21", S.OPEN, close(code="1000"), "a close code that is no int: '1000'"),
    Case("W22", S.OPEN, close(reason="x" * 124), "a close reason of 124 bytes"),
    Case("W22", S.OPEN, close(reason=b"bye"), "a close reason that is no str: b'bye'"),
    Case("W23", S.CONNECTING, {"type": "websocket.other"}, "of type 'websocket.other'"),
    Case("W23", S.OPEN, {"type": "websocket.other"}, "it may: 'websocket.send',"),
    Case("W23", S.OPEN, {"type": "websocket.receive"}, "of type 'websocket.receive'"),
    Case("W23", S.OPEN, {"type": "lifespan.startup.complete"}, "'lifespan.startup.complete'"),
    Case("W23", S.OPEN, {"text": "a"}, "The app sent a message, which has no type."),
    Case("W23", S.OPEN, {"type": 7}, "Message: {'type': 7}"),
    Case("W23", S.CONNECTING, None, "The app sent None, which has no type."),
    Case("W23", S.CONNECTING, [("type", "websocket.accept")], "which has no type."),
    Case("W24", S.CONNECTING, HTTP_START, "'http.response.start' on a 'websocket' scope"),
    Case("W24", S.OPEN, {"type": "http.response.body"}, "it may: 'websocket.send',"),
    Case("W28", S.CONNECTING, denial_body(), "'websocket.http.response.body' before it had"),
    Case("W28", S.CONNECTING, denial_body(more=True), "it may: 'websocket.accept',"),
    Case("W28", S.OPEN, denial_start(), "'websocket.http.response.start' after it had accepted"),
    Case("W28", S.CLOSED, denial_start(), "after 'websocket.close'"),
    Case("W28", S.REJECTED, denial_start(), "after it had rejected the connection"),
    Case("W28", S.DENYING, accept(), "'websocket.accept' amid its denial response"),
    Case("W28", S.DENYING, close(), "'websocket.close' amid its denial response"),
    Case("W28", S.DENYING, denial_start(), "it may: 'websocket.http.response.body' with more_body"),
    Case("W28", S.DENIED, accept(), "'websocket.accept' after its denial response"),
    Case("W28", S.DENIED, denial_start(), "'websocket.http.response.start' after its denial"),
    Case("W28", S.DENIED, close(), "In state DENIED it may: return."),
    Case("W29", S.CONNECTING, denial_start(101), "the informational status 101"),
    Case("W29", S.CONNECTING, denial_start("401"), "a status that is no int: '401'"),
    Case("W29", S.CONNECTING, denial_start(99), "a status outside 100-999: 99"),
    Case("W29", S.CONNECTING, denial_start(401, [("a", "b")]), "a header name that is no bytes"),
    Case("W29", S.CONNECTING, denial_start(401, None), "headers that are no pairs: None"),
    Case(
        "W29",
        S.CONNECTING,
        {"type": "websocket.http.response.start", "headers": []},
        "'websocket.http.response.start' without a status",
    ),
    Case("W29", S.DENYING, denial_body("text"), "a body that is no bytes: 'text'"),
    Case("W29", S.DENYING, denial_body(None), "a body that is no bytes: None"),
    Case(
        "W30",
        S.CONNECTING,
        {"type": "websocket.http.response.start", "status": 401},
        "'websocket.http.response.start' without 'headers'",
    ),
    Case("W30", S.DENYING, {"type": "websocket.http.response.body"}, "without 'body'"),
    Case("W30", S.DENYING, denial_body(more=True), "denial response in several body messages"),
    Case("H09", S.ENDED, text("late"), "'websocket.send' after the app call had ended"),
    Case("H09", S.FAILED, accept(), "'websocket.accept' after the app call had ended"),
]
each_case = pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.rule}-{case.state.name}-{n}" for n, case in enumerate(CASES)]
)


def exchange_for(case: Case, **options: Any) -> WebSocketExchange:
    """Return an exchange in the state of a case, in which W rules raise too."""
    return exchange_in(case.state, **{"strict": True, "subprotocols": ("a",), **options})


@each_case
def test_a_broken_rule_is_raised_out_of_send(case: Case) -> None:
    exchange = exchange_for(case)

    error = break_by(exchange, case.message)

    assert (error.rule, error.state) == (case.rule, case.state.value)
    assert error.message == (case.message if isinstance(case.message, dict) else None)


@each_case
def test_the_text_says_what_happened_and_names_state_rule_and_source(case: Case) -> None:
    exchange = exchange_for(case)

    error_text = str(break_by(exchange, case.message))

    rule = RULES[case.rule]
    assert case.text in error_text
    assert case.state.value in error_text
    assert f"Rule {rule.id} ({rule.source}): {rule.text.removesuffix('.')}" in error_text
    assert rule.servers.in_words() in error_text


@each_case
def test_nothing_of_a_message_that_breaks_a_rule_is_taken(case: Case) -> None:
    exchange = exchange_for(case)
    before = (exchange.accepted, exchange.close, exchange.record.acts())

    break_by(exchange, case.message)

    assert (exchange.accepted, exchange.close, exchange.record.acts()) == before
    assert (exchange.state, exchange.client_has_messages()) == (case.state, False)


@each_case
def test_a_swallowed_violation_comes_out_on_the_client_side_once(case: Case) -> None:
    exchange = exchange_for(case)
    error = break_by(exchange, case.message)

    with pytest.raises(ASGIRuleError, match=f"Rule {case.rule} ") as caught:
        exchange.client_check()

    exchange.client_check()
    assert caught.value is error
    assert (exchange.violation, exchange.failure_is_raised) == (error, True)


@each_case
def test_at_lowest_strictness_a_rule_of_level_e_warns_and_one_of_level_w_passes(
    case: Case,
) -> None:
    exchange = exchange_for(case, strict=False)

    exchange.app_send(case.message)

    rule = RULES[case.rule]
    assert [told.rule for told in exchange.warned] == ([rule.id] if rule.level == "E" else [])
    assert exchange.violation is None


@each_case
def test_an_ignored_rule_leaves_no_trace(case: Case) -> None:
    exchange = exchange_for(case, ignored=(case.rule,))

    exchange.app_send(case.message)

    assert (exchange.violation, exchange.warned) == (None, [])


def test_every_rule_that_a_message_can_break_is_broken_here() -> None:
    no_message = {"W06", "W07", "W08", "W14", "W25", "W26", "W27", "W31", "W32", "W33", "W35"}
    elsewhere = {"W34"}
    known = {rule for rule in RULES if rule.startswith("W")}

    assert known - no_message - elsewhere == {case.rule for case in CASES} - {"H09"}


def test_an_accept_before_connect_was_received_breaks_w34() -> None:
    exchange = websocket_exchange(strict=True, has_connect=False)

    error = break_by(exchange, accept())

    assert (error.rule, error.state, exchange.accepted) == ("W34", "CONNECTING", None)


def test_an_app_that_returns_something_breaks_w35() -> None:
    exchange = exchange_in(S.CLOSED)

    exchange.app_returned("done")

    [told] = exchange.warned
    assert (told.rule, exchange.violation) == ("W35", None)
    assert str(told).startswith("The app returned 'done'.")


# -- where a violation is seen ------------------------------------------------------------


def test_a_violation_before_the_answer_comes_out_of_the_handshake() -> None:
    exchange = websocket_exchange()
    error = break_by(exchange, text("early"))

    with pytest.raises(ASGIRuleError, match="Rule W01 ") as caught:
        exchange.client_wait_answer()

    assert caught.value is error


def test_a_violation_comes_after_the_messages_that_were_sent_before_it() -> None:
    exchange = exchange_in(S.OPEN)
    send_all(exchange, text("one"), text("two"))
    break_by(exchange, accept())

    seen = [exchange.client_receive(), exchange.client_receive()]

    assert seen == ["one", "two"]
    with pytest.raises(ASGIRuleError, match="Rule W02 "):
        exchange.client_receive()


def test_a_violation_comes_before_the_close_that_followed_it() -> None:
    exchange = exchange_in(S.OPEN)
    break_by(exchange, accept())
    exchange.app_send(close())

    with pytest.raises(ASGIRuleError, match="Rule W02 "):
        exchange.client_receive()

    assert exchange.client_receive() == Close(1000, "", "app")


def test_a_violation_stays_though_the_app_then_closes_in_order() -> None:
    exchange = websocket_exchange()
    error = break_by(exchange, text("early"))
    send_all(exchange, accept(), close())
    exchange.app_returned()

    with pytest.raises(ASGIRuleError, match="Rule W01 ") as caught:
        exchange.client_check()

    assert caught.value is error
    assert exchange.state is S.ENDED


def test_a_violation_that_leaves_the_app_is_raised_and_not_as_an_exception_of_the_app() -> None:
    exchange = exchange_in(S.OPEN, note="Lifespan did not run.")
    error = break_by(exchange, accept())
    exchange.app_raised(error)

    with pytest.raises(ASGIRuleError, match="Rule W02 ") as caught:
        exchange.client_receive()

    assert caught.value is error
    assert not hasattr(error, "__notes__")


def test_the_first_of_two_violations_is_the_one_that_is_raised() -> None:
    exchange = exchange_in(S.OPEN)
    first = break_by(exchange, accept())
    break_by(exchange, text(7))

    with pytest.raises(ASGIRuleError, match="Rule W02 ") as caught:
        exchange.client_check()

    assert caught.value is first


@pytest.mark.parametrize("strict", [True, "warn", False])
def test_a_broken_rule_of_a_silent_server_error_is_raised_all_the_same(strict: Any) -> None:
    exchange = websocket_exchange(strict=strict, raise_server_exceptions=False)

    with suppress(ASGIRuleError):
        exchange.app_send(text("early"))

    raised = exchange.violation is not None
    assert raised is (strict is not False)
    if raised:
        with pytest.raises(ASGIRuleError, match="Rule W01 "):
            exchange.client_wait_answer()


# -- returning too early ------------------------------------------------------------------

EARLY_RETURNS = [
    (S.CONNECTING, "W07", "The app returned without answering 'websocket.connect'."),
    (
        S.OPEN,
        "W08",
        "The app returned without sending 'websocket.close'.",
    ),
    (S.DENYING, "W28", "The app returned before its denial response was whole."),
]


@pytest.mark.parametrize(("state", "rule", "what"), EARLY_RETURNS)
def test_an_early_return_is_a_violation_that_says_what_was_missing(
    state: WebSocketState, rule: str, what: str
) -> None:
    exchange = exchange_in(state)
    exchange.app_returned()

    with pytest.raises(ASGIRuleError, match=f"Rule {rule} ") as caught:
        exchange.client_check()

    error = caught.value
    assert (error.rule, error.state, error.message) == (rule, state.value, None)
    assert str(error).startswith(f"{what}\nIn state {state.value} it may: 'websocket.")


def test_an_early_return_that_only_warns_shows_what_the_wire_would_show() -> None:
    connecting, opened, denying = (exchange_in(state, strict=False) for state, *_ in EARLY_RETURNS)

    for exchange in (connecting, opened, denying):
        exchange.app_returned()

    server_error = ResponseStart(500, [(b"content-type", b"text/plain; charset=utf-8")])
    denial = Denial(server_error, b"Internal Server Error")
    assert [connecting.client_wait_answer(), denying.client_wait_answer()] == [denial, denial]
    assert opened.client_receive() == Close(1006, "", "app")


@pytest.mark.parametrize("rule", ["W07", "W28"])
def test_an_early_return_that_is_ignored_is_an_answer_of_500(rule: str) -> None:
    exchange = exchange_in(
        S.CONNECTING if rule == "W07" else S.DENYING, strict=True, ignored=(rule,)
    )

    exchange.app_returned()

    answer = exchange.client_wait_answer()
    assert isinstance(answer, Denial)
    assert answer.start.status == 500


# -- where rules let pass -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        ({**text("a"), "bytes": b"b"}, b"b"),
        ({"type": "websocket.send"}, ""),
        (data("a"), b"a"),
        (data(bytearray(b"a")), b"a"),
        (text(b"a"), "b'a'"),
        (text(7), "7"),
        (text("\ud800"), "\ud800"),
        (close(code=70000), Close(70000, "", "app")),
        (close(code=None), Close(1005, "", "app")),
        (close(reason=b"bye"), Close(1000, "b'bye'", "app")),
    ],
    ids=repr,
)
def test_what_a_lenient_client_lets_pass_arrives_as_well_as_it_can(
    message: dict[str, Any], seen: object
) -> None:
    exchange = exchange_in(S.OPEN, strict=False)

    exchange.app_send(message)

    assert client_receives_all(exchange) == [seen]


def test_an_accept_that_a_lenient_client_lets_pass_is_an_accept() -> None:
    exchange = websocket_exchange(strict=False)

    exchange.app_send(accept(subprotocol=b"a", headers=[("x-a", "1")]))

    assert exchange.client_wait_answer() == Accept("b'a'", [(b"x-a", b"1")])
    assert [told.rule for told in exchange.warned] == ["W15", "W16"]


def test_a_denial_that_a_lenient_client_lets_pass_is_a_denial() -> None:
    exchange = websocket_exchange(strict=False)

    send_all(exchange, denial_start("401", [("x-a", "1")]), denial_body("no"))

    assert exchange.client_wait_answer() == Denial(ResponseStart(500, [(b"x-a", b"1")]), b"no")
    assert [told.rule for told in exchange.warned] == ["W29"]


def test_a_denial_of_text_that_cannot_be_encoded_is_taken_by_a_lenient_client() -> None:
    exchange = websocket_exchange(strict=False)

    send_all(exchange, denial_start(), denial_body("\ud800"))

    answer = exchange.client_wait_answer()
    assert isinstance(answer, Denial)
    assert (answer.body, exchange.state) == (b"?", S.DENIED)
    assert [told.rule for told in exchange.warned] == ["W29"]


@pytest.mark.parametrize("state", [S.CLOSED, S.REJECTED])
def test_a_second_close_warns_and_the_first_one_counts(state: WebSocketState) -> None:
    exchange = exchange_in(state)
    first = exchange.close

    exchange.app_send(close(code=4000, reason="again"))

    assert exchange.close is first
    assert [told.rule for told in exchange.warned] == ["W04"]


def test_a_mapping_that_is_no_dict_is_a_message() -> None:
    exchange = websocket_exchange()

    exchange.app_send(MappingProxyType(accept()))  # type: ignore[arg-type]

    assert exchange.state is S.OPEN


def test_a_denial_breaks_h53_where_it_is_not_offered() -> None:
    exchange = websocket_exchange(extensions=())

    error = break_by(exchange, denial_start())

    assert error.rule == "H53"
    assert "'websocket.http.response', which its scope does not offer" in str(error)
    assert "it may: 'websocket.accept', 'websocket.close', return" not in str(error)
    assert "it may: 'websocket.accept', 'websocket.close'." in str(error)
