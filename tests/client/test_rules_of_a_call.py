"""A call may be strict, or ignore rules, by itself: `extensions={"strict": ..., ...}`."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_testkit import ASGIRuleError, ASGIRuleWarning, UsageError
from asgi_testkit.client.options import AppOptions
from asgi_testkit.protocol.rules import RulePolicy
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import answer, http_app, start
from tests.apps.websockets import accepting
from tests.modes import OpenClient

STRICT = {"strict": True}
LENIENT = {"strict": False}
IGNORING = {"ignore_rules": {"H27", "W18"}}


@http_app
async def speaks_loudly(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await accepting(headers=[(b"x-a", b"1")])(scope, receive, send)
    elif scope["path"] == "/twice":
        await start(send)
        await answer(send, b"loud")
    else:
        await answer(send, b"loud", headers=[(b"X-A", b"1")])


async def connect(client: Any, extensions: dict[str, Any] | None = None) -> None:
    async with client.websocket_connect("/", extensions=extensions):
        pass


async def test_a_strict_call_fails_where_others_warn(open_client: OpenClient) -> None:
    async with open_client(speaks_loudly) as client:
        with pytest.raises(ASGIRuleError, match="Rule H27 "):
            await client.get("/", extensions=STRICT)
        with pytest.warns(ASGIRuleWarning, match="Rule H27 "):
            await client.get("/")


async def test_a_lenient_call_passes_where_others_fail(open_client: OpenClient) -> None:
    async with open_client(speaks_loudly, strict=True) as client:
        assert (await client.get("/", extensions=LENIENT)).text == "loud"
        with pytest.raises(ASGIRuleError, match="Rule H27 "):
            await client.get("/")


async def test_an_error_is_a_warning_of_a_lenient_call(open_client: OpenClient) -> None:
    async with open_client(speaks_loudly) as client:
        with pytest.warns(ASGIRuleWarning, match="Rule H02 "):
            response = await client.get("/twice", extensions=LENIENT)

    assert response.text == "loud"


async def test_a_call_ignores_rules_that_others_warn_of(open_client: OpenClient) -> None:
    async with open_client(speaks_loudly) as client:
        await client.get("/", extensions=IGNORING)
        with pytest.warns(ASGIRuleWarning, match="Rule H27 "):
            await client.get("/")


async def test_what_a_call_ignores_it_ignores_beside_what_its_client_does(
    open_client: OpenClient,
) -> None:
    async with open_client(speaks_loudly, ignore_rules={"H02"}, strict=True) as client:
        response = await client.get("/twice", extensions=IGNORING)

    assert response.text == "loud"


async def test_a_streamed_call_has_rules_of_its_own(open_client: OpenClient) -> None:
    async with (
        open_client(speaks_loudly, strict=True) as client,
        client.stream("GET", "/", extensions=IGNORING) as response,
    ):
        assert await response.aread() == b"loud"


async def test_an_exchange_has_rules_of_its_own(open_client: OpenClient) -> None:
    async with (
        open_client(speaks_loudly, strict=True) as client,
        client.exchange("POST", "/", extensions=IGNORING) as exchange,
    ):
        assert [piece async for piece in exchange] == [b"loud"]


async def test_a_strict_websocket_fails_where_others_warn(open_client: OpenClient) -> None:
    async with open_client(speaks_loudly) as client:
        with pytest.raises(ASGIRuleError, match="Rule W18 "):
            await connect(client, STRICT)
        with pytest.warns(ASGIRuleWarning, match="Rule W18 "):
            await connect(client)


async def test_a_websocket_ignores_rules_that_others_fail_by(open_client: OpenClient) -> None:
    async with open_client(speaks_loudly, strict=True) as client:
        await connect(client, IGNORING)
        with pytest.raises(ASGIRuleError, match="Rule W18 "):
            await connect(client)


@pytest.mark.parametrize(
    ("extensions", "text"),
    [
        ({"strict": "yes"}, "strict is 'yes'; it may be: True, False, 'warn'"),
        ({"strict": 1}, "strict is 1; it may be: True, False, 'warn'"),
        ({"ignore_rules": "H27"}, "ignore_rules is the string 'H27'; a set is wanted"),
        ({"ignore_rules": {"H99"}}, "ignore_rules names 'H99', which is no rule"),
    ],
)
async def test_a_wrong_value_of_a_call_is_refused(
    open_client: OpenClient, extensions: dict[str, Any], text: str
) -> None:
    async with open_client(speaks_loudly) as client:
        with pytest.raises(UsageError, match=text):
            await client.get("/", extensions=extensions)
        with pytest.raises(UsageError, match=text):
            await connect(client, extensions)


def options(**policy: Any) -> AppOptions:
    return AppOptions(policy=RulePolicy(**policy))


def test_options_of_a_call_that_says_nothing_are_the_clients() -> None:
    given = options(strict=True)

    assert given.for_call({"timeout": {}, "scope": {}}) is given


def test_options_of_a_call_share_what_was_told_and_where_the_app_is() -> None:
    given = options(home="app.py:1", ignored=frozenset({"H27"}))

    policy = given.for_call({"strict": False, "ignore_rules": ["W20"]}).policy

    assert (policy.strict, policy.ignored) == (False, {"H27", "W20"})
    assert (policy.told is given.policy.told, policy.home) == (True, "app.py:1")
