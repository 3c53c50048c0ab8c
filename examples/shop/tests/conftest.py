"""What every test of the shop starts from: an app of its own, and people who use it.

Each test gets a new database file and a new upload folder, so tests never see each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from asgi_testkit import TestClient
from shop import create_app


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the shop off Daphne, which runs no lifespan."""
    reason = "Daphne runs no lifespan, and the shop opens its database there"
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.in_process_only(reason, over="daphne"))


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    """Return where the test's database will be; the app makes it."""
    return tmp_path / "shop.db"


@pytest.fixture
def upload_folder(tmp_path: Path) -> Path:
    """Return where the test's uploads will be; the app makes it."""
    return tmp_path / "uploads"


@pytest.fixture
def app(database_file: Path, upload_folder: Path) -> FastAPI:
    """Return a shop that was not started yet."""
    return create_app(
        database_url=f"sqlite+aiosqlite:///{database_file}",
        upload_folder=upload_folder,
        password_cost=2,
    )


@pytest.fixture
def asgi_app(app: FastAPI) -> FastAPI:
    """Tell the plugin's client fixtures what to run; `pytest --asgi-over` says on which server."""
    return app


@pytest.fixture
def client(asgi_client: TestClient) -> TestClient:
    """Return a visitor of the running shop, not logged in."""
    return asgi_client


@pytest.fixture
def ada(client: TestClient) -> TestClient:
    """Return Ada, a second and logged-in user of the shop that `client` visits.

    Hers is the first account, which makes the shop hers.
    """
    return new_user(client, "Ada")


@pytest.fixture
def bob(client: TestClient, ada: TestClient) -> TestClient:
    """Return Bob, a customer of Ada's."""
    return new_user(client, "Bob")


@pytest.fixture
def cleo(client: TestClient, ada: TestClient) -> TestClient:
    """Return Cleo, another customer of Ada's."""
    return new_user(client, "Cleo")


@pytest.fixture
def lamp(ada: TestClient) -> dict[str, Any]:  # Any: decoded JSON
    """Return a product that Ada put up for sale."""
    response = ada.post("/products", json={"name": "Lamp", "price_cents": 1250, "stock": 3})
    product: dict[str, Any] = response.raise_for_status().json()
    return product


def new_user(client: TestClient, name: str) -> TestClient:
    """Return somebody who has just signed up and logged in."""
    user = client.new_client()
    login = {"name": name, "password": "engine no 1"}
    user.post("/accounts", json=login).raise_for_status()
    user.post("/login", data=login).raise_for_status()
    return user
