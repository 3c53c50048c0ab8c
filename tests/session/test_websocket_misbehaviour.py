"""Every misbehaving WebSocket app of the table fails its test, or warns; none hangs."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import pytest

from asgi_testkit import (
    ASGIRuleError,
    ASGIRuleWarning,
    TestClient,
    WebSocketDenialResponse,
    WebSocketDisconnect,
)
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import http_app
from tests.apps.scripted import raising, received, sending, until_disconnect
from tests.modes import OpenClient
from tests.protocol.websocket_exchanges import accept, close, data, denial_body, denial_start, text

SECONDS = 2  # a hang would end as a StallError, which no test here expects

# -- rules of level E ---------------------------------------------------------------------


class Case(NamedTuple):
    rule: str
    name: str
    messages: tuple[Any, ...]
    returns: bool = False


HTTP_START = {"type": "http.response.start", "status": 401, "headers": []}
HTTP_BODY = {"type": "http.response.body", "body": b"no"}
DENIAL = (denial_start(), denial_body(b"no"))
CODES = (0, 999, 1004, 1005, 1006, 1015, 2000, 5000, 70000)

# Offered is the subprotocol "chat", except in the case that says otherwise.
NONE_OFFERED = "ws_subprotocol_none_offered"

ERRORS = [
    Case("W01", "ws_send_before_accept", (text("a"), accept(), close())),
    Case("W02", "ws_accept_twice", (accept(), accept())),
    Case("W03", "ws_send_after_close", (accept(), close(), text("a"))),
    Case("W05", "ws_accept_after_reject", (close(), accept())),
    Case("W07", "ws_return_before_accept", (), returns=True),
    Case("W08", "ws_return_after_accept", (accept(),), returns=True),
    Case("W10", "ws_neither", (accept(), {"type": "websocket.send"})),
    Case("W10", "ws_both_none", (accept(), {**text(None), "bytes": None})),
    Case("W11", "ws_bytes_is_str", (accept(), data("a"))),
    Case("W11", "ws_text_is_bytes", (accept(), text(b"a"))),
    Case("W11", "ws_text_is_int", (accept(), text(7))),
    Case("W13", "ws_text_surrogate", (accept(), text("\ud800"))),
    Case("W15", "ws_subprotocol_not_offered", (accept(subprotocol="other"),)),
    Case("W15", NONE_OFFERED, (accept(subprotocol="chat"),)),
    Case("W15", "ws_subprotocol_bytes", (accept(subprotocol=b"chat"),)),
    Case("W15", "ws_subprotocol_empty", (accept(subprotocol=""),)),
    Case("W16", "ws_accept_headers_str", (accept(headers=[("x-a", "1")]),)),
    Case("W16", "ws_accept_headers_crlf", (accept(headers=[(b"x-a", b"1\r\nx-b: 2")]),)),
    Case("W16", "ws_accept_headers_none", (accept(headers=None),)),
    Case(
        "W17",
        "ws_accept_headers_protocol",
        (accept(headers=[(b"sec-websocket-protocol", b"chat")]),),
    ),
    *[Case("W19", f"ws_close_{code}", (accept(), close(code=code))) for code in CODES],
    Case("W21", "ws_close_none", (accept(), close(code=None))),
    Case("W21", "ws_close_str", (accept(), close(code="1000"))),
    Case("W22", "ws_close_reason_long", (accept(), close(reason="x" * 124))),
    Case("W22", "ws_close_reason_bytes", (accept(), close(reason=b"bye"))),
    Case("W23", "ws_type_unknown", (accept(), {"type": "websocket.nonsense"})),
    Case("W23", "ws_type_unknown_before", ({"type": "websocket.nonsense"},)),
    Case("W23", "ws_type_missing", (accept(), {"text": "a"})),
    Case("W24", "ws_http_response", (HTTP_START, HTTP_BODY)),
    Case("W28", "ws_deny_start_only", (denial_start(),), returns=True),
    Case("W28", "ws_deny_body_first", (denial_body(b"no"),)),
    Case("W28", "ws_deny_then_accept", (*DENIAL, accept())),
    Case("W28", "ws_deny_start_then_accept", (denial_start(), accept())),
    Case("W28", "ws_deny_twice", (*DENIAL, *DENIAL)),
    Case("W28", "ws_deny_after_accept", (accept(), *DENIAL)),
    Case("W29", "ws_deny_status_101", (denial_start(101), denial_body())),
    Case("W29", "ws_deny_headers_str", (denial_start(401, [("x-a", "1")]), denial_body())),
    Case("W29", "ws_deny_body_str", (denial_start(), denial_body("no"))),
]

each_error = pytest.mark.parametrize("case", ERRORS, ids=lambda case: f"{case.rule}-{case.name}")


@each_error
@pytest.mark.parametrize("way", ["uncaught", "swallowed", "swallowed, slowly"])
async def test_broken_rule_of_level_e_fails_the_test(
    open_client: OpenClient, case: Case, way: str
) -> None:
    async def pause() -> None:
        if way == "swallowed, slowly":
            await open_client.sleep_in_app(0.005)

    app = sending(*case.messages, swallows=way != "uncaught", pause=pause, returns=case.returns)
    offers = [] if case.name == NONE_OFFERED else ["chat"]

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(ASGIRuleError, match=f"Rule {case.rule} ") as caught:
            async with client.websocket_connect("/", offers) as ws:
                await received(ws)

    assert caught.value.rule == case.rule


@pytest.mark.parametrize(
    "case",
    [case for case in ERRORS if not case.returns],
    ids=lambda case: f"{case.rule}-{case.name}",
)
async def test_broken_rule_of_level_e_fails_the_test_though_the_app_goes_on_in_order(
    open_client: OpenClient, case: Case
) -> None:
    is_open = case.messages[:1] == (accept(),)
    rest = (text("hello"), close()) if is_open else (accept(), text("hello"), close())
    app = sending(*case.messages, *rest, swallows=True)
    offers = [] if case.name == NONE_OFFERED else ["chat"]

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(ASGIRuleError, match=f"Rule {case.rule} "):
            async with client.websocket_connect("/", offers) as ws:
                await received(ws)


async def test_app_that_breaks_a_rule_fails_a_test_that_only_enters_and_leaves(
    open_client: OpenClient,
) -> None:
    app = sending(accept(), accept(), swallows=True)

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(ASGIRuleError, match="Rule W02 "):
            async with client.websocket_connect("/"):
                pass


async def test_what_the_app_sent_before_it_broke_a_rule_can_be_received(
    open_client: OpenClient,
) -> None:
    app = sending(accept(), text("one"), data(b"two"), text(3))

    async with (
        open_client(app, timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        messages = [await ws.receive_text(), await ws.receive_bytes()]
        with pytest.raises(ASGIRuleError, match="Rule W11 "):
            await ws.receive_text()

    assert messages == ["one", b"two"]


async def test_broken_rule_is_told_once_and_not_again_on_leaving(open_client: OpenClient) -> None:
    app = sending(accept(), text(7), swallows=True)

    async with (
        open_client(app, timeout=SECONDS) as client,
        client.websocket_connect("/") as ws,
    ):
        with pytest.raises(ASGIRuleError, match="Rule W11 "):
            await ws.receive_text()


# -- exceptions of the app ----------------------------------------------------------------


class BrokenError(Exception):
    pass


EXCEPTIONS = [
    Case("W25", "ws_exc_before_accept", ()),
    Case("W26", "ws_exc_after_accept", (accept(),)),
    Case("W27", "ws_exc_after_reject", (close(),)),
    Case("W27", "ws_exc_after_denial", DENIAL),
    Case("W27", "ws_exc_after_close", (accept(), close())),
]


@pytest.mark.parametrize("speed", ["at once", "later"])
@pytest.mark.parametrize("case", EXCEPTIONS, ids=lambda case: f"{case.rule}-{case.name}")
async def test_exception_of_the_app_reaches_the_test_as_itself(
    open_client: OpenClient, case: Case, speed: str
) -> None:
    async def pause() -> None:
        if speed == "later":
            await open_client.sleep_in_app(0.02)

    broken = BrokenError("as it was raised")
    app = raising(broken, *case.messages, pause=pause)

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(BrokenError, match="as it was raised") as caught:
            async with client.websocket_connect("/") as ws:
                await received(ws)

    assert caught.value is broken


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), SystemExit(3), KeyboardInterrupt()], ids=repr
)
async def test_exception_that_would_end_a_server_reaches_the_test_as_itself(
    open_client: OpenClient, error: BaseException
) -> None:
    app = raising(error, accept())  # asyncio's: ws_exc_cancelled

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(type(error)) as caught:
            async with client.websocket_connect("/") as ws:
                await received(ws)

    assert caught.value is error


async def test_exception_while_the_app_cleans_up_is_raised_on_leaving(
    open_client: OpenClient,
) -> None:
    broken = BrokenError("as it was raised")

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(accept())
        await until_disconnect(receive)
        raise broken

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(BrokenError, match="as it was raised") as caught:
            async with client.websocket_connect("/"):
                pass

    assert caught.value is broken


@pytest.mark.parametrize(
    ("messages", "error", "code"),
    [
        ((), WebSocketDenialResponse, 1006),
        ((accept(),), WebSocketDisconnect, 1011),
        ((accept(), close(code=4000)), WebSocketDisconnect, 4000),
        ((close(),), WebSocketDisconnect, 1000),
    ],
    ids=["W25", "W26", "W27 after close", "W27 after reject"],
)
async def test_exception_is_what_the_wire_would_show_where_the_client_is_told_so(
    open_client: OpenClient, messages: tuple[Any, ...], error: type[Any], code: int
) -> None:
    app = raising(BrokenError("unseen"), *messages)
    options = {"timeout": SECONDS, "raise_server_exceptions": False}

    async with open_client(app, **options) as client:
        with pytest.raises(error, match="The app ") as caught:
            async with client.websocket_connect("/") as ws:
                await ws.receive_text()

    assert caught.value.code == code


# -- rules of level W ---------------------------------------------------------------------


class Warned(NamedTuple):
    rule: str
    name: str
    messages: tuple[Any, ...]
    arrived: list[Any]


WARNED = [
    Warned("W04", "ws_close_twice", (accept(), text("a"), close(), close(code=4000)), ["a"]),
    Warned("W09", "ws_both", (accept(), {**text("a"), "bytes": b"b"}, close()), [b"b"]),
    Warned("W12", "ws_bytes_bytearray", (accept(), data(bytearray(b"a")), close()), [b"a"]),
    Warned("W12", "ws_bytes_memoryview", (accept(), data(memoryview(b"a")), close()), [b"a"]),
    Warned("W18", "ws_accept_headers", (accept(headers=[(b"x-a", b"1")]), close()), []),
    Warned("W20", "ws_close_1001", (accept(), text("a"), close(code=1001)), ["a"]),
    Warned("W20", "ws_close_1012", (accept(), text("a"), close(code=1012)), ["a"]),
]
WARNED_RULES = sorted({case.rule for case in WARNED})
each_warned = pytest.mark.parametrize(
    "case", WARNED, ids=[f"{case.rule}-{case.name}" for case in WARNED]
)


@each_warned
async def test_broken_rule_of_level_w_warns_and_all_else_goes_on(
    open_client: OpenClient, case: Warned
) -> None:
    async with open_client(sending(*case.messages), timeout=SECONDS) as client:
        with pytest.warns(ASGIRuleWarning, match=f"Rule {case.rule} ") as warnings:
            async with client.websocket_connect("/") as ws:
                arrived = await received(ws)

    assert (arrived, len(warnings)) == (case.arrived, 1)
    assert ws.close_code in (1000, *(message.get("code") for message in case.messages))


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_warning_points_at_the_tests_line(driver: Any) -> None:
    app = sending(accept(), {**text("a"), "bytes": b"b"}, close())
    client = TestClient(app, driver=driver, timeout=SECONDS)

    with (
        pytest.warns(ASGIRuleWarning, match="Rule W09 ") as warnings,
        client.websocket_connect("/") as ws,
    ):
        arrived = list(ws)

    assert arrived == [b"b"]
    assert [warning.filename for warning in warnings] == [__file__]


async def test_accept_before_connect_was_received_warns(open_client: OpenClient) -> None:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(accept())
        await send(close())

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule W34 ") as warnings:
            async with client.websocket_connect("/") as ws:
                await received(ws)

    assert len(warnings) == 1


async def test_app_that_returns_something_warns(open_client: OpenClient) -> None:
    inner = sending(accept(), close())

    async def app(scope: Scope, receive: Receive, send: Send) -> object:
        await inner(scope, receive, send)
        return "done" if scope["type"] == "websocket" else None

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule W35 ") as warnings:
            async with client.websocket_connect("/") as ws:
                await received(ws)

    assert str(warnings[0].message).startswith("The app returned 'done'.\nApp: tests/session/")


async def receive_two_and_raise(client: Any) -> None:
    async with client.websocket_connect("/") as ws:
        await ws.receive_bytes()
        await ws.receive_bytes()
        raise KeyError("of the test")


async def test_warning_beside_an_error_of_the_test_is_a_note_on_it(
    open_client: OpenClient,
) -> None:
    app = sending(accept(), data(bytearray(b"a")), {**text("b"), "bytes": b"b"})

    async with open_client(app, timeout=SECONDS) as client:
        with pytest.raises(KeyError, match="of the test") as caught:
            await receive_two_and_raise(client)

    told = [note.partition("\n")[0] for note in getattr(caught.value, "__notes__", [])]
    assert told == [
        "The app sent a bytearray as 'bytes'.",
        "The app sent a 'websocket.send' with both 'bytes' and 'text'.",
    ]


async def test_warning_beside_an_error_of_the_test_is_given_where_warnings_are_no_errors(
    open_client: OpenClient,
) -> None:
    app = sending(accept(), data(bytearray(b"a")), data(b"b"))

    async with open_client(app, timeout=SECONDS) as client:
        with (
            pytest.warns(ASGIRuleWarning, match="Rule W12 "),
            pytest.raises(KeyError, match="of the test") as caught,
        ):
            await receive_two_and_raise(client)

    assert getattr(caught.value, "__notes__", []) == []


async def test_second_close_of_a_rejection_warns(open_client: OpenClient) -> None:
    async with open_client(sending(close(), close()), timeout=SECONDS) as client:
        with (
            pytest.warns(ASGIRuleWarning, match="Rule W04 "),
            pytest.raises(WebSocketDisconnect, match="HTTP 403"),
        ):
            async with client.websocket_connect("/"):
                pass


# -- strict and ignore_rules --------------------------------------------------------------


@each_warned
async def test_broken_rule_of_level_w_fails_a_strict_test(
    open_client: OpenClient, case: Warned
) -> None:
    app = sending(*case.messages, swallows=True)

    async with open_client(app, timeout=SECONDS, strict=True) as client:
        with pytest.raises(ASGIRuleError, match=f"Rule {case.rule} "):
            async with client.websocket_connect("/") as ws:
                await received(ws)


@each_warned
@pytest.mark.parametrize(
    "options", [{"strict": False}, {"ignore_rules": {case.rule for case in WARNED}}]
)
async def test_broken_rule_of_level_w_can_be_let_pass(
    open_client: OpenClient, case: Warned, options: dict[str, Any]
) -> None:
    async with (
        open_client(sending(*case.messages), timeout=SECONDS, **options) as client,
        client.websocket_connect("/") as ws,
    ):
        arrived = await received(ws)

    assert arrived == case.arrived


LENIENT = [
    Case("W01", "ws_send_before_accept", (text("early"), accept(), text("a"), close())),
    Case("W02", "ws_accept_twice", (accept(), accept(), text("a"), close())),
    Case("W03", "ws_send_after_close", (accept(), text("a"), close(), text("late"))),
    Case("W08", "ws_return_after_accept", (accept(), text("a")), returns=True),
    Case("W11", "ws_bytes_is_str", (accept(), data("a"), close())),
    Case("W15", "ws_subprotocol_not_offered", (accept(subprotocol="b"), text("a"), close())),
    Case("W19", "ws_close_70000", (accept(), text("a"), close(code=70000))),
    Case("W23", "ws_type_unknown", (accept(), {"type": "nonsense"}, text("a"), close())),
]
each_lenient = pytest.mark.parametrize(
    "case", LENIENT, ids=[f"{case.rule}-{case.name}" for case in LENIENT]
)


@each_lenient
async def test_broken_rule_of_level_e_warns_in_a_lenient_test(
    open_client: OpenClient, case: Case
) -> None:
    app = sending(*case.messages, returns=case.returns)

    async with open_client(app, timeout=SECONDS, strict=False) as client:
        with pytest.warns(ASGIRuleWarning, match=f"Rule {case.rule} ") as warnings:
            async with client.websocket_connect("/") as ws:
                arrived = await received(ws)

    assert arrived in (["a"], [b"a"])
    assert len(warnings) == 1


@each_lenient
async def test_ignored_rule_of_level_e_is_let_pass(open_client: OpenClient, case: Case) -> None:
    app = sending(*case.messages, returns=case.returns)

    async with (
        open_client(app, timeout=SECONDS, strict=True, ignore_rules={case.rule}) as client,
        client.websocket_connect("/") as ws,
    ):
        arrived = await received(ws)

    assert arrived in (["a"], [b"a"])


@pytest.mark.parametrize("status", [0, 99, 101, 1000, True, "401", None])
async def test_lenient_test_sees_a_denial_whatever_its_status(
    open_client: OpenClient, status: Any
) -> None:
    app = sending(denial_start(status), denial_body(b"no"), returns=True)

    async with open_client(app, timeout=SECONDS, strict=False) as client:
        with (
            pytest.warns(ASGIRuleWarning, match="Rule W29 "),
            pytest.raises(WebSocketDenialResponse, match="The app denied the WebSocket") as caught,
        ):
            async with client.websocket_connect("/"):
                pass

    assert caught.value.content == b"no"


@pytest.mark.parametrize("subprotocol", ["other", "", b"chat", "日本"])
async def test_lenient_test_sees_a_subprotocol_that_was_never_offered(
    open_client: OpenClient, subprotocol: Any
) -> None:
    app = sending(accept(subprotocol=subprotocol), close())

    async with open_client(app, timeout=SECONDS, strict=False) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule W15 "):
            async with client.websocket_connect("/", ["chat"]) as ws:
                await received(ws)

    assert ws.accepted_subprotocol == str(subprotocol)


@pytest.mark.parametrize("rule", ["W07", "W28"])
async def test_app_without_an_answer_warns_and_is_a_500_in_a_lenient_test(
    open_client: OpenClient, rule: str
) -> None:
    messages = [denial_start()] if rule == "W28" else []
    app = sending(*messages, returns=True)

    async with open_client(app, timeout=SECONDS, strict=False) as client:
        with (
            pytest.warns(ASGIRuleWarning, match=f"Rule {rule} "),
            pytest.raises(WebSocketDenialResponse, match="HTTP 500"),
        ):
            async with client.websocket_connect("/"):
                pass


@pytest.mark.parametrize("rule", ["W07", "W28"])
async def test_app_without_an_answer_is_a_500_where_its_rule_is_ignored(
    open_client: OpenClient, rule: str
) -> None:
    messages = [denial_start()] if rule == "W28" else []
    app = sending(*messages, returns=True)

    async with open_client(app, timeout=SECONDS, ignore_rules={rule}) as client:
        with pytest.raises(WebSocketDenialResponse, match="HTTP 500") as caught:
            async with client.websocket_connect("/"):
                pass

    assert (caught.value.status_code, caught.value.code) == (500, 1006)
