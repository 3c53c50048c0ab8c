# Generated from tests/client/test_default_limits.py by scripts/write_httpx.py.
"""Limits that a client was not told come from the settings, when the client is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from asgi_testkit import LifespanManager, StallError, UsageError
from asgi_testkit.client.options import AppOptions
from asgi_testkit.httpx import ASGITransport, AsyncTestClient, SyncASGITransport, TestClient
from asgi_testkit.settings import SETTINGS
from tests.apps import raw

CLIENTS = [TestClient, AsyncTestClient]
TRANSPORTS = [SyncASGITransport, ASGITransport]
each_client = pytest.mark.parametrize("make", CLIENTS)
each_transport = pytest.mark.parametrize("make", TRANSPORTS)
everything = pytest.mark.parametrize("make", [*CLIENTS, *TRANSPORTS, LifespanManager])


def options_of(made: Any) -> AppOptions:
    """Return the checked options: no public name shows `grace`."""
    if isinstance(made, LifespanManager):
        return made._options
    options = made.translator.options if hasattr(made, "translator") else made._app_options
    assert isinstance(options, AppOptions)
    return options


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("given_timeout", "given_grace"):
        monkeypatch.setattr(SETTINGS, name, None)
    monkeypatch.setenv("ASGI_TESTKIT_TIMEOUT", "7")
    monkeypatch.setenv("ASGI_TESTKIT_GRACE", "0.5")


@everything
def test_limits_that_are_left_out_are_the_environments(make: Callable[..., Any]) -> None:
    options = options_of(make(raw.hello))

    assert (options.timeout, options.grace) == (7.0, 0.5)


@everything
def test_timeout_of_none_is_no_limit_whatever_the_environment_says(
    make: Callable[..., Any],
) -> None:
    assert options_of(make(raw.hello, timeout=None)).timeout is None


@pytest.mark.parametrize("make", [*CLIENTS, *TRANSPORTS])
def test_argument_counts_before_the_environment(make: Callable[..., Any]) -> None:
    options = options_of(make(raw.hello, timeout=2, grace=3))

    assert (options.timeout, options.grace) == (2, 3)


@everything
def test_without_an_environment_there_are_30_seconds_and_one_of_grace(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASGI_TESTKIT_TIMEOUT")
    monkeypatch.delenv("ASGI_TESTKIT_GRACE")

    options = options_of(make(raw.hello))

    assert (options.timeout, options.grace) == (30.0, 1.0)


@everything
def test_wrong_timeout_in_the_environment_is_a_usage_error(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASGI_TESTKIT_TIMEOUT", "soon")

    with pytest.raises(UsageError, match="ASGI_TESTKIT_TIMEOUT is 'soon'; a number of seconds"):
        make(raw.hello)


@everything
def test_wrong_grace_in_the_environment_is_a_usage_error(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASGI_TESTKIT_GRACE", "-1")

    with pytest.raises(UsageError, match="ASGI_TESTKIT_GRACE is '-1'; a number of seconds"):
        make(raw.hello)


@each_client
def test_clients_own_timeout_is_the_environments(make: Callable[..., Any]) -> None:
    assert make(raw.hello).timeout == httpx.Timeout(7.0)


@each_client
def test_new_client_keeps_the_limit_of_the_first(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make(raw.hello)
    monkeypatch.setenv("ASGI_TESTKIT_TIMEOUT", "9")

    assert first.new_client().timeout == httpx.Timeout(7.0)


def test_silence_beyond_the_environments_limit_is_a_stall(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ASGI_TESTKIT_TIMEOUT", "0.02")
    monkeypatch.setenv("ASGI_TESTKIT_GRACE", "0")

    async def silent(scope: Any, receive: Any, send: Any) -> None:
        while True:
            await receive()

    with pytest.raises(StallError, match=r"0\.02"):
        TestClient(silent).get("/")
