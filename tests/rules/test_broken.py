"""Every app that breaks a rule fails its test, or warns, by the rule's id; see `tests.rules`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext, suppress

import httpx2
import pytest

import tests.rules.broken  # noqa: F401 - registers
from asgi_testkit import ASGIRuleError, LifespanFailed, WebSocketDisconnect
from tests.modes import OpenClient
from tests.rules.driving import Witness, exercise, swallowing, told_rules
from tests.rules.registry import BROKEN, BrokenApp


def each(cases: Iterable[BrokenApp]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", list(cases), ids=str)


FEWER_MODES = pytest.mark.parametrize("open_client", ["inline", "asyncio"], indirect=True)
"""For what is decided before any driver comes to it."""

ORDINARY = [case for case in BROKEN if not case.is_late and case.rule != "H10"]
ERRORS = [case for case in ORDINARY if case.level == "E" and case.raises is None]
SENT = [case for case in ERRORS if not case.is_return]
WARNED = [case for case in ORDINARY if case.level == "W" and not case.is_return]


# -- level E ----------------------------------------------------------------------------------


@each(ERRORS)
async def test_broken_rule_fails_the_call(open_client: OpenClient, case: BrokenApp) -> None:
    with told_rules() as told, pytest.raises(ASGIRuleError, match=f"Rule {case.rule} ") as caught:
        await exercise(open_client, case, case.app)

    assert caught.value.rule == case.rule
    assert set(told) <= case.also


@each(SENT)
async def test_broken_rule_fails_the_call_of_an_app_that_swallows_it(
    open_client: OpenClient, case: BrokenApp
) -> None:
    with told_rules() as told, pytest.raises(ASGIRuleError, match=f"Rule {case.rule} ") as caught:
        await exercise(open_client, case, swallowing(case.app))

    assert caught.value.rule == case.rule
    assert set(told) <= case.also | {"H10"}


@FEWER_MODES
@each(ERRORS)
async def test_broken_rule_only_warns_in_a_lenient_test(
    open_client: OpenClient, case: BrokenApp
) -> None:
    with told_rules() as told, suppress(httpx2.RemoteProtocolError, WebSocketDisconnect):
        await exercise(open_client, case, case.app, strict=False)

    assert told[0] == case.rule


@FEWER_MODES
@each(ERRORS)
async def test_rule_that_is_ignored_is_not_named(open_client: OpenClient, case: BrokenApp) -> None:
    knock_on: list[str] = []
    with told_rules() as told, suppress(httpx2.RemoteProtocolError, WebSocketDisconnect):
        try:
            await exercise(open_client, case, case.app, ignore_rules={case.rule})
        except ASGIRuleError as error:  # another rule, which is broken by what follows
            knock_on.append(error.rule)

    assert case.rule not in (*told, *knock_on)


# -- exceptions and silence -------------------------------------------------------------------


@each(case for case in ORDINARY if case.is_own)
async def test_exception_reaches_the_test_as_itself_and_the_transcript_names_the_rule(
    open_client: OpenClient, case: BrokenApp
) -> None:
    app = Witness(case.app)
    assert case.raises is not None
    transcripts: list[str] = []

    with pytest.raises(case.raises) as caught:
        await exercise(open_client, case, app, transcripts=transcripts)

    assert caught.value is app.bare
    assert not any("Rule " in note for note in getattr(caught.value, "__notes__", []))
    assert f"(rule {case.rule})" in transcripts[0]


@each(case for case in ORDINARY if case.rule in ("H50", "L03", "L10"))
async def test_silence_ends_in_an_error_that_names_the_rule(
    open_client: OpenClient, case: BrokenApp
) -> None:
    assert case.raises is not None

    with pytest.raises(case.raises, match=rf"\b[Rr]ule {case.rule}\b"):
        await exercise(open_client, case, case.app, grace=0.1)


FAILED = r"no database|pool is busy|between startup and shutdown"


@each(case for case in ORDINARY if case.rule in ("L02", "L09", "L11") and case.is_return)
async def test_failed_lifespan_fails_the_test(open_client: OpenClient, case: BrokenApp) -> None:
    assert case.raises is not None

    with pytest.raises(case.raises, match=FAILED) as caught:
        await exercise(open_client, case, case.app)

    names_rule = re.search(rf"\b[Rr]ule {case.rule}\b", str(caught.value)) is not None
    assert names_rule or case.raises is not LifespanFailed


# -- level W ----------------------------------------------------------------------------------


def outcome(case: BrokenApp) -> AbstractContextManager[object]:
    """Expect what the call raises in any case, if anything."""
    return nullcontext() if case.raises is None else pytest.raises(case.raises)


@each(WARNED)
async def test_rule_of_level_w_warns_once(open_client: OpenClient, case: BrokenApp) -> None:
    with told_rules() as told, outcome(case):
        await exercise(open_client, case, case.app)

    assert told == [case.rule]


@each(case for case in WARNED if case.raises is None)
async def test_rule_of_level_w_warns_once_of_two_equal_calls(
    open_client: OpenClient, case: BrokenApp
) -> None:
    with told_rules() as told:
        await exercise(open_client, case, case.app, times=2)

    assert told == [case.rule]


@each(WARNED)
async def test_rule_of_level_w_fails_a_strict_test(
    open_client: OpenClient, case: BrokenApp
) -> None:
    with told_rules() as told, pytest.raises(ASGIRuleError, match=f"Rule {case.rule} ") as caught:
        await exercise(open_client, case, case.app, strict=True)

    assert (caught.value.rule, told) == (case.rule, [])


@FEWER_MODES
@each(WARNED)
@pytest.mark.parametrize("way", ["ignored", "lenient"])
async def test_rule_of_level_w_can_be_let_pass(
    open_client: OpenClient, case: BrokenApp, way: str
) -> None:
    options = {"ignore_rules": {case.rule}} if way == "ignored" else {"strict": False}

    with told_rules() as told, outcome(case):
        await exercise(open_client, case, case.app, **options)

    assert told == []


# -- level F ----------------------------------------------------------------------------------


@each(case for case in ORDINARY if case.level == "F" and not case.is_return)
async def test_behaviour_of_servers_is_no_broken_rule(
    open_client: OpenClient, case: BrokenApp
) -> None:
    with told_rules() as told, outcome(case):
        await exercise(open_client, case, case.app, strict=True)

    assert told == []
