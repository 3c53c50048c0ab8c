"""Wrong uses: each line must be an error, or its comment is one."""

from __future__ import annotations

import asgi_testkit
import asgi_testkit.httpx
import asgi_testkit.requests
from asgi_testkit.types import ASGIApp


async def double(number: int) -> int:
    return 2 * number


async def no_app(scope: object, receive: object) -> None: ...


def not_async(scope: object, receive: object, send: object) -> None: ...


def no_apps() -> None:
    asgi_testkit.TestClient("shop:app")  # type: ignore[arg-type]
    asgi_testkit.AsyncTestClient(no_app)  # type: ignore[arg-type]
    asgi_testkit.SyncASGITransport(not_async)  # type: ignore[arg-type]
    asgi_testkit.ASGITransport(None)  # type: ignore[arg-type]
    asgi_testkit.check(no_app)  # type: ignore[arg-type]
    asgi_testkit.httpx.TestClient(no_app)  # type: ignore[arg-type]
    asgi_testkit.httpx.ASGITransport("shop:app")  # type: ignore[arg-type]
    asgi_testkit.requests.TestClient(not_async)  # type: ignore[arg-type]
    asgi_testkit.requests.ASGIAdapter(3)  # type: ignore[arg-type]


def wrong_options(app: ASGIApp) -> None:
    asgi_testkit.TestClient(app, driver="process")  # type: ignore[arg-type]
    asgi_testkit.TestClient(app, backend="curio")  # type: ignore[arg-type]
    asgi_testkit.TestClient(app, background="never")  # type: ignore[arg-type]
    asgi_testkit.TestClient(app, bakground="wait")  # type: ignore[call-arg]  # (ty lets it pass)
    asgi_testkit.AsyncTestClient(app, grace="1")  # type: ignore[arg-type]
    asgi_testkit.requests.TestClient(app, client="here")  # type: ignore[arg-type]


def wrong_calls(client: asgi_testkit.TestClient) -> None:
    client.run(len, "abc")  # type: ignore[arg-type]
    client.nothing()  # type: ignore[attr-defined]
    number: str = client.run(double, 2)  # type: ignore[assignment]
    client.websocket_connect("/", subprotocols=[1])  # type: ignore[list-item]
    with client.websocket_connect("/") as session:
        session.send_text(b"bytes")  # type: ignore[arg-type]
        session.receive_json(mode="yaml")  # type: ignore[arg-type]
    del number
