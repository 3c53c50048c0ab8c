"""The curves of growth, measured in this interpreter: `python -m bench.curves CURVE CLIENT`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from statistics import mean
from typing import Any

from bench import apps
from bench.peer import AnyPeer, AsyncPeer, BlockingPeer, now
from bench.peers import PEERS
from bench.sockets import gather_crowd, gather_crowd_async, resident_bytes

__all__ = ("CURVES", "Curve", "Point", "main")

WINDOWS = 20
CHUNKS_PER_MIB = 16
WARM_UP = 50
MOST_CROWDS = 100
LARGEST_MEETINGS = 10
OURS = ("ours-thread", "ours-inline", "ours-async")
TEXT = "Is the lamp on?"


@dataclass(frozen=True, slots=True)
class Point:
    """The seconds of one unit of work, and this process' resident bytes, at one size."""

    size: int
    seconds: float
    resident_bytes: int


@dataclass(frozen=True, slots=True)
class Curve:
    """One question; `base` is the size that the largest is compared with.

    `has_collector`: Python's garbage collector runs as in any test. It looks at everything that is
    alive, so that it alone makes many sockets or requests at once dearer, whoever keeps them.
    """

    key: str
    about: str
    unit: str
    sizes: tuple[int, ...]
    base: int
    measure: Callable[[AnyPeer, Sequence[int]], list[Point]]
    clients: tuple[str, ...] = OURS
    has_collector: bool = True

    def chosen_sizes(self, *, is_quick: bool) -> tuple[int, ...]:
        """Return the sizes, without the largest where it has to be quick."""
        return self.sizes[:-1] if is_quick else self.sizes


def along(
    peer: AnyPeer, app: apps.App, sizes: Sequence[int], step: Callable[[int], object]
) -> list[Point]:
    """Do one step after another in one client; look at the last ones before each size."""
    if isinstance(peer, BlockingPeer):
        peer.open(app)
        try:
            return points_along(sizes, step)
        finally:
            peer.close()
    return asyncio.run(along_async(peer, app, sizes, step))


async def along_async(
    peer: AsyncPeer, app: apps.App, sizes: Sequence[int], step: Callable[[int], Any]
) -> list[Point]:
    """Do the same in the running loop."""
    await peer.open(app)
    try:
        return await points_along_async(sizes, step)
    finally:
        await peer.close()


def points_along(sizes: Sequence[int], step: Callable[[int], object]) -> list[Point]:
    """Return a point per size: the best of the last windows of equal length before it."""
    length, done, points = sizes[0] // (2 * WINDOWS), 0, []
    for size in sizes:
        while done < size - WINDOWS * length:
            step(done)
            done += 1
        costs = []
        for _ in range(WINDOWS):
            start = now()
            for number in range(done, done + length):
                step(number)
            costs.append((now() - start) / length)
            done += length
        points.append(weighed(size, min(costs)))
    return points


async def points_along_async(
    sizes: Sequence[int], step: Callable[[int], Awaitable[object]]
) -> list[Point]:
    """Do the same in the running loop."""
    length, done, points = sizes[0] // (2 * WINDOWS), 0, []
    for size in sizes:
        while done < size - WINDOWS * length:
            await step(done)
            done += 1
        costs = []
        for _ in range(WINDOWS):
            start = now()
            for number in range(done, done + length):
                await step(number)
            costs.append((now() - start) / length)
            done += length
        points.append(weighed(size, min(costs)))
    return points


def weighed(size: int, seconds: float) -> Point:
    """Return the point with the memory in use now, garbage collected."""
    gc.collect()
    return Point(size, seconds, resident_bytes())


def requests_to_one_url(peer: AnyPeer, sizes: Sequence[int]) -> list[Point]:
    """GET the same URL all the time."""
    return along(peer, apps.greet, sizes, lambda number: peer.get("/"))


def requests_to_new_urls(peer: AnyPeer, sizes: Sequence[int]) -> list[Point]:
    """GET a URL that was never asked for."""
    return along(peer, apps.greet, sizes, lambda number: peer.get(f"/items/{number}?page={number}"))


def messages(peer: AnyPeer, sizes: Sequence[int]) -> list[Point]:
    """Send text there and back on one WebSocket."""
    if isinstance(peer, BlockingPeer):
        return messages_blocking(peer, sizes)
    return asyncio.run(messages_async(peer, sizes))


def messages_blocking(peer: BlockingPeer, sizes: Sequence[int]) -> list[Point]:
    """Do it from this thread."""
    peer.open(apps.echo_messages)
    peer.open_session("/")
    try:
        return points_along(sizes, lambda number: peer.echo(TEXT))
    finally:
        peer.close_session()
        peer.close()


async def messages_async(peer: AsyncPeer, sizes: Sequence[int]) -> list[Point]:
    """Do it in the running loop."""
    await peer.open(apps.echo_messages)
    await peer.open_session("/")
    try:
        return await points_along_async(sizes, lambda number: peer.echo(TEXT))
    finally:
        await peer.close_session()
        await peer.close()


def downloads(peer: AnyPeer, sizes: Sequence[int]) -> list[Point]:
    """Read bodies of so many MiB as a stream; each size moves as much in all."""
    return bodies(peer, sizes, lambda mib: peer.stream(f"/?chunks={mib * CHUNKS_PER_MIB}"))


def uploads(peer: AnyPeer, sizes: Sequence[int]) -> list[Point]:
    """Send bodies of so many MiB piece by piece; each size moves as much in all."""
    return bodies(peer, sizes, lambda mib: peer.upload_pieces("/", mib * CHUNKS_PER_MIB))


def bodies(peer: AnyPeer, sizes: Sequence[int], move: Callable[[int], Any]) -> list[Point]:
    """Move the largest body's bytes at each size, and return the mean seconds of a MiB."""
    app = apps.move_bytes
    if isinstance(peer, BlockingPeer):
        peer.open(app)
        try:
            return [bodies_of(size, sizes[-1] // size, move) for size in sizes]
        finally:
            peer.close()
    return asyncio.run(bodies_async(peer, sizes, move))


def bodies_of(mib: int, repeats: int, move: Callable[[int], object]) -> Point:
    """Move so many bodies of one size."""
    move(1)
    start = now()
    for _ in range(repeats):
        move(mib)
    return weighed(mib, (now() - start) / repeats / mib)


async def bodies_async(
    peer: AsyncPeer, sizes: Sequence[int], move: Callable[[int], Awaitable[object]]
) -> list[Point]:
    """Do the same in the running loop."""
    await peer.open(apps.move_bytes)
    points = []
    for mib in sizes:
        await move(1)
        start = now()
        for _ in range(sizes[-1] // mib):
            await move(mib)
        points.append(weighed(mib, (now() - start) / (sizes[-1] // mib) / mib))
    await peer.close()
    return points


class ResidentBytes:
    """Tells the resident bytes, and remembers what it told last."""

    last = 0

    def __call__(self) -> int:
        self.last = resident_bytes()
        return self.last


def crowds_of(size: int, sizes: Sequence[int]) -> int:
    """Return how often to gather a crowd; weighing the smallest takes longer than they do."""
    return min(sizes[-1] // size, MOST_CROWDS)


def sockets(peer: AnyPeer, sizes: Sequence[int]) -> list[Point]:
    """Connect so many WebSockets, echo one text on each, close them; each size has as many."""
    if isinstance(peer, BlockingPeer):
        return sockets_blocking(peer, sizes)
    return asyncio.run(sockets_async(peer, sizes))


def sockets_blocking(peer: BlockingPeer, sizes: Sequence[int]) -> list[Point]:
    """Do it from this thread."""
    peer.open(apps.echo_messages)
    scale, points = ResidentBytes(), []
    gather_crowd(peer, WARM_UP, scale)
    for size in sizes:
        repeats = range(crowds_of(size, sizes))
        seconds = [gather_crowd(peer, size, scale).seconds for _ in repeats]
        points.append(Point(size, mean(seconds), scale.last))
    peer.close()
    return points


async def sockets_async(peer: AsyncPeer, sizes: Sequence[int]) -> list[Point]:
    """Do it in the running loop."""
    await peer.open(apps.echo_messages)
    scale, points = ResidentBytes(), []
    await gather_crowd_async(peer, WARM_UP, scale)
    for size in sizes:
        repeats = range(crowds_of(size, sizes))
        seconds = [(await gather_crowd_async(peer, size, scale)).seconds for _ in repeats]
        points.append(Point(size, mean(seconds), scale.last))
    await peer.close()
    return points


def meetings_of(size: int, sizes: Sequence[int]) -> int:
    """Return how often so many requests meet; as many requests in all at each size."""
    return LARGEST_MEETINGS * sizes[-1] // size


def parallel(peer: AnyPeer, sizes: Sequence[int]) -> list[Point]:
    """Send so many GETs that the app answers only when all of them have arrived."""
    meeting = apps.Meeting()
    if isinstance(peer, BlockingPeer):
        return parallel_threads(peer, meeting, sizes)
    return asyncio.run(parallel_async(peer, meeting, sizes))


def parallel_threads(
    peer: BlockingPeer, meeting: apps.Meeting, sizes: Sequence[int]
) -> list[Point]:
    """Do it from as many threads, which are there before the clock starts."""
    peer.open(meeting)
    points = []
    for size in sizes:
        meeting.guests = size
        with ThreadPoolExecutor(size) as threads:
            list(threads.map(peer.get, ["/"] * size))
            start = now()
            for _ in range(meetings_of(size, sizes)):
                list(threads.map(peer.get, ["/"] * size))
            points.append(weighed(size, (now() - start) / meetings_of(size, sizes) / size))
    peer.close()
    return points


async def parallel_async(
    peer: AsyncPeer, meeting: apps.Meeting, sizes: Sequence[int]
) -> list[Point]:
    """Do it by tasks of the running loop."""
    await peer.open(meeting)
    points = []
    for size in sizes:
        meeting.guests = size
        await peer.gather("/", size)
        start = now()
        for _ in range(meetings_of(size, sizes)):
            await peer.gather("/", size)
        points.append(weighed(size, (now() - start) / meetings_of(size, sizes) / size))
    await peer.close()
    return points


THOUSANDS = (1_000, 10_000, 100_000)
CROWDS = (1, 10, 100, 1_000, 10_000)
SOCKET = "socket: connect, echo, close"
# A call of the inline driver holds its only thread.
MANY = ("ours-thread", "ours-async")
BODY_MIB = (1, 4, 16, 64, 256, 1_024)
CURVES = {
    curve.key: curve
    for curve in (
        Curve("requests", "GETs of one URL", "request", THOUSANDS, 1_000, requests_to_one_url),
        Curve("new-urls", "GETs of new URLs", "request", THOUSANDS, 1_000, requests_to_new_urls),
        Curve("messages", "messages of one WebSocket", "message", THOUSANDS, 1_000, messages),
        Curve("downloads", "MiB of one streamed response", "MiB", BODY_MIB, 1, downloads),
        Curve("uploads", "MiB of one streamed upload", "MiB", BODY_MIB, 1, uploads),
        Curve(
            "sockets",
            "WebSockets open at once",
            SOCKET,
            CROWDS,
            1_000,
            sockets,
            has_collector=False,
        ),
        Curve("sockets-gc", "WebSockets, collector on", SOCKET, CROWDS, 1_000, sockets),
        Curve(
            "parallel",
            "GETs under way at once",
            "request",
            CROWDS[:4],
            100,
            parallel,
            MANY,
            has_collector=False,
        ),
        Curve(
            "parallel-gc", "GETs at once, collector on", "request", CROWDS[:4], 100, parallel, MANY
        ),
    )
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure one curve of one client and print its points as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.curves")
    parser.add_argument("curve", choices=list(CURVES))
    parser.add_argument("client", choices=OURS)
    parser.add_argument("--quick", action="store_true", help="without the largest size")
    options = parser.parse_args(arguments)

    curve = CURVES[options.curve]
    if not curve.has_collector:
        gc.disable()
    peer = {peer.key: peer for peer in PEERS}[options.client]()
    points = curve.measure(peer, curve.chosen_sizes(is_quick=options.quick))
    print(json.dumps([asdict(point) for point in points]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
