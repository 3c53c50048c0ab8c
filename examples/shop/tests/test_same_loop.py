"""Asynchronous tests: app, test and database share one event loop, and so one engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import AsyncAdaptedQueuePool, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from asgi_testkit import AsyncTestClient, WebSocketDenialResponse
from shop.dependencies import adviser, exchange_rates
from shop.models import Mail, Product
from shop.routes.feed import LOGGED_OUT

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def ada(async_asgi_client: AsyncTestClient) -> AsyncTestClient:
    """Return the running shop's first user, logged in."""
    await sign_up(async_asgi_client, "Ada")
    return async_asgi_client


@pytest_asyncio.fixture
async def bob(ada: AsyncTestClient) -> AsyncTestClient:
    """Return a customer of Ada's."""
    bob = ada.new_client()
    await sign_up(bob, "Bob")
    return bob


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


@pytest.mark.in_process_only("what is sent waits in the buffers of the connection, not for the app")
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


async def test_customers_follow_their_orders_at_the_same_time(
    ada: AsyncTestClient, bob: AsyncTestClient, lamp: Product
) -> None:
    async with bob.websocket_connect("/feed") as bobs, ada.websocket_connect("/feed") as shops:
        await asyncio.gather(*(bob.post("/orders", json={"product_id": lamp.id}) for _ in range(2)))
        await ada.put("/orders/2/state", json={"state": "packed"})

        seen_by_bob = [await bobs.receive_json() for _ in range(3)]
        seen_by_shop = [await shops.receive_json() for _ in range(3)]

    assert seen_by_bob == seen_by_shop
    assert seen_by_bob[2] == {"event": "state", "order_id": 2, "state": "packed"}


async def test_customer_and_shop_talk_while_both_wait(
    ada: AsyncTestClient, bob: AsyncTestClient, lamp: Product
) -> None:
    await bob.post("/orders", json={"product_id": lamp.id})

    async with bob.websocket_connect("/feed") as bobs, ada.websocket_connect("/feed") as shops:
        both_wait = asyncio.gather(bobs.receive_json(), shops.receive_json())
        await shops.send_json({"order_id": 1, "text": "It is on its way."})
        bob_reads, shop_reads = await both_wait

    message = {"order_id": 1, "sender": "Ada", "text": "It is on its way."}
    assert bob_reads == shop_reads == {"event": "message", **message}


async def test_open_feed_keeps_no_connection(bob: AsyncTestClient, engine: AsyncEngine) -> None:
    async with bob.websocket_connect("/feed"):
        assert lent_connections(engine) == 0


@pytest.mark.in_process_only(
    "Granian does not close while the app waits for a message", over="granian"
)
async def test_logging_out_ends_the_loop_over_the_feed(bob: AsyncTestClient) -> None:
    async with bob.websocket_connect("/feed") as feed:
        await bob.post("/logout")

        events = [event async for event in feed]

    assert (events, feed.close_code, feed.close_reason) == ([], LOGGED_OUT, "You logged out.")


async def test_nobody_follows_without_a_login(ada: AsyncTestClient) -> None:
    visitor = ada.new_client()

    with pytest.raises(WebSocketDenialResponse) as denied:
        async with visitor.websocket_connect("/feed"):
            pass

    assert (denied.value.status_code, denied.value.json()) == (401, {"detail": "Log in first."})


async def test_adviser_stops_when_the_customer_leaves(
    ada: AsyncTestClient, engine: AsyncEngine
) -> None:
    stopped = asyncio.Event()

    async def pausing_adviser(question: str, so_far: str) -> AsyncGenerator[str]:
        try:
            yield "Well, "
            await asyncio.Event().wait()
        finally:
            stopped.set()

    with ada.override(adviser, lambda: pausing_adviser):
        async with ada.sse("/advice", params={"question": "Which lamp?"}) as events:
            tokens = aiter(events)
            assert (await anext(tokens)).json() == "Well, "
            assert not stopped.is_set()

    assert stopped.is_set()
    assert lent_connections(engine) == 0


async def test_advice_goes_on_behind_the_last_event_seen(
    ada: AsyncTestClient, lamp: Product
) -> None:
    question = {"question": "Which lamp?"}
    await ada.get("/advice", params=question)

    last = {"last-event-id": "1.5"}
    async with ada.sse("/advice", params=question, headers=last) as events:
        rest = [(event.event, event.json()) async for event in events]

    assert rest == [("token", "12.50 "), ("token", "only."), ("done", None)]


async def test_broken_upload_goes_on_where_it_stopped(ada: AsyncTestClient, lamp: Product) -> None:
    video = f"/products/{lamp.id}/video"
    async with ada.exchange("PATCH", video, headers={"upload-offset": "0"}) as upload:
        await upload.send(b"first half, ")
        assert await anext(upload) == b'{"offset": 12}\n'
        await upload.disconnect()

    offset = (await ada.head(video)).headers["upload-offset"]
    async with ada.exchange("PATCH", video, headers={"upload-offset": offset}) as upload:
        await upload.send(b"second half")
        await upload.end()
        lines = [line async for line in upload]

    assert lines == [b'{"offset": 23}\n', b'{"complete": true}\n']
    assert (await ada.get(video)).content == b"first half, second half"


async def sign_up(client: AsyncTestClient, name: str) -> None:
    """Open an account and log in."""
    login = {"name": name, "password": "engine no 1"}
    (await client.post("/accounts", json=login)).raise_for_status()
    (await client.post("/login", data=login)).raise_for_status()


def lent_connections(engine: AsyncEngine) -> int:
    """Return how many connections of the engine are in use."""
    assert isinstance(engine.pool, AsyncAdaptedQueuePool)
    return engine.pool.checkedout()


def folder_bytes(folder: Path) -> int:
    """Return how many bytes the files of the folder hold at this moment."""
    return sum(file.stat().st_size for file in folder.iterdir())
