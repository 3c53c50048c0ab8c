"""What `check` does with an app that is well, and its bounds."""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from contextlib import asynccontextmanager
from time import monotonic, sleep
from typing import Any

import pytest
from starlette.applications import Starlette

from asgi_testkit import UsageTypeError, UsageValueError, check
from asgi_testkit.types import ASGI3App, Receive, Scope, Send
from tests.processes import run_script


def recording(seen: list[str], body: bytes = b"well", **start: Any) -> ASGI3App:
    """Return an app that is well and notes what it is asked for."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        seen.append(f"{scope.get('method', 'WebSocket')} {scope['path']}")
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [], **start})
        await send({"type": "http.response.body", "body": body})

    return app


def test_an_app_that_is_well_has_no_violation() -> None:
    seen: list[str] = []

    assert check(recording(seen)) == []

    assert {"GET /", "HEAD /", "OPTIONS /missing", "POST /", "WebSocket /", "BREW /"} <= set(seen)
    assert {"GET /a\x00b", "GET //double", "GET /../x", "OPTIONS *"} <= set(seen)


def test_given_paths_take_the_place_of_the_usual_ones() -> None:
    seen: list[str] = []

    check(recording(seen), paths=["/only"], websockets=["/talk"])

    assert not {"GET /missing", "GET /openapi.json"} & set(seen)
    assert {"GET /only", "POST /only", "WebSocket /talk", "WebSocket /"} <= set(seen)


def test_no_more_requests_are_made_than_allowed() -> None:
    seen: list[str] = []

    check(recording(seen), max_requests=7)

    assert len(seen) == 7


def test_no_request_begins_after_the_time_is_up() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await asyncio.sleep(0.02)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    began = monotonic()
    assert check(app, max_seconds=0.1) == []

    assert monotonic() - began < 0.5


def test_an_app_that_blocks_its_loop_is_asked_nothing_more() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        seen.append(scope["path"])
        sleep(0.4)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    violations = check(app, paths=["/"], timeout=0.1)

    assert [(one.kind, one.request) for one in violations] == [("timeout", "GET /")]
    assert seen == ["/"]


DOCUMENT = {
    "paths": {
        "/items/{item_id}": {
            "parameters": [{"name": "item_id", "in": "path", "schema": {"type": "integer"}}],
            "get": {"parameters": [{"$ref": "#/parts/q"}]},
            "put": {"requestBody": {"content": {"application/json": {"schema": {}}}}},
        }
    },
    "parts": {"q": {"name": "q", "in": "query", "required": True, "schema": {"enum": ["a"]}}},
}


def test_the_paths_of_an_openapi_document_are_asked_for() -> None:
    seen: list[str] = []
    headers = [(b"content-type", b"application/json")]

    check(recording(seen, json.dumps(DOCUMENT).encode(), headers=headers))

    assert {"GET /items/1", "PUT /items/1", "GET /", "GET /missing"} <= set(seen)
    assert "POST /items/1" not in seen


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b'{"paths": 1}', b'{"paths": {"/x": 1}}'])
def test_what_is_no_openapi_document_is_passed_over(body: bytes) -> None:
    headers = [(b"content-type", b"application/json")]

    assert check(recording([], body, headers=headers), max_requests=10) == []


def test_a_startup_that_fails_is_the_only_finding() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    (violation,) = check(app)

    assert (violation.kind, violation.request) == ("rule", "startup")
    assert "no database" in violation.text


def test_an_exception_of_the_shutdown_is_found() -> None:
    @asynccontextmanager
    async def lifespan(_: Any) -> Any:
        yield
        raise RuntimeError("too late")

    (violation,) = check(Starlette(lifespan=lifespan))

    assert (violation.kind, violation.request) == ("exception", "shutdown")
    assert violation.text.startswith("The app raised RuntimeError: too late")


def test_an_exception_on_a_given_websocket_is_found_and_one_on_the_probe_is_not() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    requests = {one.request for one in check(app, websockets=["/talk"])}

    assert requests == {"WebSocket /talk"}


def test_a_silent_stream_of_events_is_no_violation() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while (await receive())["type"] != "http.disconnect":
            pass

    assert check(app) == []


def test_a_stream_without_an_end_is_left_and_asked_for_no_head() -> None:
    methods: set[str] = set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        methods.add(scope["method"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        is_left = asyncio.create_task(_disconnected(receive))
        while not is_left.done():
            await send({"type": "http.response.body", "body": b"x" * 70_000, "more_body": True})

    assert check(app, paths=["/"]) == []
    assert "HEAD" not in methods


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def test_warnings_of_the_app_reach_whoever_called() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            warnings.warn("old", DeprecationWarning, stacklevel=1)
        raise NotImplementedError

    with pytest.warns(DeprecationWarning, match="old"):
        check(app, paths=["/"])


def test_check_works_inside_a_running_loop() -> None:
    async def main() -> list[Any]:
        return list(check(recording([])))

    assert asyncio.run(main()) == []


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"max_requests": 0}, UsageValueError, "max_requests is 0; it must be more than 0"),
        ({"max_seconds": -1}, UsageValueError, "max_seconds is -1; it must be more than 0"),
        ({"paths": "/"}, UsageTypeError, r"paths is the string '/'; a list is wanted: \['/'\]"),
        ({"websockets": "/"}, UsageTypeError, "websockets is the string"),
        ({"ignore_rules": {"H99x"}}, UsageValueError, "which is no rule"),
    ],
)
def test_a_wrong_argument_is_told(
    options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        check(recording([]), **options)


# -- progress -----------------------------------------------------------------------------


def test_nothing_is_written_where_standard_error_is_no_terminal() -> None:
    script = "from asgi_testkit import check\nfrom tests.apps.broken import create_counter\n"

    assert run_script(f"{script}print(len(check(create_counter())))") == 2  # fails if it writes


def test_the_last_line_of_the_progress_tells_why_it_has_stopped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check(recording([]), max_requests=3, progress=True)

    lines = capsys.readouterr().err.split("\r")
    assert lines[-1].rstrip() == "asgi-testkit: 3 of 3 requests, 0 found; max_requests is reached."
    assert sys.stderr is not None


def test_the_progress_names_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    check(recording([]), progress=True)

    assert "0 found: POST /missing, body in pieces" in capsys.readouterr().err
