"""Asynchronous tests: app, test and database share one event loop, and so one engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import AsyncAdaptedQueuePool, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from asgi_testkit import AsyncTestClient
from shop.dependencies import exchange_rates
from shop.models import Mail, Product

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def ada(app: FastAPI) -> AsyncIterator[AsyncTestClient]:
    """Return the running shop's first user, logged in."""
    async with AsyncTestClient(app) as ada:
        login = {"name": "Ada", "password": "engine no 1"}
        (await ada.post("/accounts", json=login)).raise_for_status()
        (await ada.post("/login", data=login)).raise_for_status()
        yield ada


@pytest_asyncio.fixture
async def engine(app: FastAPI, ada: AsyncTestClient) -> AsyncEngine:
    """Return the engine that the app itself uses."""
    engine: AsyncEngine = app.state.engine
    return engine


@pytest_asyncio.fixture
async def lamp(engine: AsyncEngine) -> Product:
    """Return a product that no request made: the test wrote it."""
    async with AsyncSession(engine, expire_on_commit=False) as database, database.begin():
        lamp = Product(name="Lamp", price_cents=1250, stock=3)
        database.add(lamp)
    return lamp


async def test_row_of_the_test_is_served_by_the_app(ada: AsyncTestClient, lamp: Product) -> None:
    response = await ada.get(f"/products/{lamp.id}")

    assert response.json()["name"] == "Lamp"


async def test_row_of_the_app_is_seen_by_the_test(
    ada: AsyncTestClient, engine: AsyncEngine
) -> None:
    query = select(func.count()).select_from(Product)
    async with engine.connect() as database:
        before = await database.scalar(query)

    await ada.post("/products", json={"name": "Lamp", "price_cents": 1250})

    async with engine.connect() as database:
        assert (before, await database.scalar(query)) == (0, 1)


async def test_receipt_is_in_the_outbox_when_the_awaited_call_returns(
    ada: AsyncTestClient, engine: AsyncEngine, lamp: Product
) -> None:
    await ada.post("/orders", json={"product_id": lamp.id})

    async with AsyncSession(engine) as database:
        subjects = (await database.scalars(select(Mail.subject))).all()
    assert subjects == ["Receipt for order 1"]


async def test_gathered_calls_answer_in_the_order_of_the_calls(
    ada: AsyncTestClient, engine: AsyncEngine
) -> None:
    async with AsyncSession(engine) as database, database.begin():
        database.add_all(Product(name=f"No {n}", price_cents=n, stock=0) for n in range(1, 21))

    responses = await asyncio.gather(*(ada.get(f"/products/{n}") for n in range(1, 21)))

    assert [response.json()["price_cents"] for response in responses] == list(range(1, 21))


async def test_customers_at_the_same_time_never_buy_more_than_there_is(
    ada: AsyncTestClient, lamp: Product
) -> None:
    order = {"product_id": lamp.id}

    responses = await asyncio.gather(*(ada.post("/orders", json=order) for _ in range(5)))

    statuses = sorted(response.status_code for response in responses)
    assert statuses == [201, 201, 201, 409, 409]


async def test_new_client_is_another_user_of_the_same_engine(
    ada: AsyncTestClient, lamp: Product
) -> None:
    visitor = ada.new_client()

    assert (await visitor.get(f"/products/{lamp.id}")).json()["name"] == "Lamp"
    assert (await visitor.get("/me")).status_code == 401
    assert (await ada.get("/me")).status_code == 200


async def test_asynchronous_pieces_are_on_disk_one_by_one(
    ada: AsyncTestClient, lamp: Product, upload_folder: Path
) -> None:
    sizes: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            sizes.append(folder_bytes(upload_folder))
            yield b"x" * 1000

    url = f"/products/{lamp.id}/image"
    response = await ada.put(url, content=pieces(), headers={"content-type": "image/png"})

    assert response.json() == {"size_bytes": 3000}
    assert sizes == [0, 1000, 2000]


async def test_leaving_an_export_halfway_gives_its_connection_back(
    ada: AsyncTestClient, engine: AsyncEngine
) -> None:
    async with AsyncSession(engine) as database, database.begin():
        database.add_all(Product(name="x" * 10_000, price_cents=1, stock=0) for _ in range(100))

    async with ada.stream("GET", "/export.csv") as response:
        lines = response.aiter_lines()
        first_two = [await anext(lines), await anext(lines)]
        assert lent_connections(engine) == 1

    assert first_two == ["id,name,price_cents,stock", f"1,{'x' * 10_000},1,0"]
    assert lent_connections(engine) == 0


async def test_override_holds_for_awaited_calls(ada: AsyncTestClient, lamp: Product) -> None:
    async def rates_of_the_test() -> Mapping[str, float]:
        return {"SEK": 11.0}

    with ada.override(exchange_rates, rates_of_the_test):
        price = await ada.get(f"/products/{lamp.id}/price", params={"currency": "SEK"})

    assert price.json() == {"currency": "SEK", "cents": 13750}


async def test_bug_in_the_report_reaches_the_awaiting_test(ada: AsyncTestClient) -> None:
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        await ada.get("/report", params={"days": 0})


def lent_connections(engine: AsyncEngine) -> int:
    """Return how many connections of the engine are in use."""
    assert isinstance(engine.pool, AsyncAdaptedQueuePool)
    return engine.pool.checkedout()


def folder_bytes(folder: Path) -> int:
    """Return how many bytes the files of the folder hold at this moment."""
    return sum(file.stat().st_size for file in folder.iterdir())
