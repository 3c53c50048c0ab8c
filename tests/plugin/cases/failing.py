"""Tests that fail, a kind of failure each; `tests/plugin/golden/` has what pytest says of them."""

from __future__ import annotations

import kiosk
import pytest

from asgi_testkit import AsyncTestClient, TestClient


def test_assertion_on_a_status(asgi_client: TestClient) -> None:
    response = asgi_client.post("/orders?today=1", json={"item": "papers", "count": 4})

    assert response.status_code == 201


def test_exception_of_the_app(asgi_client: TestClient) -> None:
    asgi_client.get("/prices/papers")


@pytest.mark.asgi(app=kiosk.hasty)
def test_broken_rule(asgi_client: TestClient) -> None:
    asgi_client.get("/")


def test_stall(asgi_client: TestClient) -> None:
    asgi_client.get("/queue")


def test_websocket_closed_early(asgi_client: TestClient) -> None:
    with asgi_client.websocket_connect("/chat") as session:
        session.send_text("open")
        assert session.receive_text() == "open?"
        session.receive_text()


def test_denial(asgi_client: TestClient) -> None:
    with asgi_client.websocket_connect("/backroom"):
        pass


def test_broken_event_stream(asgi_client: TestClient) -> None:
    with asgi_client.sse("/news") as events:
        assert next(events).data == "one"
        next(events)


@pytest.mark.asgi(app=kiosk.closed)
def test_failed_lifespan(asgi_client: TestClient) -> None:
    asgi_client.get("/")


@pytest.mark.asyncio
async def test_async(async_asgi_client: AsyncTestClient) -> None:
    response = await async_asgi_client.post("/orders", json={"item": "pens", "count": 1})

    assert response.status_code == 201


def test_background_task(asgi_client: TestClient) -> None:
    asgi_client.get("/receipt")


def test_redirect_loop(asgi_client: TestClient) -> None:
    asgi_client.get("/around")


def test_two_clients(asgi_client: TestClient) -> None:
    other = TestClient(kiosk.app)
    order = {"item": "papers", "count": 2}

    first = asgi_client.post("/orders", json=order)
    second = other.post("/orders", json=order)

    assert (first.status_code, second.status_code) == (201, 409)


def test_many_exchanges(asgi_client: TestClient) -> None:
    for number in range(30):
        asgi_client.get(f"/unknown/{number}")

    pytest.fail("all were unknown")


@pytest.fixture
def opened(asgi_client: TestClient) -> TestClient:
    asgi_client.post("/orders", json={"item": "papers", "count": 1}).raise_for_status()
    assert asgi_client.get("/open").status_code == 200
    return asgi_client


def test_set_up(opened: TestClient) -> None:
    """Fails in its fixture."""
