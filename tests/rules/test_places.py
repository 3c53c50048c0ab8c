"""A warning is given once for each place of the app, and each rule; see `tests.rules`."""

from __future__ import annotations

from typing import Any

from asgi_testkit.types import Receive, Scope, Send
from tests.modes import OpenClient
from tests.rules.driving import told_rules


async def looping(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in (b"a", b"b", b"c"):
        await send({"type": "http.response.body", "body": bytearray(piece), "more_body": True})
    await send({"type": "http.response.body"})


async def in_two_places(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": bytearray(b"a"), "more_body": True})
    await send({"type": "http.response.body", "body": bytearray(b"b")})


async def by_two_rules(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"X-Name", b"value"), (b"X-Other", b" value")]
    await send({"type": "http.response.start", "status": 600, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


async def rules_of(open_client: OpenClient, app: Any, *, calls: int = 1) -> list[str]:
    client = open_client.without_entering(app)
    with told_rules() as told:
        for _ in range(calls):
            await client.get("/")
    await client.aclose()
    return told


async def test_one_line_warns_once_however_often_it_sends(open_client: OpenClient) -> None:
    assert await rules_of(open_client, looping) == ["H12"]


async def test_two_lines_warn_twice_whatever_the_number_of_calls(open_client: OpenClient) -> None:
    assert await rules_of(open_client, in_two_places, calls=3) == ["H12", "H12"]


async def test_one_line_warns_of_each_rule_that_it_breaks(open_client: OpenClient) -> None:
    assert await rules_of(open_client, by_two_rules) == ["H22", "H27", "H32"]
