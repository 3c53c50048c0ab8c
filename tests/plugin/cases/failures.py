"""Tests that fail, each in its own way; `tests/plugin/test_frames.py` reads the reports."""

from __future__ import annotations

import asyncio
import unittest
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from asgi_testkit import AsyncTestClient, LifespanManager, SyncASGITransport, TestClient
from shop import app, bad_start, bad_stop, files, leaf, plain


def get_in_thread(path: str) -> None:
    TestClient(app).get(path)


def get_inline(path: str) -> None:
    TestClient(app, driver="inline").get(path)


def get_async(path: str) -> None:
    async def get() -> None:
        await AsyncTestClient(app).get(path)

    asyncio.run(get())


def get_by_transport(path: str) -> None:
    with httpx2.Client(transport=SyncASGITransport(app), base_url="http://shop") as client:
        client.get(path)


def stream(path: str) -> None:
    with TestClient(app).stream("GET", path):
        pass


each_way = pytest.mark.parametrize(
    "get",
    [get_in_thread, get_inline, get_async, get_by_transport, stream],
    ids=lambda f: f.__name__,
)


@each_way
def test_fail(get: Callable[[str], None]) -> None:
    get("/fail")


@each_way
def test_caught(get: Callable[[str], None]) -> None:
    with pytest.raises(KeyError, match="nothing"):
        get("/fail")


def test_chain() -> None:
    TestClient(app).get("/chain")


def test_group() -> None:
    TestClient(plain).get("/group")


def test_library() -> None:
    TestClient(app).get("/library")


def test_no_app() -> None:
    TestClient(files).get("/page.html")


def test_websocket() -> None:
    with TestClient(app).websocket_connect("/chat") as session:
        session.receive_text()
        session.receive_text()


def test_assertion() -> None:
    response = TestClient(app).get("/nothing")
    assert response.status_code == 200


def test_startup() -> None:
    with TestClient(bad_start):
        pass


def test_shutdown() -> None:
    with LifespanManager(bad_stop):
        pass


def test_run() -> None:
    TestClient(app).run(leaf, "run")


def test_usage() -> None:
    TestClient(app).get("ftp://elsewhere/")


def test_again() -> None:
    try:
        TestClient(app).get("/fail")
    except KeyError as error:
        raise AssertionError("the shop fails") from error


@pytest.fixture
def failing() -> None:
    get_in_thread("/fail")


def test_set_up(failing: Any) -> None:
    pass


class TestCase(unittest.TestCase):
    def test_unittest(self) -> None:
        get_in_thread("/fail")
