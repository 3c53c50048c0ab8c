"""The wire to a real server where it is strained, and what is told of an app behind it."""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from asgi_testkit import ServerFailed, StallError, TestClient, serve
from asgi_testkit.errors import UsageError
from asgi_testkit.servers.listener import Listener
from tests.servers import over_app
from tests.servers.places import each_process
from tests.servers.test_over import NAMED, each_http2, each_thread

_LONG = b"x" * (10 * 1024 * 1024)


@each_thread
def test_early_answer_to_a_long_upload_arrives(over: str) -> None:
    with TestClient(over_app.app, over=over) as client:
        statuses = [client.post("/early", content=_LONG).status_code for _ in range(5)]

    assert statuses == [413] * 5


@each_process
def test_head_of_a_response_may_be_wide(over: str) -> None:
    with TestClient(NAMED, over=over) as client:
        assert len(client.get("/wide").headers["x-wide"]) == 90_000


def test_head_of_a_response_may_be_wide_over_http2() -> None:
    with TestClient(over_app.app, over="granian", http_version="2") as client:
        assert len(client.get("/wide").headers["x-wide"]) == 90_000


@each_http2
def test_request_that_http2_cannot_say_is_a_usage_error(over: str) -> None:
    with (
        TestClient(over_app.app, over=over, http_version="2") as client,
        pytest.raises(UsageError, match="cannot go over HTTP/2"),
    ):
        client.get("/seen", headers={"te": "gzip"})


def test_accepted_connections_have_no_nagle_delay() -> None:
    listener = Listener.on_port(listens=True)
    bound = listener.bound
    assert bound is not None

    assert bound.proto == socket.IPPROTO_TCP  # what asyncio goes by

    listener.release()


@each_process
def test_first_requests_of_a_client_that_was_not_entered_wait_for_the_server(over: str) -> None:
    client = TestClient(NAMED, over=over)

    with ThreadPoolExecutor(6) as threads:
        statuses = list(threads.map(lambda _: client.get("/seen").status_code, range(6)))
    client.close()

    assert statuses == [200] * 6


@pytest.mark.parametrize(
    ("app", "place"), [(NAMED, "a process of its own"), (over_app.app, "another thread")]
)
def test_stall_over_a_server_shows_its_log_and_guesses_nothing(app: Any, place: str) -> None:
    with (
        TestClient(app, over="uvicorn", timeout=0.3) as client,
        pytest.raises(StallError, match=f"in {place}; where it waits there is not known") as stall,
    ):
        client.get("/endless/silent")

    assert "The end of its log:\n  " in str(stall.value)
    assert "nobody sets" not in str(stall.value)


def test_app_is_not_looked_for_in_what_is_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "not_to_be_imported", None)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    with pytest.raises(UsageError, match="which finds the app by its name"):
        TestClient(app, over="daphne")


def test_what_is_no_app_is_refused_before_its_name_is_looked_for() -> None:
    with pytest.raises(UsageError, match="an object called as app"):
        TestClient(over_app.LIFE, over="daphne")


def test_secrets_in_a_servers_log_are_not_shown_in_its_errors() -> None:
    server = serve(NAMED)
    server.start()
    client = server.client()
    client.get("/seen?token=tops3cret")
    with pytest.raises(httpx2.RemoteProtocolError):
        client.get("/exit")

    with pytest.raises(ServerFailed, match="exited with status 3") as failed:
        server.stop()

    assert "tops3cret" not in str(failed.value)
    assert "GET /seen?token=" in str(failed.value)
    assert "tops3cret" in server.log
