"""Rules of level F: behaviour of servers that the client reproduces; see `tests.rules`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

import tests.rules.broken  # noqa: F401 - registers
from asgi_testkit import ASGIRuleError, StallError, WebSocketDenialResponse, WebSocketDisconnect
from tests.modes import OpenClient
from tests.rules.driving import exercise, told_rules
from tests.rules.registry import BROKEN, BrokenApp


def case_of(name: str) -> BrokenApp:
    (case,) = (case for case in BROKEN if case.name == name and case.level == "F")
    return case


async def response_of(open_client: OpenClient, name: str, **options: Any) -> httpx2.Response:
    response = await exercise(open_client, case_of(name), case_of(name).app, **options)
    assert isinstance(response, httpx2.Response)
    return response


@pytest.mark.parametrize(("name", "length"), [("head_with_body", "5"), ("head_cl_mismatch", "500")])
async def test_body_of_a_response_to_head_is_dropped_and_its_headers_are_kept(
    open_client: OpenClient, name: str, length: str
) -> None:
    response = await response_of(open_client, name)

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-length"] == length


@pytest.mark.parametrize("name", ["hdr_te_chunked", "hdr_te_gzip", "hdr_te_and_cl"])
async def test_transfer_encoding_of_the_app_is_ignored(open_client: OpenClient, name: str) -> None:
    response = await response_of(open_client, name)

    assert (response.status_code, response.content) == (200, b"hello")
    assert "transfer-encoding" not in response.headers


async def test_content_length_stays_where_transfer_encoding_is_ignored(
    open_client: OpenClient,
) -> None:
    response = await response_of(open_client, "hdr_te_and_cl")

    assert response.headers["content-length"] == "5"


async def test_receive_before_the_response_waits_until_the_client_leaves(
    open_client: OpenClient,
) -> None:
    with pytest.raises(StallError, match=r"receive\(\)"):
        await response_of(open_client, "receive_before_response")


async def test_receive_after_the_response_gives_the_disconnection(open_client: OpenClient) -> None:
    assert (await response_of(open_client, "receive_after_complete")).content == b"hello"


@pytest.mark.parametrize(
    ("name", "code"), [("ws_close_before_accept", 4001), ("ws_close_before_connect", 1000)]
)
async def test_close_before_the_accept_is_a_403(
    open_client: OpenClient, name: str, code: int
) -> None:
    case = case_of(name)

    with pytest.raises(WebSocketDisconnect, match="HTTP 403") as caught:
        await exercise(open_client, case, case.app)

    assert caught.value.code == code


@pytest.mark.parametrize(("name", "message"), [("ws_text_empty", ""), ("ws_bytes_empty", b"")])
async def test_empty_message_arrives(
    open_client: OpenClient, name: str, message: str | bytes
) -> None:
    assert await exercise(open_client, case_of(name), case_of(name).app) == [message]


async def test_denial_response_arrives_where_it_is_offered(open_client: OpenClient) -> None:
    case = case_of("ws_deny")

    with pytest.raises(WebSocketDenialResponse, match="401") as caught:
        await exercise(open_client, case, case.app)

    assert (caught.value.status_code, caught.value.content) == (401, b"who are you?")


async def test_denial_response_that_is_not_offered_breaks_a_rule(open_client: OpenClient) -> None:
    case = replace(case_of("ws_deny"), scope={"extensions": {}})

    with pytest.raises(ASGIRuleError, match="Rule H53 ") as caught:
        await exercise(open_client, case, case.app)

    assert caught.value.rule == "H53"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ws_send_after_disconnect_uncaught", 1000),
        ("ws_sending_into_abort", 1006),
        ("ws_client_close_no_code", 1005),
    ],
)
async def test_app_that_ends_as_the_client_has_gone_has_broken_nothing(
    open_client: OpenClient, name: str, code: int
) -> None:
    client = open_client.without_entering(case_of(name).app, timeout=2.0, strict=True)

    with told_rules() as told:
        async with client.websocket_connect("/") as ws:
            await ws.disconnect(code)
    await client.aclose()

    assert told == []


@pytest.mark.parametrize("name", ["raise", "raise_after_receive"])
async def test_app_that_raises_before_it_has_answered_startup_is_served_all_the_same(
    open_client: OpenClient, name: str
) -> None:
    async with open_client(serving_too(case_of(name).app)) as client:
        response = await client.get("/")

    assert response.text == "hello"


def serving_too(lifespan: Callable[..., Any]) -> Callable[..., Any]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    return app
