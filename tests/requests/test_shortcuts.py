"""The short way of a plain GET: whatever the client is told between two, the app sees the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.cookies import RequestsCookieJar

from asgi_testkit.requests import TestClient
from tests.apps import mirror

Change: Any = Callable[[TestClient], object]


def sees(client: TestClient, change: Change) -> list[dict[str, Any]]:
    """Return what the app sees of four GETs, of which `change` comes after the second."""
    seen = [client.get("/x?a=1").json() for _ in range(2)]
    change(client)
    return [*seen, *(client.get("/x?a=1").json() for _ in range(2))]


def keep_a_cookie(client: TestClient) -> None:
    client.cookies["a"] = "1"


def take_another_jar(client: TestClient) -> None:
    client.cookies = RequestsCookieJar()
    client.cookies["b"] = "2"


def add_a_hook(client: TestClient) -> None:
    client.hooks["response"].append(lambda response, **_: None)


@pytest.mark.parametrize(
    "change",
    [
        lambda client: None,
        lambda client: client.headers.update({"X-Late": "1"}),
        lambda client: client.headers.pop("User-Agent"),
        lambda client: setattr(client, "auth", ("ann", "secret")),
        lambda client: client.params.update({"b": "2"}),
        lambda client: setattr(client, "base_url", "https://other.test/v1"),
        keep_a_cookie,
        take_another_jar,
        add_a_hook,
    ],
)
def test_the_app_sees_the_same_with_and_without_the_short_way(change: Change) -> None:
    short, long = TestClient(mirror.mirror), TestClient(mirror.mirror)
    long.use_shortcuts = False

    assert sees(short, change) == sees(long, change)


def test_a_prepared_request_is_the_tests_own_to_change() -> None:
    client = TestClient(mirror.mirror)
    for _ in range(3):
        prepared = client.prepare_request(requests.Request("GET", "/x"))
        assert "x-own" not in prepared.headers
        assert prepared.hooks == {"response": []}
        prepared.headers["X-Own"] = "1"
        prepared.register_hook("response", lambda response, **_: None)

    assert mirror.header_values(client.get("/x").json(), "x-own") == []


def test_a_method_of_another_base_class_is_called_for_every_request() -> None:
    log: list[str | None] = []

    class Logging(requests.Session):
        def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
            log.append(request.url)
            return super().prepare_request(request)

    class Client(TestClient, Logging):
        pass

    client = Client(mirror.mirror)
    for _ in range(3):
        client.get("/x")

    assert log == ["http://testserver/x"] * 3
