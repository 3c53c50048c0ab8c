"""What the client of requests has beyond a session: the app's life, its loop, its siblings."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from inspect import Parameter, signature
from typing import Annotated, Any

import pytest
import requests
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

import asgi_testkit
from asgi_testkit import ClientStateError, LifespanFailed, LifespanManager, UsageError
from asgi_testkit.requests import ASGIAdapter, TestClient
from tests.apps import lives, raw
from tests.apps.raw import http_app
from tests.processes import run_script
from tests.requests.conftest import Enter


def living(log: list[str]) -> Starlette:
    """Return an app with a lifespan, whose answer is its state."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> Any:
        log.append("startup")
        yield {"colour": "red"}
        log.append("shutdown")

    async def state(request: Request) -> JSONResponse:
        return JSONResponse(dict(request.state._state))

    return Starlette(routes=[Route("/", state)], lifespan=lifespan)


def test_the_first_ten_parameters_are_those_of_the_other_client() -> None:
    ours, other = (
        [(each.name, each.default, each.kind) for each in signature(client).parameters.values()]
        for client in (TestClient, asgi_testkit.TestClient)
    )

    assert ours[:10] == other[:10]
    assert {kind for _, _, kind in ours[10:-1]} == {Parameter.KEYWORD_ONLY}


def test_lifespan_runs_in_a_with_block_only() -> None:
    log: list[str] = []
    client = TestClient(living(log))

    assert (client.get("/").json(), log) == ({}, [])
    with client:
        assert (client.get("/").json(), client.app_state) == ({"colour": "red"},) * 2
        assert log == ["startup"]
    assert (client.get("/").json(), log) == ({}, ["startup", "shutdown"])


def test_a_failed_startup_is_raised_and_the_block_is_not_entered() -> None:
    client = TestClient(lives.living(lives.fails_startup("no database")))

    with pytest.raises(LifespanFailed, match="no database"), client:
        pytest.fail("the block was entered")


def test_an_exception_in_shutdown_is_raised_by_the_end_of_the_block() -> None:
    app = lives.living(lives.raises_in_shutdown(LookupError("in shutdown")))

    with pytest.raises(LookupError, match="in shutdown"), TestClient(app) as client:
        assert client.get("/").status_code == 200


def test_only_close_closes_the_client_and_that_for_good() -> None:
    log: list[str] = []
    client = TestClient(living(log))
    with client:
        client.close()

    assert log == ["startup", "shutdown"]
    with pytest.raises(ClientStateError, match="a closed client stays closed"):
        client.get("/")
    with pytest.raises(ClientStateError, match="cannot be entered"), client:
        pass


def test_run_and_portal_call_functions_in_the_apps_loop(enter: Enter) -> None:
    async def double(number: int) -> int:
        return 2 * number

    client = enter(raw.hello)

    assert (client.run(double, 2), client.portal.call(double, 3)) == (4, 6)


def test_a_new_client_shares_the_app_and_has_cookies_of_its_own(enter: Enter) -> None:
    log: list[str] = []
    client = enter(living(log), cookies={"a": "1"}, headers={"X-Own": "1"}, timeout=7)

    with client.new_client(base_url="http://other.test") as other:
        assert other.get("/").json() == {"colour": "red"}
        assert (other.base_url, other.timeout, other.headers["x-own"], dict(other.cookies)) == (
            *("http://other.test", 7, "1", {}),
        )

    assert log == ["startup"]
    with pytest.raises(UsageError, match="'backend' is settled already"):
        client.new_client(backend="trio")


def real_name() -> str:
    return "real"


def test_override_replaces_a_dependency_inside_its_block(enter: Enter) -> None:
    app = FastAPI()

    @app.get("/")
    def read(name: Annotated[str, Depends(real_name)]) -> str:
        return name

    client = enter(app)

    with client.override(real_name, lambda: "replaced"):
        assert client.get("/").json() == "replaced"
    assert client.get("/").json() == "real"


def test_background_work_is_done_when_a_call_returns(enter: Enter) -> None:
    log: list[str] = []

    def respond(request: Request) -> PlainTextResponse:
        return PlainTextResponse("done", background=BackgroundTask(log.append, "background"))

    enter(Starlette(routes=[Route("/", respond)])).get("/")

    assert log == ["background"]


@pytest.mark.parametrize("is_stream", [False, True])
def test_detached_background_work_is_waited_for_when_asked(enter: Enter, is_stream: bool) -> None:
    gate, log = raw.Gate(), list[str]()

    @http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await raw.answer(send, b"done")
        await gate.wait()
        log.append("background")

    client = enter(app, background="detach")

    assert (client.get("/", stream=is_stream).text, log) == ("done", [])
    client.run(gate.open)
    client.wait_background()
    assert log == ["background"]


def test_a_framework_streams_and_hears_of_the_disconnect(enter: Enter) -> None:
    log: list[str] = []

    async def numbers() -> Any:
        try:
            yield "0\n1"
            yield "\n2\n"
            await raw.Gate().wait()
        finally:
            log.append("closed")

    def respond(request: Request) -> StreamingResponse:
        return StreamingResponse(numbers())

    with enter(Starlette(routes=[Route("/", respond)])).get("/", stream=True) as response:
        lines = response.iter_lines()
        assert [next(lines) for _ in range(3)] == [b"0", b"1", b"2"]

    assert log == ["closed"]


def test_the_transcript_shows_what_crossed(enter: Enter) -> None:
    client = enter(raw.hello)

    client.get("/shelf")

    assert "GET /shelf" in str(client.transcript)
    assert client.app is raw.hello


def test_an_app_on_trio_is_called_alike() -> None:
    with TestClient(raw.echo, backend="trio") as client:
        assert client.post("/", data=iter([b"a", b"b"])).text == "ab"


def test_a_client_can_be_used_in_an_app_that_a_client_calls(enter: Enter) -> None:
    def respond(request: Request) -> PlainTextResponse:
        return PlainTextResponse(TestClient(raw.hello).get("/").text)

    assert enter(Starlette(routes=[Route("/", respond)])).get("/").text == "hello"


def test_threads_share_a_client(enter: Enter) -> None:
    client, texts = enter(raw.hello), list[str]()
    threads = [
        threading.Thread(target=lambda: texts.append(client.get("/").text)) for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert texts == ["hello"] * 4


def test_the_adapter_sees_the_lifespan_of_a_manager() -> None:
    with LifespanManager(living([])) as manager, requests.Session() as session:
        session.mount("http://", ASGIAdapter(manager.app))

        assert session.get("http://testserver/").json() == {"colour": "red"}


def test_a_subclass_may_override_requests_methods() -> None:
    class Client(TestClient):
        def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            request.headers["X-Sent"] = "by the subclass"
            return super().send(request, **options)

    with Client(raw.hello) as client:
        assert client.get("/").request.headers["x-sent"] == "by the subclass"


# -- importing --------------------------------------------------------------------------------

WITHOUT_REQUESTS = """
import json, sys
sys.modules["requests"] = None  # as where it is not installed
try:
    import asgi_testkit.requests
except ImportError as error:
    print(json.dumps([str(error), error.name]))
"""


def test_without_requests_the_import_names_the_extra() -> None:
    text, name = run_script(WITHOUT_REQUESTS)

    assert 'pip install "asgi-testkit[requests]"' in text
    assert name == "requests"


def test_importing_the_module_loads_no_other_client_library() -> None:
    loaded = run_script(
        "import json, sys, asgi_testkit.requests; print(json.dumps(sorted(sys.modules)))"
    )

    assert {"httpx", "httpx2", "starlette", "pytest", "trio"} & set(loaded) == set()
