# Generated from tests/httpx2/test_client_headers.py by scripts/write_httpx.py.
"""The headers of a client are httpx's own, with our user agent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from asgi_testkit.httpx import AsyncTestClient, TestClient
from tests.apps import raw

GIVEN = [
    None,
    {},
    {"x-a": "1"},
    [("x-a", "1"), ("x-a", "2")],
    {"User-Agent": "mine", "accept": "text/html"},
    httpx.Headers({"connection": "close"}),
]


def httpxs(given: Any) -> list[tuple[bytes, bytes]]:
    """Return what httpx's own client makes of our user agent and these headers."""
    merged = httpx.Headers({"user-agent": "testclient"})
    merged.update(given)
    return httpx.Client(headers=merged).headers.raw


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_first_headers_are_those_of_httpx_with_our_user_agent(kind: Any, given: Any) -> None:
    client = kind(raw.hello, headers=given)

    assert client.headers.raw == httpxs(given)


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_headers_that_are_set_replace_all_but_the_defaults(kind: Any, given: Any) -> None:
    client = kind(raw.hello, headers={"x-old": "1"})
    stock = httpx.Client(headers={"x-old": "1"})

    client.headers = stock.headers = given

    assert client.headers.raw == stock.headers.raw


def test_headers_of_one_client_are_not_those_of_the_next() -> None:
    client = TestClient(raw.hello)

    client.headers["x-mine"] = "1"

    assert "x-mine" not in TestClient(raw.hello).headers
    assert "x-mine" in client.build_request("GET", "/").headers
