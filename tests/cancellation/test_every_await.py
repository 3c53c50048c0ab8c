"""Ten apps, each ended at every one of its awaits: by a cancellation, or by its client's leaving.

Each time all its `finally` blocks run, nothing of it stays, and the client answers the next GET.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from functools import partial
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from asgi_testkit import ASGIRuleError, StallError, WebSocketDisconnect
from tests.apps.cleaning import CASES, Case, Log
from tests.cancellation.stops import CANCELLED, LEFT, Stop
from tests.modes import OpenClient, run_in_mode
from tests.session.sequences import nothing_logged

MODES = ("thread", "inline", "asyncio", "trio")
RUNS = [
    pytest.param(case, mode, id=f"{case}-{mode}")
    for case in CASES
    for mode in MODES
    if mode != "trio" or case.runs_on_trio
]
ENDINGS = (asyncio.CancelledError, RuntimeError, ASGIRuleError, StallError, WebSocketDisconnect)


async def reached(stop: Stop) -> None:
    """Wait until the app is at its stop; by chance it may come to its end with fewer awaits."""
    with anyio.move_on_after(0.5):
        await stop.reached.wait()


async def talk(client: Any, case: Case, stop: Stop, *, leaves: bool) -> None:
    """Talk with the app to its end, or leave it when it is at its stop."""
    if case.is_websocket:
        async with client.websocket_connect("/", timeout=0.05 if leaves else 5.0) as ws:
            await ws.send_text("hello")
            if leaves:
                await client.run(reached, stop)
            else:
                assert await ws.receive_text() == "hello"
        return
    async with client.exchange("POST", "/") as exchange:
        await exchange.send(b"one")
        await exchange.send(b"two")
        await exchange.end()
        if leaves:
            await client.run(reached, stop)
        else:
            await exchange.read()


async def left_over(client: Any, mode: str) -> tuple[int, int]:
    """Return how many tasks and open generators the loop has, once it has come to rest."""

    async def count() -> tuple[int, int]:
        for _ in range(5):  # generators that nobody closes are closed by the loop
            await checkpoint()
        if mode == "trio":
            return 0, 0
        loop: Any = asyncio.get_running_loop()
        generators = [each for each in loop._asyncgens if each.ag_frame is not None]
        return len(asyncio.all_tasks()), len(generators)

    counted: tuple[int, int] = await client.run(count)
    return counted


async def collect(client: Any) -> None:
    """Let the collector find what is open, and the loop close it."""
    for _ in range(3):
        await client.run(checkpoint)
        gc.collect()


async def suspensions(mode: str, case: Case) -> int:
    """Return how often the app is suspended where nobody stops it."""
    log = Log()
    stop = Stop(case.make(log))
    async with OpenClient(mode)(stop.app) as client:
        await talk(client, case, stop, leaves=False)
    assert (log.open, log.opened != []) == ([], True)
    return stop.count


async def end_at_every_await(mode: str, case: Case, how: str) -> None:
    for at in range(1, await suspensions(mode, case) + 1):
        log = Log()
        stop = Stop(case.make(log), at=at, how=how)
        async with OpenClient(mode)(stop.app, grace=5.0) as client:
            assert (await client.get("/well")).content == b"well"
            before = await left_over(client, mode)
            with contextlib.suppress(ENDINGS):
                await talk(client, case, stop, leaves=how == LEFT)
            if log.open:  # Starlette leaves its generators to the collector
                await collect(client)
            after = await left_over(client, mode)

            assert (at, log.open) == (at, [])
            assert (at, after[0] - before[0] <= 0) == (at, True)
            assert (at, after[1] - before[1] <= 0) == (at, True)
            assert (await client.get("/well")).content == b"well"


@pytest.mark.parametrize(("case", "mode"), RUNS)
def test_app_cleans_up_wherever_it_is_cancelled(case: Case, mode: str) -> None:
    with nothing_logged():
        run_in_mode(mode, partial(end_at_every_await, mode, case, CANCELLED))


@pytest.mark.parametrize(("case", "mode"), RUNS)
def test_app_cleans_up_wherever_its_client_leaves(case: Case, mode: str) -> None:
    with nothing_logged():
        run_in_mode(mode, partial(end_at_every_await, mode, case, LEFT))
