"""The test that the pictures show failing."""

from __future__ import annotations

from asgi_testkit import TestClient
from scripts.pictured.teashop import app


def test_an_order_is_taken() -> None:
    """Fail: nobody has checked that there are cups."""
    with TestClient(app) as client, client.websocket_connect("/stock", ["v1"]) as stock:
        login = client.post("/login", json={"name": "ada", "password": "engine"})
        client.headers["authorization"] = f"Bearer {login.json()['token']}"
        assert len(client.get("/items?page=1").json()) == 2
        stock.send_json(1)
        assert stock.receive_json()["left"] == 12
        assert client.post("/mails", json={"to": "ada"}).status_code == 202
        assert client.get("/items/99").status_code == 404
        stock.send_json(7)
        assert stock.receive_json()["item"] == 7
        assert client.post("/orders?notify=yes", json={"item": 7, "count": 2}).status_code == 201
