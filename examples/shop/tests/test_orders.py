"""Buying, and the work that goes on behind the answer."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from asgi_testkit import TestClient

pytestmark = pytest.mark.usefixtures("lamp")


def test_receipt_is_in_the_outbox_when_the_call_returns(
    ada: TestClient, database_file: Path
) -> None:
    ada.post("/orders", json={"product_id": 1})

    with closing(sqlite3.connect(database_file)) as database:
        mails = database.execute("SELECT recipient, subject FROM mail").fetchall()

    assert mails == [("Ada", "Receipt for order 1")]


def test_order_keeps_its_total_and_lowers_the_stock(ada: TestClient) -> None:
    response = ada.post("/orders", json={"product_id": 1, "quantity": 2})

    order = {"id": 1, "product_id": 1, "quantity": 2, "total_cents": 2500, "state": "placed"}
    assert (response.status_code, response.json()) == (201, order)
    assert ada.get("/products/1").json()["stock"] == 1


def test_order_above_the_stock_is_409_and_changes_nothing(ada: TestClient) -> None:
    response = ada.post("/orders", json={"product_id": 1, "quantity": 4})

    assert response.status_code == 409
    assert ada.get("/products/1").json()["stock"] == 3
    assert ada.get("/orders").json() == []


def test_orders_of_others_stay_hidden(client: TestClient, ada: TestClient) -> None:
    bob = {"name": "Bob", "password": "correct horse"}
    client.post("/accounts", json=bob)
    client.post("/login", data=bob)

    ada.post("/orders", json={"product_id": 1})

    assert len(ada.get("/orders").json()) == 1
    assert client.get("/orders").json() == []


def test_sales_are_streamed_without_their_customers(client: TestClient, ada: TestClient) -> None:
    for quantity in (1, 2):
        ada.post("/orders", json={"product_id": 1, "quantity": quantity})

    with client.stream("GET", "/orders/stream") as response:
        sales = [json.loads(line) for line in response.iter_lines()]

    assert response.headers["content-type"] == "application/x-ndjson"
    assert sales == [
        {"order_id": 1, "product": "Lamp", "quantity": 1},
        {"order_id": 2, "product": "Lamp", "quantity": 2},
    ]
