"""What is as with Starlette's client while the drop-in lasts, and is not without it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import import_module

import anyio
import pytest
import starlette.testclient

import asgi_testkit
from asgi_testkit import ASGIRuleError, LifespanManager
from asgi_testkit.replacing.names import replace_testclient
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.replacing.apps import START, WHOLE, no_lifespan

MORE: Message = {**WHOLE, "more_body": True}
TRAILED: Message = {**START, "trailers": True}
TRAILERS: Message = {"type": "http.response.trailers"}


@pytest.fixture
def drop_in() -> Iterator[None]:
    with replace_testclient("starlette"):
        yield


async def ends_open(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept, send, and return without closing: W08."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hi"})


async def raises_group(scope: Scope, receive: Receive, send: Send) -> None:
    raise ExceptionGroup("of one", [ValueError("inner")])


class Sends:
    """An app that sends messages over HTTP."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for message in self.messages:
            await send(message)


@pytest.mark.usefixtures("drop_in")
def test_an_app_that_returns_without_closing_its_websocket_is_recorded() -> None:
    client = starlette.testclient.TestClient(ends_open)

    with client.websocket_connect("/") as session:
        assert session.receive_text() == "hi"
        with pytest.raises(asgi_testkit.WebSocketDisconnect) as caught:
            session.receive_text()

    assert caught.value.code == 1006
    assert [warning.rule for warning in client.broken_rules] == ["W08"]


@pytest.mark.usefixtures("drop_in")
def test_trailers_that_do_not_come_are_recorded() -> None:
    client = starlette.testclient.TestClient(Sends(TRAILED, WHOLE))

    response = client.get("/")

    assert (response.text, response.extensions["http.response.trailers"]) == ("whole", [])
    assert [warning.rule for warning in client.broken_rules] == ["H52"]


@pytest.mark.usefixtures("drop_in")
def test_strict_raises_them_all_the_same() -> None:
    client = asgi_testkit.TestClient(Sends(TRAILED, WHOLE), strict=True)

    with pytest.raises(ASGIRuleError, match="H52"):
        client.get("/")


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ((), "TestClient did not receive any response."),
        ((START, START), 'Received multiple "http.response.start" messages.'),
        ((WHOLE,), 'Received "http.response.body" without "http.response.start".'),
        ((START, WHOLE, WHOLE), 'Received "http.response.body" after response completed.'),
        ((TRAILED, WHOLE, WHOLE), 'Received "http.response.body" after body completed.'),
        ((START, TRAILERS), 'Received "http.response.trailers" without declaring trailers.'),
        ((TRAILED, TRAILERS), 'Received "http.response.trailers" before body completed.'),
        (
            (TRAILED, WHOLE, TRAILERS, TRAILERS),
            'Received "http.response.trailers" after response completed.',
        ),
    ],
)
def test_a_message_out_of_turn_is_starlettes_assertion_and_our_error(
    messages: tuple[Message, ...], words: str
) -> None:
    with replace_testclient("starlette"), pytest.raises(AssertionError) as asserted:
        starlette.testclient.TestClient(Sends(*messages)).get("/")
    with pytest.raises(ASGIRuleError) as plain:
        asgi_testkit.TestClient(Sends(*messages)).get("/")

    assert isinstance(asserted.value, ASGIRuleError)
    assert asserted.value.rule == plain.value.rule
    assert str(asserted.value).endswith(words)
    assert not isinstance(plain.value, AssertionError)


@pytest.mark.usefixtures("drop_in")
def test_what_starlettes_client_does_not_assert_is_our_error_alone() -> None:
    client = starlette.testclient.TestClient(Sends({**START, "status": 123}, WHOLE))

    with pytest.raises(ASGIRuleError, match="H23") as caught:
        client.get("/")

    assert not isinstance(caught.value, AssertionError)


@pytest.mark.usefixtures("drop_in")
def test_a_group_of_one_exception_arrives_as_it_was_raised() -> None:
    with pytest.raises(ExceptionGroup, match="of one"):
        starlette.testclient.TestClient(raises_group).get("/")


def test_without_the_drop_in_such_a_group_is_opened() -> None:
    with pytest.raises(ValueError, match="inner"):
        asgi_testkit.TestClient(raises_group).get("/")


@pytest.mark.usefixtures("drop_in")
def test_the_500_of_an_app_that_failed_has_no_body() -> None:
    client = starlette.testclient.TestClient(raises_group, raise_server_exceptions=False)

    response = client.get("/")

    assert (response.status_code, response.content, response.headers.raw) == (500, b"", [])


@pytest.mark.usefixtures("drop_in")
def test_what_an_app_raises_before_it_answers_startup_is_raised_and_nothing_is_left() -> None:
    client = starlette.testclient.TestClient(no_lifespan)

    with pytest.raises(AssertionError), client:
        pytest.fail("The block was entered.")

    assert client.get("/").text == "whole"


def test_asgi_lifespans_users_still_see_that_an_app_has_none() -> None:
    asgi_lifespan = import_module("asgi_lifespan")

    async def enter() -> None:
        async with asgi_lifespan.LifespanManager(no_lifespan):
            pytest.fail("The block was entered.")

    client = asgi_testkit.TestClient(no_lifespan)
    with (
        replace_testclient("asgi_lifespan"),
        pytest.raises(asgi_lifespan.LifespanNotSupported),
    ):
        client.run(enter)


def test_without_the_drop_in_such_an_app_has_no_lifespan() -> None:
    with asgi_testkit.TestClient(no_lifespan) as client, LifespanManager(no_lifespan):
        assert client.get("/").text == "whole"


@pytest.mark.usefixtures("drop_in")
def test_an_app_that_streams_stands_still_until_its_piece_is_read() -> None:
    has_gone_on = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(MORE)
        has_gone_on.set()
        await send(WHOLE)

    client = starlette.testclient.TestClient(app)
    with client.stream("GET", "/") as response:
        client.portal.call(pause_of_the_loop)
        stood_still = not has_gone_on.is_set()
        pieces = response.iter_raw()
        assert next(pieces) == b"whole"
        assert has_gone_on.wait(10)
        assert list(pieces) == [b"whole"]

    assert stood_still


@pytest.mark.usefixtures("drop_in")
@pytest.mark.parametrize(("method", "piece"), [("GET", b""), ("HEAD", b"piece")])
def test_pieces_that_nobody_sees_wait_for_a_reader_too(method: str, piece: bytes) -> None:
    sent: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        for number in range(3):
            await send({**MORE, "body": piece})
            sent.append(number)
        await send({**WHOLE, "body": b""})

    client = starlette.testclient.TestClient(app)
    with client.stream(method, "/") as response:
        client.portal.call(pause_of_the_loop)
        sent_before = list(sent)
        assert response.read() == b""

    assert (sent_before, sent) == ([], [0, 1, 2])


@pytest.mark.usefixtures("drop_in")
def test_a_stream_that_is_left_unread_ends_its_app() -> None:
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send(MORE)
        ends.append((await receive())["type"])

    with starlette.testclient.TestClient(app).stream("GET", "/") as response:
        assert response.status_code == 200

    assert ends == ["http.disconnect"]


def test_the_websockets_of_requests_are_open_under_the_drop_in() -> None:
    starlette_testclient = import_module("starlette_testclient")

    with replace_testclient("starlette_testclient"):
        client = starlette_testclient.TestClient(ends_open)
        with client.websocket_connect("/") as session:
            assert session.receive_text() == "hi"


async def pause_of_the_loop() -> None:
    """Let everything run that can: several turns of the loop that the app is in."""
    for _ in range(5):
        await anyio.sleep(0)
