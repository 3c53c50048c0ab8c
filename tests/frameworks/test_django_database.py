"""What a Django `TestCase` has written and not committed, the app sees; and the other way round.

The rows exist in the test's transaction alone, on the connection of the test's thread. Queries
of the app in any other thread would have a connection of their own and fail on a locked table.
"""

from __future__ import annotations

import unittest
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TestCase
from django.test.utils import setup_databases, teardown_databases

from asgi_testkit import AsyncTestClient, TestClient

from .apps import django_app
from .apps.catalog.models import Book

VIEWS = ("/books", "/async-books")  # a `def` view, and an `async def` view with async queries


@pytest.fixture(scope="module", autouse=True)
def database() -> Iterator[None]:
    """Make the tables in memory, before the first `setUpClass`."""
    names = setup_databases(verbosity=0, interactive=False)
    yield
    teardown_databases(names, verbosity=0)


class BlockingClientTests:
    """The tests of the blocking client; the classes below are Django's, one for each driver."""

    driver: Any  # "thread" or "inline"

    def open_client(self) -> TestClient:
        return TestClient(django_app.create_app([]), driver=self.driver, ignore_rules={"H27"})

    def test_row_of_the_test_is_seen_by_the_def_view(self) -> None:
        Book.objects.create(title="Emma")

        with self.open_client() as client:
            response = client.get("/books")

        assert response.json() == ["Emma"]

    def test_row_of_the_test_is_seen_by_the_async_view(self) -> None:
        Book.objects.create(title="Emma")

        with self.open_client() as client:
            response = client.get("/async-books")

        assert response.json() == ["Emma"]

    def test_row_of_the_def_view_is_seen_by_the_test(self) -> None:
        with self.open_client() as client:
            response = client.post("/books", json={"title": "Persuasion"})

        assert response.status_code == 201
        assert [book.title for book in Book.objects.all()] == ["Persuasion"]

    def test_row_of_the_async_view_is_seen_by_the_test(self) -> None:
        with self.open_client() as client:
            response = client.post("/async-books", json={"title": "Persuasion"})

        assert response.status_code == 201
        assert [book.title for book in Book.objects.all()] == ["Persuasion"]

    def test_row_made_between_two_calls_is_seen_by_the_second(self) -> None:
        with self.open_client() as client:
            before = client.get("/async-books")
            Book.objects.create(title="Emma")
            after = client.get("/async-books")

        assert [before.json(), after.json()] == [[], ["Emma"]]

    def test_row_is_seen_through_a_client_that_was_never_entered(self) -> None:
        Book.objects.create(title="Emma")

        response = self.open_client().get("/async-books")

        assert response.json() == ["Emma"]


class ThreadDriverTest(BlockingClientTests, TestCase):
    driver = "thread"


class InlineDriverTest(BlockingClientTests, TestCase):
    driver = "inline"


class AsyncClientTest(TestCase):
    """The same with the async client, in the loop that Django runs an async test in."""

    async def test_row_of_the_test_is_seen_by_the_def_view(self) -> None:
        await Book.objects.acreate(title="Emma")

        async with AsyncTestClient(django_app.create_app([]), ignore_rules={"H27"}) as client:
            response = await client.get("/books")

        assert response.json() == ["Emma"]

    async def test_row_of_the_test_is_seen_by_the_async_view(self) -> None:
        await Book.objects.acreate(title="Emma")

        async with AsyncTestClient(django_app.create_app([]), ignore_rules={"H27"}) as client:
            response = await client.get("/async-books")

        assert response.json() == ["Emma"]

    async def test_rows_of_both_views_are_seen_by_the_test(self) -> None:
        async with AsyncTestClient(django_app.create_app([]), ignore_rules={"H27"}) as client:
            for view in VIEWS:
                response = await client.post(view, json={"title": view})
                assert response.status_code == 201

        assert [book.title async for book in Book.objects.order_by("id")] == list(VIEWS)


@pytest.mark.parametrize("case", [ThreadDriverTest, InlineDriverTest, AsyncClientTest])
def test_rows_of_test_and_app_are_rolled_back_after_each_test(case: type[TestCase]) -> None:
    result = unittest.TestResult()

    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)

    assert (result.errors, result.failures, Book.objects.count()) == ([], [], 0)
