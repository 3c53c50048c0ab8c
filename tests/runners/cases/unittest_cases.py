"""Clients in the standard library's test cases."""

# ruff: noqa: PT009 - the assertions of the standard library are these tests' own

from __future__ import annotations

import asyncio
import unittest
from typing import Any

from asgi_testkit import AsyncTestClient, TestClient
from tests.runners.app import App


class AsyncClientTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.app = App()
        self.addCleanup(lambda: self.assertEqual(self.app.log[-1], "shutdown"))
        self.client = await self.enterAsyncContext(AsyncTestClient(self.app))

    async def test_get(self) -> None:
        response = await self.client.get("/")

        self.assertEqual(response.text, "hello")

    async def test_stream_left_by_cleanup(self) -> None:
        response: Any = await self.enterAsyncContext(self.client.stream("GET", "/stream"))

        self.assertEqual(await anext(response.aiter_raw()), b"first")

    async def test_lock_queue_and_event_are_shared(self) -> None:
        lock, queue, event = asyncio.Lock(), asyncio.Queue[str](), asyncio.Event()
        self.app.shared.update(lock=lock, queue=queue, event=event)
        await queue.put("from the test")

        response = await self.client.get("/shared")

        self.assertEqual((response.json(), event.is_set()), ("from the test", True))


class BlockingClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.app = App()
        self.addCleanup(lambda: self.assertEqual(self.app.log[-1], "shutdown"))
        self.client = self.enterContext(TestClient(self.app))

    def test_get(self) -> None:
        self.assertEqual(self.client.get("/").text, "hello")

    def test_stream_left_by_cleanup(self) -> None:
        response: Any = self.enterContext(self.client.stream("GET", "/stream"))

        self.assertEqual(next(response.iter_raw()), b"first")


class BlockingClientInAsyncTest(unittest.IsolatedAsyncioTestCase):
    async def test_get(self) -> None:
        client = self.enterContext(TestClient(App()))

        self.assertEqual(client.get("/").text, "hello")


if __name__ == "__main__":
    unittest.main()
