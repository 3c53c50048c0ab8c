"""Running a row in a mode, until its error."""

from __future__ import annotations

import asyncio
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import trio
import uvloop

from asgi_testkit import ASGITaskLeakWarning, AsyncTestClient, TestClient
from tests.hangs.table import ASYNC, Row, app_of

__all__ = ("Outcome", "run")

_GRACE_SECONDS = 0.01


class Outcome(NamedTuple):
    """The error that a row has ended with, and after how many seconds."""

    error: BaseException
    seconds: float


def run(row: Row, mode: str) -> Outcome:
    """Run a row; that its app leaves tasks behind is the affair of other tests."""
    gate = threading.Event()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ASGITaskLeakWarning)
        return _run(row, mode, gate)


def _run(row: Row, mode: str, gate: threading.Event) -> Outcome:
    try:
        if mode in ASYNC:
            return _run_async(row, mode, gate)
        with _opened(row, mode, gate) as client:
            return _caught_in(row, mode, client, gate)
    finally:
        gate.set()


def _options(row: Row, mode: str, gate: threading.Event) -> dict[str, Any]:
    options = {"timeout": row.limit(mode), "grace": _GRACE_SECONDS, **row.options}
    return {**options, "state": {"gate": gate, **options.get("state", {})}}


@contextmanager
def _opened(row: Row, mode: str, gate: threading.Event) -> Iterator[TestClient]:
    options = _options(row, mode, gate)
    if mode == "inline":
        options["driver"] = "inline"
    elif mode == "thread on uvloop":
        options["backend_options"] = {"use_uvloop": True}
    elif mode == "thread on trio":
        options["backend"] = "trio"
    client = TestClient(app_of(row), **options)
    if not row.enters:
        yield client
        return
    with client:
        yield client
        gate.set()


def _caught_in(row: Row, mode: str, client: TestClient, gate: threading.Event) -> Outcome:
    began = time.perf_counter()
    try:
        row.call_in(mode)(client)
    except BaseException as error:
        return Outcome(error, time.perf_counter() - began)
    raise AssertionError("nothing was raised")


def _run_async(row: Row, mode: str, gate: threading.Event) -> Outcome:
    async def main() -> Outcome:
        client = AsyncTestClient(app_of(row), **_options(row, mode, gate))
        if not row.enters:
            return await _caught_in_async(row, mode, client)
        async with client:
            outcome = await _caught_in_async(row, mode, client)
            gate.set()
            return outcome

    if mode == "trio":
        return trio.run(main)
    factory = uvloop.new_event_loop if mode == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())


async def _caught_in_async(row: Row, mode: str, client: AsyncTestClient) -> Outcome:
    began = time.perf_counter()
    try:
        await row.call_in(mode)(client)
    except Exception as error:
        return Outcome(error, time.perf_counter() - began)
    raise AssertionError("nothing was raised")
