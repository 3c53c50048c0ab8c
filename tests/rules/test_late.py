"""Rules that show only beside another error, or after the call: H09 and H10."""

from __future__ import annotations

import asyncio
import warnings

import pytest

import tests.rules.broken  # noqa: F401 - registers
from asgi_testkit import ASGIRuleError
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import http_app
from tests.modes import OpenClient
from tests.rules.driving import exercise, told_rules
from tests.rules.registry import BROKEN, BrokenApp


def case_of(rule: str) -> BrokenApp:
    (case,) = (case for case in BROKEN if case.rule == rule)
    return case


# -- H09 --------------------------------------------------------------------------------------


async def others_end() -> None:
    tasks = [task for task in asyncio.all_tasks() if "send_late" in repr(task)]
    await asyncio.wait(tasks)


async def test_message_of_a_task_that_outlives_its_app_call_fails_the_leaving(
    open_client: OpenClient,
) -> None:
    if open_client.mode == "trio":  # its tasks end with the call that has started them
        return

    client = open_client.without_entering(http_app(case_of("H09").app))
    await client.__aenter__()
    response = await client.get("/")
    await client.run(others_end)
    with told_rules() as told, pytest.raises(ASGIRuleError, match="Rule H09 ") as caught:
        await client.__aexit__(None, None, None)

    assert (response.content, caught.value.rule, told) == (b"hello", "H09", [])


# -- H10 --------------------------------------------------------------------------------------


async def test_response_after_a_swallowed_error_fails_by_the_first_rule_and_warns_of_h10(
    open_client: OpenClient,
) -> None:
    case = case_of("H10")

    with told_rules() as told, pytest.raises(ASGIRuleError, match="Rule H20 ") as caught:
        await exercise(open_client, case, case.app)

    assert (caught.value.rule, told) == ("H20", ["H10"])


async def test_ignored_h10_leaves_the_error_of_the_first_rule(open_client: OpenClient) -> None:
    case = case_of("H10")

    with told_rules() as told, pytest.raises(ASGIRuleError, match="Rule H20 ") as caught:
        await exercise(open_client, case, case.app, ignore_rules={"H10"})

    assert (caught.value.rule, told) == ("H20", [])


async def test_app_that_raises_the_error_again_breaks_no_h10(open_client: OpenClient) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": None, "headers": []})
        except ASGIRuleError:
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b"sorry"})
            raise

    with told_rules() as told, pytest.raises(ASGIRuleError, match="Rule H20 "):
        await exercise(open_client, case_of("H10"), app)

    assert told == []


async def test_first_rule_fails_the_call_where_warnings_are_errors(
    open_client: OpenClient,
) -> None:
    case = case_of("H10")

    with warnings.catch_warnings(action="error"), pytest.raises(ASGIRuleError, match="Rule H20 "):
        await exercise(open_client, case, case.app)
