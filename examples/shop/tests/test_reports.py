"""The streamed export, and the report with the bug."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from asgi_testkit import TestClient


def test_export_is_read_line_by_line(ada: TestClient) -> None:
    for name in ("Lamp", "Chair, oak"):
        ada.post("/products", json={"name": name, "price_cents": 1250})

    with ada.stream("GET", "/export.csv") as response:
        lines = list(response.iter_lines())

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert lines == ["id,name,price_cents,stock", "1,Lamp,1250,0", '2,"Chair, oak",1250,0']


@pytest.mark.usefixtures("lamp")
def test_shop_goes_on_selling_while_an_export_is_being_read(ada: TestClient) -> None:
    with ada.stream("GET", "/export.csv") as response:
        lines = response.iter_lines()
        first = next(lines)
        order = ada.post("/orders", json={"product_id": 1})
        rest = list(lines)

    assert (first, order.status_code) == ("id,name,price_cents,stock", 201)
    assert len(rest) == 1


@pytest.mark.usefixtures("lamp")
def test_report_counts_the_sales(ada: TestClient) -> None:
    ada.post("/orders", json={"product_id": 1, "quantity": 3})

    report = ada.get("/report", params={"days": 2}).json()

    assert report == {"units_sold": 3, "units_per_day": 1.5}


def test_bug_in_the_report_reaches_the_test(client: TestClient) -> None:
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        client.get("/report", params={"days": 0})

    assert client.get("/report").status_code == 200


def test_bug_in_the_report_is_a_500_for_customers(app: FastAPI) -> None:
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/report", params={"days": 0})

    assert (response.status_code, response.text) == (500, "Internal Server Error")


def test_one_user_may_see_the_500_while_another_sees_the_bug(client: TestClient) -> None:
    customer = client.new_client(raise_server_exceptions=False)

    assert customer.get("/report", params={"days": 0}).status_code == 500
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        client.get("/report", params={"days": 0})
