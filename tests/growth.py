"""What may grow while one client is used for long: memory, threads, files, tasks, our objects.

Counts must not be greater after many uses than after the first thousand. Resident memory is noisy,
since allocators keep what they have: `MOST_EXTRA_BYTES` are let pass, at any length of the run, so
that of 200,000 uses each may lose 40 bytes at most.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asgi_testkit.types import Receive, Scope, Send
from tests.apps import websockets
from tests.apps.raw import answer, end, http_app, piece, read_body, start
from tests.modes import OpenClient

__all__ = ("MOST_EXTRA_BYTES", "Usage", "use_for_long")

MIB = 1024 * 1024
MOST_EXTRA_BYTES = 8 * MIB
FIRST = 1_000  # uses that fill caches and pools
SECONDS_BETWEEN_REPORTS = 5.0
USES_BETWEEN_LOOKS = 500


@dataclass(slots=True)
class Usage:
    """How a client was used, and what it took."""

    requests: int = 0
    websockets: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    bytes_before: int = 0
    bytes_after: int = 0
    seconds: float = 0.0

    @property
    def extra_bytes(self) -> int:
        return self.bytes_after - self.bytes_before

    @property
    def grown(self) -> dict[str, int]:
        """What there is more of than after the first uses."""
        return dict(self.after - self.before)

    def __str__(self) -> str:
        return (
            f"{self.requests:7} requests, {self.websockets:6} WebSockets, {self.seconds:6.1f} s,"
            f" resident {self.bytes_after / MIB:6.1f} MiB ({self.extra_bytes / MIB:+.2f})"
        )


@http_app
async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer, echo, stream, or raise, by path; echo on WebSockets."""
    if scope["type"] == "websocket":
        await websockets.echo(scope, receive, send)
    elif scope["path"] == "/raise":
        raise ValueError("mine")
    elif scope["path"] == "/stream":
        await start(send)
        for _ in range(3):
            await piece(send, b"piece")
        await end(send)
    else:
        await answer(send, await read_body(receive) or b"hello")


async def use_for_long(
    open_client: OpenClient,
    *,
    goes_on: Callable[[Usage], bool],
    report: Callable[[str], object],
) -> Usage:
    """Use one client, a tenth as often for WebSockets, while `goes_on`; report now and then."""
    usage = Usage()
    began = reported = time.perf_counter()
    async with open_client(app) as client:
        # What the last request was, and so what is held of it, is the same at both counts.
        while usage.requests % 100 or usage.requests <= FIRST or goes_on(usage):
            await _use(open_client, client, usage)
            if usage.requests == FIRST:
                usage.before = await _counted(client, open_client)
                usage.bytes_before = _resident_bytes()
            if usage.requests % USES_BETWEEN_LOOKS == 0:
                usage.bytes_after = _resident_bytes()
                usage.seconds = time.perf_counter() - began
                if time.perf_counter() - reported > SECONDS_BETWEEN_REPORTS:
                    reported = time.perf_counter()
                    report(str(usage))
        usage.after = await _counted(client, open_client)
        usage.bytes_after = _resident_bytes()
        usage.seconds = time.perf_counter() - began
    return usage


async def _use(open_client: OpenClient, client: Any, usage: Usage) -> None:
    usage.requests += 1
    match usage.requests % 100:
        case 1:
            content = open_client.upload([b"one", b"two"])
            assert (await client.post("/", content=content)).content == b"onetwo"
        case 2:
            async with client.stream("GET", "/stream") as response:
                assert await response.aread() == b"piece" * 3
        case 3:
            async with client.stream("GET", "/stream"):
                pass
        case 4:
            await _fail(client)
        case _:
            assert (await client.get("/")).content == b"hello"
    if usage.requests % 10 == 0:
        usage.websockets += 1
        async with client.websocket_connect("/") as ws:
            await ws.send_text("hello")
            assert await ws.receive_text() == "hello"


async def _fail(client: Any) -> None:
    try:
        await client.get("/raise")
    except ValueError:
        return
    raise AssertionError("the app's exception did not arrive")


async def _counted(client: Any, open_client: OpenClient) -> Counter[str]:
    """Count threads, open files, tasks of the app's loop, and objects of our types."""

    async def tasks() -> int:
        return 0 if open_client.mode == "trio" else len(asyncio.all_tasks())

    running = await client.run(tasks)
    gc.collect()
    kinds = Counter(
        f"{type(each).__module__}.{type(each).__qualname__}"
        for each in gc.get_objects()
        if str(type(each).__module__).startswith("asgi_testkit")
    )
    files = len(list(Path("/proc/self/fd").iterdir()))
    return kinds + Counter(threads=threading.active_count(), files=files, tasks=running)


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()
