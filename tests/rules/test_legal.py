"""Legal apps pass without a word, however odd they look; see `tests.rules`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

import tests.rules.legal  # noqa: F401 - registers
from tests.modes import OpenClient
from tests.rules.driving import exercise, told_rules
from tests.rules.registry import LEGAL, LegalApp

EXPECTED_PREFIXES = (b"x-", b"set-cookie")


def outcome(case: LegalApp) -> AbstractContextManager[object]:
    return nullcontext() if case.raises is None else pytest.raises(case.raises)


@pytest.mark.parametrize("case", LEGAL, ids=str)
async def test_legal_app_passes(open_client: OpenClient, case: LegalApp) -> None:
    result: Any = None
    with told_rules() as told, outcome(case):
        result = await exercise(open_client, case, case.app)

    assert told == ([] if case.warns is None else [case.warns])
    if case.raises is None:
        _check_what_arrived(case, result)


def _check_what_arrived(case: LegalApp, result: Any) -> None:
    if case.kind == "websocket":
        assert result == case.shows
        return
    assert (result.status_code, result.content) == case.shows
    shown = [pair for pair in result.headers.raw if pair[0].startswith(EXPECTED_PREFIXES)]
    assert tuple(shown) == case.headers


@pytest.mark.parametrize("open_client", ["inline", "asyncio"], indirect=True)
@pytest.mark.parametrize("case", [case for case in LEGAL if case.warns is None], ids=str)
async def test_legal_app_passes_a_strict_test(open_client: OpenClient, case: LegalApp) -> None:
    with told_rules() as told, outcome(case):
        await exercise(open_client, case, case.app, strict=True)

    assert told == []
