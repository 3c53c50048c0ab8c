"""A body of 1 GiB passes in either direction, piece by piece, and takes no memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, answer, body_messages, end, http_app, piece, start
from tests.modes import OpenClient

pytestmark = pytest.mark.soak

MIB = 1024 * 1024
PIECES = 1024  # of 1 MiB each
WARM_UP_PIECES = 32
SAMPLED_EVERY = 16
MOST_EXTRA_BYTES = 16 * MIB


def resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


class Passage:
    """Pieces on their way from one side to the other, and what memory they take."""

    def __init__(self) -> None:
        self.produced = 0
        self.seen = 0
        self.samples: list[int] = []
        self._bytes_at_first = resident_bytes()
        self._began = time.perf_counter()

    def pieces(self, count: int) -> Iterator[bytes]:
        """Make pieces, of touched memory, no two of them equal."""
        for number in range(count):
            self.produced += 1
            assert self.produced - self.seen <= 1
            self._sample(number)
            yield number.to_bytes(8) * (MIB // 8)

    def see(self, body: bytes) -> None:
        if not body:
            return
        assert body[-8:] == self.seen.to_bytes(8)
        assert len(body) == MIB
        self._sample(self.seen)
        self.seen += 1
        assert self.produced - self.seen <= 1

    def _sample(self, number: int) -> None:
        if number % SAMPLED_EVERY == 0:
            self.samples.append(resident_bytes())

    @property
    def extra_bytes(self) -> int:
        return max(self.samples) - self._bytes_at_first

    def figures(self) -> str:
        seconds = time.perf_counter() - self._began
        extra, rate = self.extra_bytes / MIB, self.seen / 1024 / seconds
        return f"{extra:6.2f} MiB extra, {seconds:6.2f} s, {rate:5.2f} GiB/s"


def takes(passage: Passage) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async for message in body_messages(receive):
            passage.see(message["body"])
        await answer(send, b"taken")

    return app


def gives(passage: Passage, count: int) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        for body in passage.pieces(count):
            await piece(send, body)
        await end(send)

    return app


async def upload(open_client: OpenClient, count: int) -> Passage:
    passage = Passage()
    async with open_client(takes(passage)) as client:
        response = await client.post("/", content=open_client.upload(passage.pieces(count)))
    assert (response.text, passage.seen, passage.produced) == ("taken", count, count)
    return passage


async def download(open_client: OpenClient, count: int) -> Passage:
    passage = Passage()
    async with (
        open_client(gives(passage, count)) as client,
        client.stream("GET", "/") as response,
    ):
        async for body in response.aiter_raw():
            passage.see(body)
    assert (passage.seen, passage.produced) == (count, count)
    return passage


async def test_upload_of_1_gib_is_taken_piece_by_piece_and_takes_no_memory(
    open_client: OpenClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await upload(open_client, WARM_UP_PIECES)

    passage = await upload(open_client, PIECES)

    with capsys.disabled():
        print(f"\nupload   {open_client.mode:8}{passage.figures()}")
    assert len(passage.samples) == 2 * PIECES // SAMPLED_EVERY
    assert passage.extra_bytes < MOST_EXTRA_BYTES


async def test_download_of_1_gib_is_seen_piece_by_piece_and_takes_no_memory(
    open_client: OpenClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await download(open_client, WARM_UP_PIECES)

    passage = await download(open_client, PIECES)

    with capsys.disabled():
        print(f"\ndownload {open_client.mode:8}{passage.figures()}")
    assert len(passage.samples) == 2 * PIECES // SAMPLED_EVERY
    assert passage.extra_bytes < MOST_EXTRA_BYTES
