"""Apps on real servers: reached, seen in the log, stopped."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import httpx2
import pytest
import trio

from asgi_testkit import LiveServer, serve
from asgi_testkit.errors import ClientStateError
from tests.servers.apps import echo
from tests.servers.places import APPS, THREADS, each_place, each_process, wait_for_end

ECHO = f"{APPS}:echo"


def _port(server: LiveServer) -> int:
    return int(server.url.rpartition(":")[2])


@each_place
def test_a_served_app_answers_and_its_process_is_the_one_that_was_asked_for(
    over: str, where: Any
) -> None:
    with serve(ECHO, over, where=where) as server:
        seen = server.client().get("/x").json()

    assert seen["path"] == "/x"
    assert (seen["process"] == os.getpid()) is (where == "thread")
    assert seen["started"] is (None if over == "daphne" else True)


@each_place
def test_a_server_listens_on_loopback_alone_and_is_gone_after_the_block(
    over: str, where: Any
) -> None:
    with serve(ECHO, over, where=where) as server:
        port, pid = _port(server), server.pid
        assert server.url == f"http://127.0.0.1:{port}"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port))

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert pid is None or wait_for_end(pid)


@each_place
def test_a_unix_socket_is_listened_on_and_removed(over: str, where: Any) -> None:
    with serve(ECHO, over, where=where, unix_socket=True) as server:
        seen = server.client().get("/x").json()
        path = Path(server.unix_socket or "")
        was_there = path.is_socket()

    assert (seen["path"], server.kind.name, was_there) == ("/x", over, True)
    assert not path.exists()
    assert not path.parent.exists()


@each_process
def test_a_unix_socket_may_have_a_path_of_the_tests(over: str, tmp_path: Path) -> None:
    path = tmp_path / "a:b"

    with serve(ECHO, over, unix_socket=path) as server:
        assert server.client().get("/x").json()["path"] == "/x"

    assert list(tmp_path.iterdir()) == []


@each_process
def test_the_log_has_what_the_app_prints_and_that_it_was_asked_nothing_else(over: str) -> None:
    with serve(ECHO, over) as server:
        server.client().get("/only")

    asked = [line for line in server.log.splitlines() if line.startswith("the app was asked")]
    assert asked == ["the app was asked for /only"]
    assert ("the app has shut down" in server.log.splitlines()) is (over != "daphne")


@each_place
def test_an_exception_of_the_app_is_in_the_servers_log(over: str, where: Any) -> None:
    with serve(f"{APPS}:broken", over, where=where) as server:
        response = server.client().get("/")

    assert response.status_code == 500
    assert "RuntimeError: the shop is closed" in server.log


@pytest.mark.parametrize("over", ["uvicorn", "hypercorn", "granian"])
def test_an_app_object_runs_in_a_thread_and_shares_what_the_test_holds(over: str) -> None:
    held: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            held.append(scope["path"])
        await echo(scope, receive, send)

    with serve(app, over) as server:
        server.client().get("/mine")

    assert (held, server.where) == (["/mine"], "thread")


def test_an_app_of_the_double_callable_form_is_served() -> None:
    def app(scope: Any) -> Any:
        async def call(receive: Any, send: Any) -> None:
            await echo(scope, receive, send)

        return call

    with serve(app) as server:
        assert server.client().get("/2").json()["path"] == "/2"


@pytest.mark.parametrize("over", THREADS)  # processes: see test_starts
def test_a_server_in_a_thread_can_be_started_again(over: str) -> None:
    server = serve(ECHO, over, where="thread")

    for _ in range(2):
        with server:
            assert server.client().get("/x").status_code == 200


def test_environment_variables_reach_the_process_and_not_the_test() -> None:
    with serve(ECHO, env={"ECHO_VARIABLE": "seen"}) as server:
        seen = server.client().get("/").json()

    assert (seen["variable"], os.environ.get("ECHO_VARIABLE")) == ("seen", None)


@pytest.mark.parametrize("factory", [True, None])
def test_what_makes_the_app_may_be_named(factory: bool | None) -> None:
    with serve(f"{APPS}:make_echo", factory=factory) as server:
        assert server.client().get("/x").json()["path"] == "/x"


@pytest.mark.parametrize(
    ("over", "options", "path", "expected"),
    [
        ("uvicorn", {"server_header": False}, "/", None),
        ("hypercorn", {"include_server_header": False, "worker_class": "uvloop"}, "/", None),
        ("granian", {"url_path_prefix": "/below"}, "/below/x", "granian"),
        ("daphne", {"server_name": "ours"}, "/", "ours"),
    ],
)
def test_options_of_the_server_reach_it(
    over: str, options: dict[str, Any], path: str, expected: str | None
) -> None:
    with serve(ECHO, over, **options) as server:
        response = server.client().get(path)

    assert (response.status_code, response.headers.get("server")) == (200, expected)


@pytest.mark.parametrize("where", ["process", "thread"])
@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_async_blocks_serve_in_either_library(where: Any, library: str) -> None:
    async def run() -> int:
        async with serve(ECHO, where=where) as server:
            response = await server.async_client().get("/x")
        return response.status_code

    assert _run(run, library) == 200


def _run(function: Any, library: str) -> Any:
    if library == "trio":
        return trio.run(function)
    import asyncio

    return asyncio.run(function())


def test_leaving_closes_the_clients() -> None:
    with serve(ECHO) as server:
        client = server.client()

    assert client.is_closed


def test_leaving_an_async_block_closes_the_async_clients() -> None:
    async def run() -> None:
        async with serve(ECHO) as server:
            clients.append(server.async_client())

    clients: list[httpx2.AsyncClient] = []
    _run(run, "asyncio")

    assert clients[0].is_closed


def test_a_client_uses_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with serve(ECHO) as server:
        assert server.client().get("/").status_code == 200


def test_options_of_a_client_take_the_place_of_ours() -> None:
    with serve(ECHO) as server:
        client = server.client(timeout=3, headers={"a": "b"}, base_url=f"{server.url}/below")

        assert client.get("/x").json()["path"] == "/below/x"
        assert client.timeout == httpx2.Timeout(3)


def test_before_and_after_the_block_there_is_no_address() -> None:
    server = serve(ECHO)

    for attribute in ("url", "unix_socket"):
        with pytest.raises(ClientStateError, match="runs inside `with serve"):
            getattr(server, attribute)
    assert (server.pid, server.log) == (None, "")


def test_a_server_that_runs_cannot_be_started_once_more() -> None:
    with serve(ECHO) as server:
        with pytest.raises(ClientStateError, match="runs already"), server:
            pass

        assert server.client().get("/").status_code == 200
