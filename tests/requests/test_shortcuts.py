"""The short way of a plain GET: whatever the client is told between two, the app sees the same."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import requests
import urllib3
from requests.cookies import RequestsCookieJar

from asgi_testkit.requests import ASGIAdapter, TestClient
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


READS: dict[str, Callable[[requests.Response], object]] = {
    "text": lambda response: response.text,
    "json": lambda response: response.json()["path"],
    "headers": lambda response: dict(response.headers),
    "one header": lambda response: response.headers["Content-Type"],
    "encoding": lambda response: (response.encoding, response.apparent_encoding),
    "flags": lambda response: (response.ok, bool(response), response.is_permanent_redirect),
    "redirects": lambda response: (response.is_redirect, response.next, response.history),
    "cookies": lambda response: response.cookies.get_dict(),
    "request": lambda response: (response.request.url, response.url),
    "pieces": lambda response: [list(response.iter_content(7)), list(response.iter_content(9))],
    "lines": lambda response: list(response.iter_lines()),
    "iterated": list,
    "after close": lambda response: (response.close(), response.content, list(response)),
    "pickled": lambda response: pickle.loads(pickle.dumps(response)).json()["path"],
    "copied": lambda response: (copy.copy(response).headers, copy.copy(response).text),
    "raw": lambda response: (response.raw.status, response.raw.version, response.raw.reason),
    "raw headers": lambda response: list(response.raw.headers.items()),
    "raw is read": lambda response: (response.raw.closed, response.raw.read(), response.raw.tell()),
    "shown": repr,
    "no such attribute": lambda response: getattr(response, "no_such", "none"),
    "set before": lambda response: (setattr(response, "encoding", "ascii"), response.text),
    "elapsed": lambda response: response.elapsed.total_seconds() > 0,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_whatever_is_read_of_a_late_response_first_is_as_requests_made_it(
    read: Callable[[requests.Response], object],
) -> None:
    seen: list[object] = []
    for use_shortcuts in (True, False):
        adapter = ASGIAdapter(mirror.mirror)
        adapter.use_shortcuts = use_shortcuts
        with requests.Session() as session:
            session.mount("http://", adapter)
            response = session.get("http://testserver/x?a=1")
            seen.append((read(response), response.content, response.status_code))

    assert seen[0] == seen[1]


def test_raw_of_a_late_response_is_urllib3s_and_holds_its_parts() -> None:
    response = TestClient(mirror.mirror).get("/x")

    assert isinstance(response.raw, urllib3.HTTPResponse)
    assert response.raw is response.raw
    assert response.raw.headers["content-type"] == response.headers["Content-Type"]


def test_a_header_that_changes_between_two_requests_of_one_url_reaches_the_app() -> None:
    client = TestClient(mirror.mirror)

    seen = [client.get("/x", headers={"x-own": value}).json() for value in ("1", "2", "2")]

    assert [mirror.header_values(each, "x-own") for each in seen] == [["1"], ["2"], ["2"]]
