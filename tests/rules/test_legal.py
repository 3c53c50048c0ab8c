"""Legal apps pass without a word, however odd they look; see `tests.rules`."""

from __future__ import annotations

from typing import Any

import pytest

import tests.rules.legal  # noqa: F401 - registers
from asgi_testkit import WebSocketDenialResponse
from asgi_testkit.types import Receive, Scope, Send
from tests.modes import OpenClient
from tests.rules.driving import exercise, told_rules
from tests.rules.registry import LEGAL, LegalApp

EXPECTED_PREFIXES = (b"x-", b"set-cookie")


async def arrived(open_client: OpenClient, case: LegalApp, **options: Any) -> Any:
    """Return what has arrived, in the words of `LegalApp.shows`."""
    if case.raises is not None:
        with pytest.raises(case.raises) as caught:
            await exercise(open_client, case, case.app, **options)
        error: Any = caught.value
        is_denial = isinstance(error, WebSocketDenialResponse)
        return (error.status_code, error.content) if is_denial else error.code
    result = await exercise(open_client, case, case.app, **options)
    if case.kind != "http":
        return result
    shown = [pair for pair in result.headers.raw if pair[0].startswith(EXPECTED_PREFIXES)]
    assert tuple(shown) == case.headers
    return (result.status_code, result.content)


@pytest.mark.parametrize("case", LEGAL, ids=str)
async def test_legal_app_passes(open_client: OpenClient, case: LegalApp) -> None:
    with told_rules() as told:
        assert await arrived(open_client, case) == case.shows

    assert told == ([] if case.warns is None else [case.warns])


@pytest.mark.parametrize("open_client", ["inline", "asyncio"], indirect=True)
@pytest.mark.parametrize("case", [case for case in LEGAL if case.warns is None], ids=str)
async def test_legal_app_passes_a_strict_test(open_client: OpenClient, case: LegalApp) -> None:
    with told_rules() as told:
        assert await arrived(open_client, case, strict=True) == case.shows

    assert told == []


# -- what a client that leaves early does not make of a legal app -------------------------------


async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    headers = [(b"content-length", b"10")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})
    assert (await receive())["type"] == "http.disconnect"


async def closing_after_the_client(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    assert (await receive())["type"] == "websocket.disconnect"
    await send({"type": "websocket.close"})


async def test_response_that_the_client_has_left_needs_no_end(open_client: OpenClient) -> None:
    client = open_client.without_entering(streaming, strict=True)

    with told_rules() as told:
        async with client.stream("GET", "/") as response:
            pass
    await client.aclose()

    assert (response.status_code, told) == (200, [])


async def test_websocket_that_the_client_has_closed_may_be_closed(
    open_client: OpenClient,
) -> None:
    client = open_client.without_entering(closing_after_the_client, strict=True)

    with told_rules() as told:
        async with client.websocket_connect("/"):
            pass
    await client.aclose()

    assert told == []
