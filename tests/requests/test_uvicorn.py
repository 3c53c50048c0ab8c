"""Requests and errors beside those of requests itself over loopback, with uvicorn serving."""

from __future__ import annotations

import io
import queue
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import uvicorn

from tests.apps import mirror
from tests.apps.raw import http_app, piece, start
from tests.requests.conftest import Enter

NOT_COMPARED = {"client", "server", "state"}  # addresses of loopback; uvicorn has a state always


@http_app
async def app(scope: Any, receive: Any, send: Any) -> None:
    """Mirror, or fail amid the response."""
    if scope["path"] != "/cut":
        await mirror.mirror(scope, receive, send)
        return
    await start(send)
    await piece(send, b"half")
    raise LookupError("cut")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the app."""
    listening = socket.create_server(("127.0.0.1", 0))
    started: queue.SimpleQueue[bool] = queue.SimpleQueue()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            started.put(True)

    server = Server(uvicorn.Config(app, http="h11", ws="none", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    started.get(timeout=10)
    yield "http://{}:{}".format(*listening.getsockname())
    server.should_exit = True
    thread.join()


def over_loopback(send: Callable[[requests.Session, str], Any], address: str) -> Any:
    """Return what a plain session gets from the server."""
    with requests.Session() as session:
        session.trust_env = False
        session.headers["User-Agent"] = "testclient"
        return send(session, address)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"url": "/a%2Fb/../c?q=%2F&r=ü#part", "params": {"s": ["1", "2"]}},
        {"method": "POST"},
        {"method": "POST", "json": {"a": 1}, "headers": {"X-Own": "é", "X-Raw": b"\xe9"}},
        {"method": "PUT", "data": {"a": "1"}, "auth": ("ann", "secret"), "cookies": {"c": "1"}},
        {"method": "PATCH", "data": lambda: iter([b"a", b"", b"b"])},
        {"method": "DELETE", "data": lambda: io.BytesIO(b"file")},
    ],
)
def test_the_app_sees_the_request_of_the_wire(
    enter: Enter, address: str, options: dict[str, Any]
) -> None:
    def send(session: requests.Session, base_url: str) -> dict[str, Any]:
        given = {"method": "GET", "url": "/", **options}
        data = given.pop("data", None)
        url = f"{base_url}{given.pop('url')}"
        body = data() if callable(data) else data
        seen: dict[str, Any] = session.request(url=url, data=body, **given).json()
        return {key: value for key, value in seen.items() if key not in NOT_COMPARED}

    assert send(enter(app), address) == over_loopback(send, address)


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_cut_body_is_the_error_that_requests_raises(
    enter: Enter, address: str, is_stream: bool
) -> None:
    def send(session: requests.Session, base_url: str) -> type[BaseException]:
        with pytest.raises(requests.RequestException) as caught:
            session.get(f"{base_url}/cut", stream=is_stream).content  # noqa: B018
        return caught.type

    assert send(enter(app, raise_server_exceptions=False), address) is over_loopback(send, address)
