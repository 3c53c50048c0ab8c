# Generated from tests/client/test_websocket_errors.py by scripts/write_httpx.py.
"""The errors of a WebSocket by every name users know: ours, httpx's and Starlette's."""

from __future__ import annotations

import copy
import gzip
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.websockets import WebSocketDisconnect as StarlettesDisconnect

import asgi_testkit
from asgi_testkit import WebSocketDisconnect
from asgi_testkit.httpx import WebSocketDenialResponse
from tests.apps.websockets import accepting, closes, denies
from tests.httpx.modes import OpenClient
from tests.processes import run_script


async def enter(client: Any, url: str) -> None:
    async with client.websocket_connect(url):
        pass


async def test_disconnect_is_caught_as_starlettes_where_starlette_is_loaded(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(StarlettesDisconnect, match="4001") as caught:
            await session.receive_text()

    assert WebSocketDisconnect in type(caught.value).__mro__
    assert (caught.value.code, caught.value.reason) == (4001, "bye")
    assert type(caught.value).__name__ == "WebSocketDisconnect"


async def test_denial_is_caught_as_starlettes_disconnect_too(open_client: OpenClient) -> None:
    async with open_client(denies(401)) as client:
        with pytest.raises(StarlettesDisconnect, match="401") as caught:
            await enter(client, "/")

    assert WebSocketDenialResponse in type(caught.value).__mro__
    assert (caught.value.code, caught.value.reason) == (1006, "")


def test_disconnect_has_the_first_documents_name_too() -> None:
    assert asgi_testkit.Disconnect is WebSocketDisconnect


async def test_denial_is_a_response_of_httpx(open_client: OpenClient) -> None:
    headers = [(b"x-one", b"1"), (b"x-one", b"2"), (b"content-type", b"application/json")]

    async with open_client(denies(403, headers, (b'{"a": [1]}',))) as client:
        with pytest.raises(WebSocketDenialResponse, match="403") as caught:
            await enter(client, "/room")

    denial = caught.value
    assert isinstance(denial, httpx.Response)
    assert (denial.status_code, denial.content, denial.json()) == (403, b'{"a": [1]}', {"a": [1]})
    assert denial.headers.get_list("x-one") == ["1", "2"]
    assert (denial.code, denial.reason, denial.request.url.path) == (1006, "", "/room")
    assert str(denial) == ("The app denied the WebSocket with HTTP 403 Forbidden: '{\"a\": [1]}'")


async def test_denial_without_a_body_says_so(open_client: OpenClient) -> None:
    async with open_client(denies(403)) as client:
        with pytest.raises(WebSocketDenialResponse, match="HTTP 403 Forbidden, without a body"):
            await enter(client, "/")


async def test_raise_for_status_of_a_denial_works_as_ever(open_client: OpenClient) -> None:
    async with open_client(denies(403)) as client:
        with pytest.raises(WebSocketDenialResponse, match="403") as caught:
            await enter(client, "/")

    with pytest.raises(httpx.HTTPStatusError, match="403 Forbidden"):
        caught.value.raise_for_status()


# -- copies: pytest-xdist and process pools pickle what a test raises ---------------------------


def pickled(error: Any) -> Any:
    return pickle.loads(pickle.dumps(error))


COPIERS = pytest.mark.parametrize("copied", [pickled, copy.copy])


@COPIERS
async def test_disconnect_can_be_copied(
    open_client: OpenClient, copied: Callable[[Any], Any]
) -> None:
    async with (
        open_client(accepting(then=closes)) as client,
        client.websocket_connect("/") as session,
    ):
        with pytest.raises(StarlettesDisconnect, match="4001") as caught:
            await session.receive_text()

    again = copied(caught.value)
    assert isinstance(again, WebSocketDisconnect)
    assert (again.code, again.reason, str(again)) == (4001, "bye", str(caught.value))


@COPIERS
@pytest.mark.parametrize("encoding", [b"identity", b"gzip"])
async def test_denial_can_be_copied(
    open_client: OpenClient, copied: Callable[[Any], Any], encoding: bytes
) -> None:
    body = gzip.compress(b"no") if encoding == b"gzip" else b"no"
    headers = [(b"x-one", b"1"), (b"x-one", b"2"), (b"content-encoding", encoding)]

    async with open_client(denies(401, headers, (body,))) as client:
        with pytest.raises(WebSocketDenialResponse, match="401") as caught:
            await enter(client, "/")

    again = copied(caught.value)
    assert isinstance(again, WebSocketDenialResponse)
    assert (again.status_code, again.content, again.code) == (401, b"no", 1006)
    assert again.headers.get_list("x-one") == ["1", "2"]
    assert str(again) == str(caught.value)


@COPIERS
def test_disconnect_that_a_test_makes_can_be_copied(copied: Callable[[Any], Any]) -> None:
    again = copied(WebSocketDisconnect(4000, "why", text="told so"))

    assert (again.code, again.reason, str(again)) == (4000, "why", "told so")


# -- Starlette, loaded or not -------------------------------------------------------------------

WITHOUT_STARLETTE = """
import json, sys
from asgi_testkit import WebSocketDisconnect
from asgi_testkit.httpx import TestClient, WebSocketDenialResponse

async def app(scope, receive, send):
    await receive()
    if scope["path"] == "/denied":
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 4001})

caught = []
for path in ("/closed", "/denied"):
    try:
        TestClient(app).websocket_connect(path).__enter__()
    except WebSocketDisconnect as error:
        caught.append([type(error).__mro__[1].__name__, error.code])
assert issubclass(WebSocketDenialResponse, WebSocketDisconnect)
print(json.dumps([caught, [name for name in sys.modules if name.startswith("starlette")]]))
"""


def test_disconnect_is_raised_without_importing_starlette() -> None:
    caught, loaded = run_script(WITHOUT_STARLETTE)

    assert caught == [["TestkitError", 4001], ["Response", 1006]]
    assert loaded == []


LOADED_LATER = """
import json
from asgi_testkit import WebSocketDisconnect
from asgi_testkit.httpx import TestClient

async def app(scope, receive, send):
    await receive()
    await send({"type": "websocket.close"})

import starlette.websockets
try:
    TestClient(app).websocket_connect("/").__enter__()
except starlette.websockets.WebSocketDisconnect as error:
    print(json.dumps(isinstance(error, WebSocketDisconnect)))
"""


def test_disconnect_is_caught_as_starlettes_where_starlette_is_loaded_later() -> None:
    assert run_script(LOADED_LATER) is True
