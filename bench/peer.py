"""What a peer is: one client under comparison, with the same few acts for every scenario.

A peer does what its documentation tells users to do, through public names only. Acts that a
test would follow by reading the answer read it here too, or lazy clients would look too good.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import time
from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from bench.apps import App

__all__ = (
    "AnyPeer",
    "AsyncPeer",
    "BlockingPeer",
    "FullReply",
    "Reply",
    "missing_module",
    "module",
    "now",
)

GETS_PER_TEST = 3

now = time.perf_counter


class Reply(NamedTuple):
    """What nearly every test looks at."""

    status: int
    body: bytes


class FullReply(NamedTuple):
    """What a thorough test looks at."""

    status: int
    media_type: str
    text: str
    json: object


def module(name: str) -> ModuleType:
    """Import `name` late: peers are optional, and most of them are untyped."""
    return importlib.import_module(name)


def missing_module(names: Iterable[str]) -> str | None:
    """Return the first of these modules that is not installed."""
    for name in names:
        if importlib.util.find_spec(name) is None:
            return name
    return None


class Peer:
    """What is known of a peer before it runs.

    `cannot` names the scenarios it leaves out, each with the reason; `only`, if not empty, those
    it takes part in. `notes` is shown beside a result. `statement` is what a test module imports.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    distribution: ClassVar[str | None]
    modules: ClassVar[tuple[str, ...]] = ()
    statement: ClassVar[str | None] = None
    only: ClassVar[frozenset[str]] = frozenset()
    cannot: ClassVar[Mapping[str, str]] = {}
    notes: ClassVar[Mapping[str, str]] = {}

    def reason_against(self, scenario: str) -> str | None:
        """Return why this peer leaves the scenario out, or None."""
        if scenario in self.cannot:
            return self.cannot[scenario]
        if self.only and scenario not in self.only:
            return f"measured in {', '.join(sorted(self.only))} only"
        if scenario == "import" and self.statement is None:
            return "imports what another row imports"
        return None


class BlockingPeer(Peer):
    """A client whose acts block the calling thread."""

    def open(self, app: App) -> None:
        """Construct the client and enter it: lifespan startup, where it has one."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave the client: lifespan shutdown, where it has one."""
        raise NotImplementedError

    def get(self, url: str) -> Reply:
        """GET, and read status and body."""
        raise NotImplementedError

    def get_and_read(self, url: str) -> FullReply:
        """GET, and read status, one header, text and JSON."""
        raise NotImplementedError

    def post_json(self, url: str, payload: object) -> Reply:
        """POST a value as JSON."""
        raise NotImplementedError

    def upload(self, url: str, body: bytes) -> Reply:
        """POST bytes."""
        raise NotImplementedError

    def stream(self, url: str) -> int:
        """GET as a stream, drop every piece, return the number of bytes."""
        raise NotImplementedError

    def first_chunk(self, url: str) -> float:
        """GET as a stream to its end, return the seconds until the first piece was in hand."""
        raise NotImplementedError

    def start_stop(self, app: App) -> None:
        """Construct, enter and leave."""
        self.open(app)
        self.close()

    def whole_test(self, app: App, url: str) -> Reply:
        """Do what one small test does; return the last answer."""
        self.open(app)
        for _ in range(GETS_PER_TEST):
            reply = self.get(url)
        self.close()
        return reply


class AsyncPeer(Peer):
    """A client whose acts are awaited in the test's loop; see `BlockingPeer` for each."""

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop this peer lives in, alone."""
        return asyncio.new_event_loop()

    async def open(self, app: App) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    async def get(self, url: str) -> Reply:
        raise NotImplementedError

    async def get_and_read(self, url: str) -> FullReply:
        raise NotImplementedError

    async def post_json(self, url: str, payload: object) -> Reply:
        raise NotImplementedError

    async def upload(self, url: str, body: bytes) -> Reply:
        raise NotImplementedError

    async def stream(self, url: str) -> int:
        raise NotImplementedError

    async def first_chunk(self, url: str) -> float:
        raise NotImplementedError

    async def gather(self, url: str, count: int) -> list[Reply]:
        """Send `count` GETs at once."""
        return await asyncio.gather(*[self.get(url) for _ in range(count)])

    async def start_stop(self, app: App) -> None:
        await self.open(app)
        await self.close()

    async def whole_test(self, app: App, url: str) -> Reply:
        await self.open(app)
        for _ in range(GETS_PER_TEST):
            reply = await self.get(url)
        await self.close()
        return reply


AnyPeer = BlockingPeer | AsyncPeer
