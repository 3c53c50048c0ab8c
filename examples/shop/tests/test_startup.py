"""The database lives exactly as long as the `with` block."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI

from asgi_testkit import TestClient


def test_entering_the_client_opens_the_database(app: FastAPI, database_file: Path) -> None:
    assert not database_file.exists()

    with TestClient(app) as client:
        response = client.get("/products")

    assert (response.status_code, response.json()) == (200, [])
    assert database_file.exists()


def test_leaving_the_client_closes_the_database(app: FastAPI, database_file: Path) -> None:
    write_ahead_log = Path(f"{database_file}-wal")

    with TestClient(app) as client:
        client.get("/products")
        assert write_ahead_log.exists()

    # SQLite removes the log together with the last connection.
    assert not write_ahead_log.exists()


def test_a_client_that_was_not_entered_finds_no_database(app: FastAPI) -> None:
    client = TestClient(app)

    with pytest.raises(AttributeError, match="engine"):
        client.get("/products")


def test_products_outlive_a_restart(app: FastAPI) -> None:
    client = TestClient(app)
    login = {"name": "Ada", "password": "engine no 1"}
    with client:
        client.post("/accounts", json=login)
        client.post("/login", data=login)
        client.post("/products", json={"name": "Lamp", "price_cents": 1250})

    with client:
        products = client.get("/products").json()
        me = client.get("/me").json()

    assert [product["name"] for product in products] == ["Lamp"]
    assert me["name"] == "Ada"
