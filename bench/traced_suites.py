"""Folders of tests that `bench.tracing` runs: many small tests of an app, and those of the shop."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ("IDLE", "SUITES", "Suite")

SHOP = Path(__file__).parents[1] / "examples" / "shop"
SHOP_TESTS = 88

FASTAPI_APP = """
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    item: str
    count: int


@app.get("/orders/{number}")
async def order(number: int):
    return {"number": number, "item": "papers", "count": 4}


@app.post("/orders")
async def add(order: Order):
    return {"number": 7, "item": order.item, "count": order.count}
"""

RAW_APP = """
START = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/json")]}
BODY = {"type": "http.response.body", "body": b'{"ok": true}'}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        for name in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{name}.complete"})
        return
    await receive()
    await send(START)
    await send(BODY)
"""

TWO_REQUESTS = """
def test_order_{n}(asgi_client):
    assert asgi_client.get("/orders/{n}").status_code == 200
    assert asgi_client.post("/orders", json={{"item": "papers {n}", "count": {n}}}).is_success
"""

NO_REQUEST = """
def test_sum_{n}():
    assert {n} + 1 > {n}
"""

REPEATED = """
import pytest


def pytest_generate_tests(metafunc):
    metafunc.fixturenames.append("_repetition")
    metafunc.parametrize("_repetition", range({times}))


@pytest.fixture
def _repetition(request):
    return request.param
"""


@dataclass(frozen=True, slots=True)
class Suite:
    """A folder of tests.

    Attributes:
        about: what the tests do.
        write: makes the folder with so many tests, or about as many, and returns how many.
        plugins: what pytest needs, beside ours.
        most: how many are enough, as each takes long: too long for a simulated processor.
    """

    about: str
    write: Callable[[Path, int], int]
    plugins: Sequence[str] = ()
    most: int | None = None


def write_small(app: str) -> Callable[[Path, int], int]:
    """Return what writes tests of two requests each."""

    def write(folder: Path, tests: int) -> int:
        folder.mkdir(parents=True)
        (folder / "small_app.py").write_text(app, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\nasgi_app = small_app:app\n", encoding="utf-8")
        return write_tests(folder, TWO_REQUESTS, tests)

    return write


def write_idle(folder: Path, tests: int) -> int:
    """Write tests that use nothing of ours."""
    folder.mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return write_tests(folder, NO_REQUEST, tests)


def write_tests(folder: Path, template: str, tests: int) -> int:
    """Write a module of tests, and return how many they are."""
    content = "\n".join(template.format(n=number) for number in range(tests))
    (folder / "test_many.py").write_text(content, encoding="utf-8")
    return tests


def write_shop(folder: Path, tests: int) -> int:
    """Copy the shop; its tests are repeated as often as comes closest, and at least once."""
    times = max(1, round(tests / SHOP_TESTS))
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__", "test-results"))
    (folder / "conftest.py").write_text(REPEATED.format(times=times), encoding="utf-8")
    return times * SHOP_TESTS


SUITES: Mapping[str, Suite] = {
    "fastapi": Suite("a FastAPI app, two requests a test", write_small(FASTAPI_APP)),
    "raw": Suite("a bare ASGI app, two requests a test", write_small(RAW_APP)),
    "shop": Suite("the tests of examples/shop", write_shop, ("asyncio",), most=SHOP_TESTS),
}

IDLE = Suite("tests that use nothing of ours", write_idle)
