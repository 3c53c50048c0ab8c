"""What one call says of rules goes before what its client says; see `tests.rules`."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit import ASGIRuleError, UsageError
from tests.modes import OpenClient
from tests.rules.broken import http_fields, websocket
from tests.rules.driving import told_rules

PORTABLE = {"extensions": {"strict": True}}
LENIENT = {"extensions": {"strict": False}}


def ignoring(*rules: str) -> dict[str, Any]:
    return {"extensions": {"ignore_rules": set(rules)}}


async def test_strict_call_fails_by_a_rule_of_level_w(open_client: OpenClient) -> None:
    client = open_client.without_entering(http_fields.body_bytearray)

    with pytest.raises(ASGIRuleError, match="Rule H12 ") as caught:
        await client.get("/", **PORTABLE)
    with told_rules() as told:
        await client.get("/")
    await client.aclose()

    assert (caught.value.rule, told) == ("H12", ["H12"])


async def test_lenient_call_warns_of_a_rule_of_level_e(open_client: OpenClient) -> None:
    client = open_client.without_entering(http_fields.status_str, strict=True)

    with told_rules() as told:
        await client.get("/", **LENIENT)
    with pytest.raises(ASGIRuleError, match="Rule H20 "):
        await client.get("/")
    await client.aclose()

    assert told == ["H20"]


async def test_call_ignores_rules_beside_those_of_its_client(open_client: OpenClient) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": "200"})
        await send({"type": "http.response.body", "body": bytearray(b"hello")})

    client = open_client.without_entering(app, ignore_rules={"H12"})

    with told_rules() as told:
        response = await client.get("/", **ignoring("H20", "H33"))
    await client.aclose()

    assert (response.status_code, response.content, told) == (200, b"hello", [])


async def test_handshake_takes_what_a_request_takes(open_client: OpenClient) -> None:
    client = open_client.without_entering(websocket.ws_accept_headers)

    with told_rules() as told:
        async with client.websocket_connect("/", **ignoring("W18")):
            pass
    with pytest.raises(ASGIRuleError, match="Rule W18 "):
        async with client.websocket_connect("/", **PORTABLE):
            pass
    await client.aclose()

    assert told == []


@pytest.mark.parametrize(
    ("extensions", "text"),
    [
        ({"strict": "yes"}, "strict is 'yes'"),
        ({"ignore_rules": {"H99"}}, "'H99', which is no rule"),
    ],
)
async def test_call_that_names_what_is_not_there_is_refused(
    open_client: OpenClient, extensions: dict[str, Any], text: str
) -> None:
    client = open_client.without_entering(http_fields.body_bytearray)

    with pytest.raises(UsageError, match=text):
        await client.get("/", extensions=extensions)
    await client.aclose()
