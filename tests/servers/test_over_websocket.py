"""WebSockets of clients over real servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asgi_testkit import AppFailed, TestClient, WebSocketDenialResponse, WebSocketDisconnect
from tests.servers import over_app
from tests.servers.over_app import LIFE
from tests.servers.places import THREADS, each_process

NAMED = "tests.servers.over_app:app"

each_thread = pytest.mark.parametrize("over", THREADS)


@pytest.fixture(autouse=True)
def life() -> Iterator[None]:
    LIFE.clear()
    yield
    LIFE.clear()


@each_process
def test_messages_cross_in_both_directions(over: str) -> None:
    large = "ü" * 100_000

    with (
        TestClient(NAMED, over=over) as client,
        client.websocket_connect("/echo", subprotocols=["a", "b"]) as session,
    ):
        session.send_text(large)
        text = session.receive_text()
        session.send_bytes(b"\x00\xff")
        data = session.receive_bytes()

    assert (text == large, data, session.accepted_subprotocol) == (True, b"\x00\xff", "a")


@each_process
def test_close_of_the_app_has_its_code(over: str) -> None:
    with (
        TestClient(NAMED, over=over) as client,
        client.websocket_connect("/closes") as session,
        pytest.raises(WebSocketDisconnect) as closed,
    ):
        session.receive_text()

    reason = "" if over == "daphne" else "enough"  # which sends none
    assert (closed.value.code, closed.value.reason) == (4001, reason)


@each_process
def test_rejection_has_the_code_that_the_wire_does_not_show(over: str) -> None:
    with TestClient(NAMED, over=over) as client, pytest.raises(WebSocketDisconnect) as rejected:
        client.websocket_connect("/rejects").__enter__()

    assert (rejected.value.code, rejected.value.reason) == (4003, "not you")


@pytest.mark.parametrize("over", ["uvicorn", "hypercorn", "granian"])
def test_denial_response_is_raised_as_in_process(over: str) -> None:
    with TestClient(NAMED, over=over) as client, pytest.raises(WebSocketDenialResponse) as denied:
        client.websocket_connect("/denies").__enter__()

    assert (denied.value.status_code, denied.value.text) == (401, "Log in first.")


@each_thread
def test_exception_in_a_thread_is_raised_itself(over: str) -> None:
    with (
        TestClient(over_app.app, over=over) as client,
        pytest.raises(LookupError, match="amid the talk"),
        client.websocket_connect("/fails") as session,
    ):
        session.receive_text()


@each_process
def test_exception_in_a_process_is_told(over: str) -> None:
    with (
        TestClient(NAMED, over=over) as client,
        pytest.raises(AppFailed, match="LookupError: amid the talk"),
        client.websocket_connect("/fails") as session,
    ):
        session.receive_text()


@each_thread
def test_app_has_seen_the_close_when_the_block_is_left(over: str) -> None:
    with TestClient(over_app.app, over=over) as client:
        with client.websocket_connect("/echo") as session:
            session.close(4000)

        code = 1006 if over == "hypercorn" else 4000  # which says so of any close
        assert ["startup", f"closed {code}"] == LIFE
