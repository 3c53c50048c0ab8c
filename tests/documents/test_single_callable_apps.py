"""Apps of Starlette's current version: blocking, on uvloop and trio, and in fully async tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiosqlite
import pytest
import pytest_asyncio
import sniffio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from asgi_testkit import AsyncTestClient, TestClient


async def greet(request: Request) -> Response:
    return PlainTextResponse("Hello World!")


async def fail(request: Request) -> Response:
    raise LookupError("no such shelf")


async def name_loop(request: Request) -> Response:
    if (library := sniffio.current_async_library()) == "trio":
        return PlainTextResponse(library)
    return PlainTextResponse(type(asyncio.get_running_loop()).__module__)


async def add_author(request: Request) -> Response:
    database = request.app.state.database
    async with request.app.state.lock:
        await database.execute("INSERT INTO authors VALUES (?)", [await request.json()])
    await request.app.state.added.put("row")
    return Response(status_code=201)


async def list_authors(request: Request) -> Response:
    return JSONResponse(await all_authors(request.app.state.database))


async def all_authors(database: aiosqlite.Connection) -> list[str]:
    async with database.execute("SELECT name FROM authors ORDER BY name") as rows:
        return [name async for (name,) in rows]


app = Starlette(
    routes=[
        Route("/", greet),
        Route("/fail", fail),
        Route("/loop", name_loop),
        Route("/authors", add_author, methods=["POST"]),
        Route("/authors", list_authors),
    ]
)


@pytest_asyncio.fixture
async def database() -> AsyncIterator[aiosqlite.Connection]:
    """A database in memory, whose connection belongs to the test's event loop; the app has it."""
    async with aiosqlite.connect(":memory:") as connection:
        await connection.execute("CREATE TABLE authors (name TEXT)")
        app.state.database = connection
        app.state.lock, app.state.added = asyncio.Lock(), asyncio.Queue()
        yield connection


@pytest_asyncio.fixture
async def client() -> AsyncIterator[AsyncTestClient]:
    """A client in the test's event loop."""
    async with AsyncTestClient(app) as client:
        yield client


@pytest.mark.parametrize("driver", ["thread", "inline"])
def test_blocking_client_gets_status_and_text(driver: Any) -> None:
    client = TestClient(app, driver=driver)

    response = client.get("/")

    assert (response.status_code, response.text) == (200, "Hello World!")


def test_exception_of_the_app_is_raised_in_the_test() -> None:
    client = TestClient(app)

    with pytest.raises(LookupError, match="no such shelf"):
        client.get("/fail")


def test_exception_of_the_app_can_be_a_500_response() -> None:
    client = TestClient(app, raise_server_exceptions=False)

    response = client.get("/fail")

    assert (response.status_code, response.text) == (500, "Internal Server Error")


@pytest.mark.parametrize(
    ("options", "loop"),
    [
        ({"backend_options": {"use_uvloop": True}}, "uvloop"),
        ({"backend_options": {"use_uvloop": True}, "driver": "inline"}, "uvloop"),
        ({"backend": "trio"}, "trio"),
        ({}, "asgi_testkit.drive.parked"),
    ],
)
def test_app_runs_on_the_event_loop_that_was_asked_for(options: Any, loop: str) -> None:
    with TestClient(app, **options) as client:
        response = client.get("/loop")

    assert response.text == loop


@pytest.mark.asyncio
async def test_async_client_gets_status_and_text(client: AsyncTestClient) -> None:
    response = await client.get("/")

    assert (response.status_code, response.text) == (200, "Hello World!")


@pytest.mark.asyncio
async def test_row_the_app_wrote_is_read_on_the_tests_own_connection(
    database: aiosqlite.Connection, client: AsyncTestClient
) -> None:
    response = await client.post("/authors", json="Melville")

    assert (response.status_code, await all_authors(database)) == (201, ["Melville"])


@pytest.mark.asyncio
async def test_uncommitted_row_of_the_test_is_read_by_the_app(
    database: aiosqlite.Connection, client: AsyncTestClient
) -> None:
    await database.execute("INSERT INTO authors VALUES ('Austen')")

    response = await client.get("/authors")

    assert (response.json(), database.in_transaction) == (["Austen"], True)


@pytest.mark.asyncio
async def test_lock_held_by_the_test_holds_the_app_up(
    database: aiosqlite.Connection, client: AsyncTestClient
) -> None:
    async with app.state.lock:
        call = asyncio.create_task(client.post("/authors", json="Melville"))
        written_meanwhile = await all_authors(database)
    await app.state.added.get()
    response = await call

    assert written_meanwhile == []
    assert (response.status_code, await all_authors(database)) == (201, ["Melville"])
