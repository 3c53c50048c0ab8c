"""What broken rules lead to, where the client was not told, comes from the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_testkit import (
    ASGIRuleError,
    ASGITransport,
    AsyncTestClient,
    LifespanManager,
    SyncASGITransport,
    TestClient,
    UsageError,
)
from asgi_testkit.settings import SETTINGS, read_strict
from tests.apps import raw
from tests.client.test_default_limits import options_of

CLIENTS = [TestClient, AsyncTestClient]
TRANSPORTS = [SyncASGITransport, ASGITransport]
each_client = pytest.mark.parametrize("make", CLIENTS)
each_transport = pytest.mark.parametrize("make", TRANSPORTS)
everything = pytest.mark.parametrize("make", [*CLIENTS, *TRANSPORTS, LifespanManager])


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("given_strict", "given_ignore_rules"):
        monkeypatch.setattr(SETTINGS, name, None)
    monkeypatch.setenv("ASGI_TESTKIT_STRICT", "true")
    monkeypatch.setenv("ASGI_TESTKIT_IGNORE_RULES", "H27, W20")


@everything
def test_what_is_left_out_is_the_environments(make: Callable[..., Any]) -> None:
    policy = options_of(make(raw.hello)).policy

    assert (policy.strict, policy.ignored) == (True, {"H27", "W20"})


@each_client
def test_argument_counts_before_the_environment(make: Callable[..., Any]) -> None:
    assert options_of(make(raw.hello, strict="warn")).policy.strict == "warn"


@each_client
def test_rules_of_argument_and_environment_are_ignored(make: Callable[..., Any]) -> None:
    policy = options_of(make(raw.hello, ignore_rules={"H33"})).policy

    assert policy.ignored == {"H27", "H33", "W20"}


@everything
@pytest.mark.parametrize("text", [None, ""])
def test_without_an_environment_rules_are_warned_of_and_none_is_ignored(
    make: Callable[..., Any], text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ASGI_TESTKIT_STRICT", "ASGI_TESTKIT_IGNORE_RULES"):
        if text is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, text)

    policy = options_of(make(raw.hello)).policy

    assert (policy.strict, policy.ignored) == ("warn", frozenset())


@everything
def test_what_was_given_to_a_runner_counts_before_the_environment(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SETTINGS, "given_strict", "false")
    monkeypatch.setattr(SETTINGS, "given_ignore_rules", "")

    policy = options_of(make(raw.hello)).policy

    assert (policy.strict, policy.ignored) == (False, frozenset())


@everything
def test_wrong_strictness_in_the_environment_is_a_usage_error(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASGI_TESTKIT_STRICT", "yes")

    with pytest.raises(UsageError, match="ASGI_TESTKIT_STRICT is 'yes'; it may be: true, warn"):
        make(raw.hello)


@everything
def test_wrong_rule_in_the_environment_is_a_usage_error(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASGI_TESTKIT_IGNORE_RULES", "H27 H99")

    with pytest.raises(UsageError, match="ASGI_TESTKIT_IGNORE_RULES names 'H99', which is no rule"):
        make(raw.hello)


@pytest.mark.parametrize(
    ("text", "strict"),
    [("true", True), ("TRUE", True), ("warn", "warn"), (" False ", False)],
)
def test_a_strictness_is_read_in_any_case(text: str, strict: bool | str) -> None:
    assert read_strict(text, "here") == strict


@pytest.mark.parametrize("text", ["", "1", "yes", "none"])
def test_what_is_no_strictness_is_refused_with_its_source(text: str) -> None:
    with pytest.raises(ValueError, match=f"^here is '{text}'; it may be: true, warn, false"):
        read_strict(text, "here")


@pytest.mark.parametrize("text", ["H27,W20", " H27 W20 ", "H27,, W20,"])
def test_rules_are_separated_by_commas_or_spaces(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASGI_TESTKIT_IGNORE_RULES", text)

    assert SETTINGS.ignored_rules == {"H27", "W20"}


async def speaks_loudly(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"X-A", b"1")]})
    await send({"type": "http.response.body"})


def test_rule_of_level_w_fails_a_test_where_the_environment_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ASGI_TESTKIT_IGNORE_RULES")

    with pytest.raises(ASGIRuleError, match="Rule H27 "):
        TestClient(speaks_loudly).get("/")


def test_rule_that_the_environment_ignores_is_let_pass() -> None:
    assert TestClient(speaks_loudly).get("/").status_code == 200
