"""Products: making, finding, pricing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from asgi_testkit import TestClient
from shop.dependencies import exchange_rates


def test_created_product_is_at_its_location(client: TestClient, ada: TestClient) -> None:
    created = ada.post("/products", json={"name": "Lamp", "price_cents": 1250, "stock": 3})

    assert created.status_code == 201
    assert client.get(created.headers["location"]).json() == {
        "id": 1,
        "name": "Lamp",
        "price_cents": 1250,
        "stock": 3,
        "image_type": None,
    }


def test_creating_a_product_needs_a_login(client: TestClient) -> None:
    response = client.post("/products", json={"name": "Lamp", "price_cents": 1250})

    assert response.status_code == 401
    assert client.get("/products").json() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"price_cents": 1250}, "name"),
        ({"name": "", "price_cents": 1250}, "name"),
        ({"name": "Lamp", "price_cents": 0}, "price_cents"),
        ({"name": "Lamp", "price_cents": 1250, "stock": "many"}, "stock"),
    ],
)
def test_invalid_product_is_422_and_names_the_field(
    ada: TestClient, body: dict[str, object], field: str
) -> None:
    response = ada.post("/products", json=body)

    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["detail"]] == [["body", field]]


def test_unknown_product_is_404(client: TestClient) -> None:
    response = client.get("/products/7")

    assert (response.status_code, response.json()["detail"]) == (404, "There is no product 7.")


def test_search_takes_a_percent_sign_literally(ada: TestClient) -> None:
    for name in ("100% cotton shirt", "1000 pins", "Lamp"):
        ada.post("/products", json={"name": name, "price_cents": 1250})

    found = ada.get("/products", params={"search": "0% c"}).json()

    assert [product["name"] for product in found] == ["100% cotton shirt"]


def test_short_link_leads_to_the_product(client: TestClient, lamp: dict[str, Any]) -> None:
    response = client.get("/p/1")

    assert [step.status_code for step in response.history] == [307]
    assert response.url.path == "/products/1"
    assert response.json() == lamp


@pytest.mark.usefixtures("lamp")
def test_short_link_alone_is_a_redirect(client: TestClient) -> None:
    response = client.get("/p/1", follow_redirects=False)

    assert response.status_code == 307
    assert response.headers["location"] == "http://testserver/products/1"


@pytest.mark.usefixtures("lamp")
def test_price_follows_the_rates_the_test_puts_in_place(client: TestClient) -> None:
    async def rates_of_the_test() -> Mapping[str, float]:
        return {"DKK": 7.5}

    with client.override(exchange_rates, rates_of_the_test):
        price = client.get("/products/1/price", params={"currency": "DKK"})
        missing = client.get("/products/1/price", params={"currency": "XXX"})

    assert price.json() == {"currency": "DKK", "cents": 9375}
    assert missing.status_code == 404


@pytest.mark.parametrize("path", ["/products/0", "/p/-1", f"/manuals/{2**63}"])
def test_number_that_no_row_can_have_is_refused(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 422
