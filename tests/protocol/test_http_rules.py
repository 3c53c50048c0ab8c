"""Every rule of an HTTP exchange: raised out of `send`, and again on the client side."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from asgi_testkit.errors import ASGIRuleError
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.http_states import HTTPState
from asgi_testkit.protocol.rules import RULES
from tests.protocol.exchanges import (
    DEBUG,
    EARLY_HINT,
    OFFERED,
    body,
    break_by,
    exchange_in,
    http_exchange,
    send_all,
    start,
    trailers,
)

S = HTTPState


class Case(NamedTuple):
    rule: str
    state: HTTPState
    message: Any
    text: str


CASES = [
    Case("H01", S.WAITING, body(b"a"), "'http.response.body' before 'http.response.start'"),
    Case("H01", S.WAITING, body(more=True), "it may: 'http.response.debug', 'http.response.start'"),
    Case("H02", S.STARTED, start(), "'http.response.start' after the response had started"),
    Case("H02", S.STREAMING, start(), "it may: 'http.response.body' with more_body=True,"),
    Case("H02", S.TRAILERS, start(), "it may: 'http.response.trailers' with more_trailers=True,"),
    Case("H03", S.COMPLETE, body(b"a"), "after the response was whole"),
    Case("H03", S.COMPLETE, start(), "In state COMPLETE it may: return."),
    Case("H03", S.TRAILERS, body(), "after the response was whole"),
    Case("H09", S.ENDED, body(b"a"), "after the app call had ended"),
    Case("H09", S.FAILED, start(), "after the app call had ended"),
    Case("H11", S.STARTED, body("text"), "a body that is no bytes: 'text'"),
    Case("H11", S.STARTED, body([b"a"]), "a body that is no bytes: [b'a']"),
    Case("H11", S.STREAMING, body(None), "a body that is no bytes: None"),
    Case("H14", S.WAITING, {}, "a message without a type,"),
    Case("H14", S.WAITING, {"type": None}, "or with one that is no str"),
    Case("H15", S.WAITING, {"type": "http.response.other"}, "of type 'http.response.other'"),
    Case("H15", S.STREAMING, {"type": "other"}, "it may: 'http.response.body' with"),
    Case("H16", S.WAITING, {"type": "websocket.accept"}, "'websocket.accept' on an 'http' scope"),
    Case("H16", S.STARTED, {"type": "lifespan.startup.complete"}, "it may: 'http.response.body'"),
    Case("H18", S.WAITING, None, "something that is no dict: None"),
    Case("H18", S.STARTED, [("type", "http.response.body")], "something that is no dict"),
    Case("H19", S.WAITING, {"type": "http.response.start"}, "without a status"),
    Case("H20", S.WAITING, start(None), "a status that is no int: None"),
    Case("H20", S.WAITING, start("200"), "a status that is no int: '200'"),
    Case("H20", S.WAITING, start(200.0), "a status that is no int: 200.0"),
    Case("H20", S.WAITING, start(True), "a status that is no int: True"),
    Case("H21", S.WAITING, start(99), "a status outside 100-999: 99"),
    Case("H21", S.WAITING, start(1000), "a status outside 100-999: 1000"),
    Case("H23", S.WAITING, start(101), "the informational status 101"),
    Case("H24", S.WAITING, start(headers=[("a", b"b")]), "a header name that is no bytes: 'a'"),
    Case("H25", S.WAITING, start(headers=[(b"a", "b")]), "header b'a' that is no bytes: 'b'"),
    Case("H25", S.WAITING, start(headers=[(b"a", None)]), "header b'a' that is no bytes: None"),
    Case("H28", S.WAITING, start(headers=[(b"a", b"b\r\nc: d")]), "CR, LF or NUL in header b'a'"),
    Case("H29", S.WAITING, start(headers=[(b"a b", b"c")]), "name that is no token: b'a b'"),
    Case("H30", S.WAITING, start(headers=[(b":status", b"200")]), "pseudo header b':status'"),
    Case("H31", S.WAITING, start(headers=None), "headers that are no pairs: None"),
    Case("H31", S.WAITING, start(headers={b"a": b"b"}), "a header that is no pair: bytes of 1"),
    Case("H31", S.WAITING, start(headers=[(b"a", b"b", b"c")]), "a header that is no pair"),
    Case(
        "H31", S.TRAILERS, {**trailers(), "headers": [b"a"]}, "a header that is no pair: bytes of 1"
    ),
    Case("H51", S.WAITING, trailers(), "'http.response.trailers' before 'http.response.start'"),
    Case("H51", S.STARTED, trailers(), "'http.response.trailers' after the response had started"),
    Case("H51", S.STREAMING, trailers(more=True), "after the response had started"),
    Case("H53", S.WAITING, {"type": "http.response.early_hint", "links": []}, "early_hint"),
    Case("H53", S.STARTED, {"type": "http.response.push", "path": "/"}, "'http.response.push'"),
    Case("H53", S.STARTED, {"type": "http.response.pathsend", "path": "/"}, "pathsend"),
    Case("H53", S.STARTED, {"type": "http.response.zerocopysend", "file": 1}, "zerocopysend"),
    Case("H53", S.STREAMING, DEBUG, "'http.response.debug' after the response had started"),
]
each_case = pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.rule}-{case.state.name}-{n}" for n, case in enumerate(CASES)]
)


@each_case
def test_a_broken_rule_is_raised_out_of_send(case: Case) -> None:
    exchange = exchange_in(case.state)

    error = break_by(exchange, case.message)

    assert (error.rule, error.state) == (case.rule, case.state.value)
    assert error.message == (case.message if isinstance(case.message, dict) else None)


@each_case
def test_the_text_says_what_happened_and_names_state_rule_and_source(case: Case) -> None:
    exchange = exchange_in(case.state)

    text = str(break_by(exchange, case.message))

    rule = RULES[case.rule]
    assert case.text in text
    assert case.state.value in text
    assert f"Rule {rule.id} ({rule.source}): {rule.text.removesuffix('.')}" in text
    assert rule.servers.in_words() in text


@each_case
def test_nothing_of_a_message_that_breaks_a_rule_is_taken(case: Case) -> None:
    exchange = exchange_in(case.state)
    before = (exchange.response, exchange.record.acts())

    break_by(exchange, case.message)

    assert (exchange.response, exchange.record.acts()) == before
    assert exchange.state is case.state


@each_case
def test_a_swallowed_violation_comes_out_on_the_client_side(case: Case) -> None:
    exchange = exchange_in(case.state)
    error = break_by(exchange, case.message)
    _drain(exchange)

    for look in (exchange.client_check, exchange.client_receive):
        with pytest.raises(ASGIRuleError, match=f"Rule {case.rule} ") as caught:
            look()
        assert caught.value is error
    assert exchange.violation is error


def _drain(exchange: HTTPExchange) -> None:
    """Read what was sent before: violations come after it."""
    if exchange.response is not None:
        exchange.client_receive()
    exchange.client_take_body()


def test_a_violation_stays_though_the_app_then_answers_in_order() -> None:
    exchange = http_exchange()
    error = break_by(exchange, body(b"early"))
    exchange.app_send(start())
    exchange.app_send(body(b"a"))
    exchange.app_returned()

    with pytest.raises(ASGIRuleError, match="Rule H01 ") as caught:
        exchange.client_check()

    assert caught.value is error
    assert exchange.state is HTTPState.ENDED


def test_a_violation_that_leaves_the_app_is_raised_and_not_as_an_exception_of_the_app() -> None:
    exchange = http_exchange(note="Lifespan did not run.")
    error = break_by(exchange, body(b"early"))
    exchange.app_raised(error)

    with pytest.raises(ASGIRuleError, match="Rule H01 ") as caught:
        exchange.client_check()

    assert caught.value is error
    assert not hasattr(error, "__notes__")


EARLY_RETURNS = [
    (S.WAITING, "H04", "The app returned without starting a response.", "sent 0."),
    (S.STARTED, "H05", "after 'http.response.start' without sending a body.", "sent 1."),
    (S.STREAMING, "H06", "after a body message that said more_body=True.", "sent 2."),
]


@pytest.mark.parametrize(("state", "rule", "what", "sent"), EARLY_RETURNS)
def test_an_early_return_is_a_violation_that_says_what_had_crossed(
    state: HTTPState, rule: str, what: str, sent: str
) -> None:
    exchange = exchange_in(state)
    exchange.app_receive()
    exchange.app_returned()
    _drain(exchange)

    with pytest.raises(ASGIRuleError, match=f"Rule {rule} ") as caught:
        exchange.client_receive()

    error = caught.value
    assert (error.rule, error.state, error.message) == (rule, state.value, None)
    assert what in str(error)
    assert f"It had received 1 message(s) ('http.request') and {sent}" in str(error)


def test_a_mapping_that_is_no_dict_is_a_message() -> None:
    exchange = http_exchange()

    exchange.app_send(MappingProxyType(start()))  # type: ignore[arg-type]

    assert exchange.state is HTTPState.STARTED


def test_trailers_after_the_body_of_a_response_that_declared_none_break_h51() -> None:
    exchange = exchange_in(HTTPState.COMPLETE)

    error = break_by(exchange, trailers((b"x-sum", b"1")))

    assert error.rule == "H51"


def test_debug_breaks_h53_where_it_is_not_offered() -> None:
    exchange = http_exchange(extensions=())

    error = break_by(exchange, DEBUG)

    assert error.rule == "H53"


def test_declared_trailers_break_h53_where_they_are_not_offered() -> None:
    exchange = http_exchange(extensions=())
    send_all(exchange, start(trailers=True), body())

    error = break_by(exchange, trailers((b"x-sum", b"1")))

    assert error.rule == "H53"


@pytest.mark.parametrize(
    "links", [None, "text", 3, b"</a.css>", ["</a.css>"], [3], [(b"a", b"b")]], ids=repr
)
def test_links_of_early_hints_that_are_no_list_of_bytes_break_the_rule_of_header_values(
    links: Any,
) -> None:
    exchange = http_exchange(extensions=OFFERED)

    error = break_by(exchange, {**EARLY_HINT, "links": links})

    assert (error.rule, error.state, exchange.early_hints) == ("H25", "WAITING", ())
    assert "early hints whose 'links' are no bytes" in str(error)
