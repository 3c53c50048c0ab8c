"""The client of requests over real servers."""

from __future__ import annotations

from asgi_testkit.requests import TestClient
from tests.servers.places import each_process

NAMED = "tests.servers.over_app:app"


@each_process
def test_client_of_requests_speaks_to_a_server(over: str) -> None:
    with TestClient(NAMED, over=over) as client:
        assert client.get("/seen").json()["url"] == "http://testserver/seen"
