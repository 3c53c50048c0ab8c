"""Signing up, logging in and out, and what the cookie opens."""

from __future__ import annotations

import time

from asgi_testkit import TestClient
from shop.dependencies import unix_time

BOB = {"name": "Bob", "password": "correct horse"}


def test_login_puts_a_cookie_into_the_jar_that_later_calls_send(client: TestClient) -> None:
    client.post("/accounts", json=BOB)

    response = client.post("/login", data=BOB)

    assert response.status_code == 204
    assert client.cookies["shop_login"] == response.cookies["shop_login"]
    assert client.get("/me").json()["name"] == "Bob"


def test_me_is_401_without_a_cookie(client: TestClient) -> None:
    response = client.get("/me")

    assert (response.status_code, response.json()) == (401, {"detail": "Log in first."})


def test_me_is_401_with_a_cookie_nobody_was_given(client: TestClient) -> None:
    client.cookies.set("shop_login", "guessed")

    assert client.get("/me").status_code == 401


def test_wrong_password_is_401_and_sets_no_cookie(client: TestClient) -> None:
    client.post("/accounts", json=BOB)

    response = client.post("/login", data={**BOB, "password": "wrong horse"})

    assert response.status_code == 401
    assert not client.cookies


def test_taken_name_is_409(client: TestClient) -> None:
    client.post("/accounts", json=BOB)

    response = client.post("/accounts", json=BOB)

    assert (response.status_code, response.json()["detail"]) == (409, "The name 'Bob' is taken.")


def test_logout_empties_the_jar_and_ends_the_login(client: TestClient) -> None:
    client.post("/accounts", json=BOB)
    client.post("/login", data=BOB)
    token = client.cookies["shop_login"]

    client.post("/logout")

    assert not client.cookies
    client.cookies.set("shop_login", token)
    assert client.get("/me").status_code == 401


def test_new_client_uses_the_same_shop_without_the_login(
    client: TestClient, ada: TestClient
) -> None:
    ada.post("/products", json={"name": "Lamp", "price_cents": 1250})

    visitor = ada.new_client()

    assert [product["name"] for product in visitor.get("/products").json()] == ["Lamp"]
    assert visitor.get("/me").status_code == 401
    assert ada.get("/me").status_code == 200


def test_two_clients_are_two_users(client: TestClient, ada: TestClient) -> None:
    client.post("/accounts", json=BOB)
    client.post("/login", data=BOB)

    names = [user.get("/me").json()["name"] for user in (client, ada, client)]

    assert names == ["Bob", "Ada", "Bob"]


def test_login_ends_after_a_day(ada: TestClient) -> None:
    tomorrow = int(time.time()) + 25 * 60 * 60

    with ada.override(unix_time, lambda: tomorrow):
        late = ada.get("/me")

    assert late.status_code == 401
    assert ada.get("/me").status_code == 200
