"""Clients over real servers: HTTP, and what becomes of the app's exceptions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from asgi_testkit import AppFailed, AsyncTestClient, LifespanFailed, ServerFailed, TestClient
from asgi_testkit.errors import ClientStateError, UsageError
from tests.modes import OpenClient
from tests.servers import over_app
from tests.servers.over_app import LIFE
from tests.servers.places import THREADS, each_process

NAMED = "tests.servers.over_app:app"

each_thread = pytest.mark.parametrize("over", THREADS)
each_http2 = pytest.mark.parametrize("over", ["hypercorn", "granian"])


@pytest.fixture(autouse=True)
def life() -> Iterator[None]:
    LIFE.clear()
    yield
    LIFE.clear()


# -- where the app runs -----------------------------------------------------------------------


@each_thread
def test_app_object_runs_in_a_thread_of_this_process(over: str) -> None:
    with TestClient(over_app.app, over=over) as client:
        seen = client.get("/seen").json()

    assert (seen["process"], seen["state"]["opened"]) == (os.getpid(), True)


@each_process
def test_named_app_runs_in_a_process_of_its_own(over: str) -> None:
    with TestClient(NAMED, over=over) as client:
        seen = client.get("/seen").json()

    assert seen["process"] != os.getpid()
    assert seen["state"]["opened"] is (None if over == "daphne" else True)


def test_daphne_finds_an_app_object_by_its_name() -> None:
    with TestClient(over_app.app, over="daphne") as client:
        assert client.get("/seen").json()["process"] != os.getpid()


def test_app_without_a_name_cannot_go_to_a_process() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    with pytest.raises(UsageError, match="which finds the app by its name"):
        TestClient(app, over="daphne")


def test_unknown_server_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="'uvicorn', 'hypercorn', 'granian', 'daphne'"):
        TestClient(over_app.app, over="gunicorn")


def test_in_process_is_no_server() -> None:
    with TestClient(over_app.app, over="in-process") as client:
        assert client.get("/seen").json()["client"] == ["testclient", 50000]


@pytest.mark.parametrize(
    "option",
    [{"client": ("10.0.0.1", 5)}, {"server": ("x", 80)}, {"http_version": "2"}],
)
def test_what_a_server_settles_cannot_be_given(option: Any) -> None:
    with pytest.raises(UsageError, match=next(iter(option))):
        TestClient(over_app.app, over="uvicorn", **option)


# -- what crosses -----------------------------------------------------------------------------


@each_process
def test_request_and_response_cross_the_wire_and_the_url_stays(over: str) -> None:
    with TestClient(NAMED, over=over) as client:
        response = client.post("/seen?a=1", content=b"body", headers={"X-Own": "1"})

    seen = response.json()
    assert (seen["url"], seen["body"], str(response.url)) == (
        *("http://testserver/seen?a=1", "body", "http://testserver/seen?a=1"),
    )
    assert ["x-own", "1"] in seen["headers"]
    assert [name for name, _ in seen["headers"] if "asgi-testkit" in name] == []
    assert seen["client"][0] == "127.0.0.1"


async def test_every_mode_of_a_client_speaks_to_a_server(open_client: OpenClient) -> None:
    async with open_client(over_app.app, over="uvicorn") as client:
        sent = await client.put("/seen", content=open_client.upload([b"a", b"b"]))
        async with client.sse("/events") as events:
            got = [event.data async for event in events]
        async with client.websocket_connect("/echo") as session:
            await session.send_text("hello")
            said = await session.receive_text()

    assert (sent.json()["body"], got, said) == ("ab", ["1", "2"], "hello")


@each_http2
def test_http2_is_spoken_where_it_is_asked_for(over: str) -> None:
    with TestClient(over_app.app, over=over, http_version="2") as client:
        response = client.post("/seen", content=b"x" * 200_000)

    seen = response.json()
    assert (seen["http_version"], len(seen["body"])) == ("2", 200_000)
    assert seen["url"] == "http://testserver/seen"


@each_http2
def test_exception_behind_http2_is_raised(over: str) -> None:
    with (
        TestClient(over_app.app, over=over, http_version="2") as client,
        pytest.raises(LookupError, match="amid the body"),
    ):
        client.get("/cut")


@each_process
def test_exchange_sends_and_reads_at_the_same_time(over: str) -> None:
    with TestClient(NAMED, over=over) as client, client.exchange("POST", "/shout") as exchange:
        exchange.send(b"one")
        if over != "daphne":  # it calls the app when the request is whole
            assert next(exchange) == b"ONE"
        exchange.send(b"two")
        exchange.end()
        rest = b"".join(exchange)

    assert rest == (b"ONETWO" if over == "daphne" else b"TWO")


@each_process
def test_root_path_is_the_servers_own_option(over: str) -> None:
    with TestClient(NAMED, over=over, root_path="/mount") as client:
        assert client.get("/seen").json()["root_path"] == "/mount"


def test_new_client_is_another_user_of_the_same_server() -> None:
    with TestClient(NAMED, over="uvicorn") as client:
        processes = {each.get("/seen").json()["process"] for each in (client, client.new_client())}

    assert len(processes) == 1


# -- the app's exceptions and its end ---------------------------------------------------------


@each_thread
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/raise", "no such shelf"),
        ("/cut", "amid the body"),
        ("/background/raise", "in the background"),
    ],
)
def test_exception_in_a_thread_is_raised_itself(over: str, path: str, text: str) -> None:
    with TestClient(over_app.app, over=over) as client, pytest.raises(LookupError, match=text):
        client.get(path)


@each_process
@pytest.mark.parametrize("path", ["/raise", "/background/raise"])
def test_exception_in_a_process_is_told_with_its_traceback(over: str, path: str) -> None:
    with TestClient(NAMED, over=over) as client, pytest.raises(AppFailed) as failed:
        client.get(path)

    assert "over_app.py" in failed.value.traceback
    assert "LookupError" in str(failed.value).splitlines()[0]
    assert f"GET {path}" in failed.value.log


@each_process
def test_response_of_the_server_is_shown_where_exceptions_are_not_raised(over: str) -> None:
    with TestClient(NAMED, over=over, raise_server_exceptions=False) as client:
        responses = [client.get(path).status_code for path in ("/raise", "/background/raise")]

    assert responses == [500, 200]


@each_thread
def test_cut_response_is_the_librarys_error_where_exceptions_are_not_raised(over: str) -> None:
    with (
        TestClient(over_app.app, over=over, raise_server_exceptions=False) as client,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        client.get("/cut")


@each_thread
def test_call_returns_when_the_background_work_is_done(over: str) -> None:
    with TestClient(over_app.app, over=over) as client:
        client.get("/background")

        assert LIFE == ["startup", "worked"]


@each_thread
def test_app_sees_that_the_client_has_left_before_the_block_ends(over: str) -> None:
    with TestClient(over_app.app, over=over) as client:
        with client.stream("GET", "/endless") as response:
            assert next(response.iter_bytes()) == b"piece"

        assert LIFE == ["startup", "left"]


# -- the lifespan -----------------------------------------------------------------------------


@each_thread
def test_lifespan_is_that_of_the_block(over: str) -> None:
    with TestClient(over_app.app, over=over, state={"given": 1}) as client:
        assert (client.app_state, client.get("/seen").json()["state"]) == (
            *({"given": 1, "opened": True}, {"given": 1, "opened": True}),
        )

    assert LIFE == ["startup", "shutdown"]


@each_thread
def test_client_can_be_entered_again(over: str) -> None:
    client = TestClient(over_app.app, over=over)

    for _ in range(2):
        with client:
            client.get("/seen")

    assert LIFE == ["startup", "shutdown"] * 2


@each_thread
def test_without_a_block_the_first_request_starts_the_server_and_close_stops_it(over: str) -> None:
    client = TestClient(over_app.app, over=over)
    before = list(LIFE)
    client.get("/seen")
    amid = list(LIFE)
    client.close()

    assert (before, amid, LIFE) == ([], ["startup"], ["startup", "shutdown"])


def test_without_a_block_closing_an_async_client_stops_the_server_too() -> None:
    async def use() -> None:
        client = AsyncTestClient(over_app.app, over="uvicorn")
        await client.get("/seen")
        await client.aclose()

    import asyncio

    asyncio.run(use())

    assert LIFE == ["startup", "shutdown"]


@each_thread
def test_exception_of_startup_is_raised_from_a_thread(over: str) -> None:
    with (
        pytest.raises(LookupError, match="no database"),
        TestClient(over_app.broken_startup, over=over),
    ):
        pass


@pytest.mark.parametrize("over", ["uvicorn", "hypercorn", "granian"])
def test_failed_startup_in_a_process_shows_the_log(over: str) -> None:
    with (
        pytest.raises(ServerFailed, match="no database"),
        TestClient("tests.servers.over_app:broken_startup", over=over),
    ):
        pass


def test_failed_startup_without_an_exception_is_a_failed_lifespan() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no key"})

    with pytest.raises(LifespanFailed, match="no key"), TestClient(app, over="uvicorn"):
        pass


# -- what reaches the app beside the wire -----------------------------------------------------


@each_thread
def test_override_and_run_reach_an_app_in_a_thread(over: str) -> None:
    async def midnight() -> str:
        return "midnight"

    async def process() -> int:
        return os.getpid()

    with TestClient(over_app.app, over=over) as client:
        with client.override(over_app.clock, midnight):
            replaced = client.get("/time").json()

        assert (replaced, client.get("/time").json()) == ("midnight", "noon")
        assert client.run(process) == client.portal.call(os.getpid) == os.getpid()


@pytest.mark.parametrize(
    "reach",
    [
        lambda client: client.app_state,
        lambda client: client.override(over_app.clock, over_app.clock),
        lambda client: client.portal.call(os.getpid),
    ],
    ids=["app_state", "override", "run"],
)
def test_app_in_a_process_is_out_of_reach_and_the_error_says_so(reach: Any) -> None:
    with (
        TestClient(NAMED, over="uvicorn") as client,
        pytest.raises(UsageError, match=r"in a process of its own\.\nPass the app object"),
    ):
        reach(client)


def test_run_needs_a_server_that_runs() -> None:
    with pytest.raises(ClientStateError, match="enter the client"):
        TestClient(over_app.app, over="uvicorn").portal.call(os.getpid)
