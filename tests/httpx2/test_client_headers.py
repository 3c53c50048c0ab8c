"""The headers of a client are httpx2's own, with our user agent."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from asgi_testkit import AsyncTestClient, TestClient
from tests.apps import raw

GIVEN = [
    None,
    {},
    {"x-a": "1"},
    [("x-a", "1"), ("x-a", "2")],
    {"User-Agent": "mine", "accept": "text/html"},
    httpx2.Headers({"connection": "close"}),
]


def httpx2s(given: Any) -> list[tuple[bytes, bytes]]:
    """Return what httpx2's own client makes of our user agent and these headers."""
    merged = httpx2.Headers({"user-agent": "testclient"})
    merged.update(given)
    return httpx2.Client(headers=merged).headers.raw


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_first_headers_are_those_of_httpx2_with_our_user_agent(kind: Any, given: Any) -> None:
    client = kind(raw.hello, headers=given)

    assert client.headers.raw == httpx2s(given)


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_headers_that_are_set_replace_all_but_the_defaults(kind: Any, given: Any) -> None:
    client = kind(raw.hello, headers={"x-old": "1"})
    stock = httpx2.Client(headers={"x-old": "1"})

    client.headers = stock.headers = given

    assert client.headers.raw == stock.headers.raw


def test_headers_of_one_client_are_not_those_of_the_next() -> None:
    client = TestClient(raw.hello)

    client.headers["x-mine"] = "1"

    assert "x-mine" not in TestClient(raw.hello).headers
    assert "x-mine" in client.build_request("GET", "/").headers
