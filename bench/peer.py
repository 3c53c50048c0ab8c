"""What a peer is: one client under comparison, with the same few acts for every scenario.

A peer does what its documentation tells users to do, through public names only. Acts that a
test would follow by reading the answer read it here too, or lazy clients would look too good.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import time
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractAsyncContextManager, AbstractContextManager
    from types import ModuleType

    from bench.apps import App

__all__ = (
    "BUFFERS",
    "HOST",
    "WEBSOCKET_SCENARIOS",
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
HOST = "http://testserver"
BUFFERS = "keeps the whole body until the app has returned"
WEBSOCKET_SCENARIOS = ("ws_connect", "ws_echo", "ws_json", "ws_push")

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

    `only`, if not empty, names the scenarios it takes part in; it has no row elsewhere. `cannot`
    names those it fails at, each with the reason. `notes` says where it does less than the
    scenario asks for, so that its time there is no yardstick. `lacks` is what no number shows.
    `is_client`: it builds requests and responses. `statement` is what a test module imports.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    distribution: ClassVar[str | None]
    modules: ClassVar[tuple[str, ...]] = ()
    statement: ClassVar[str | None] = None
    only: ClassVar[frozenset[str]] = frozenset()
    cannot: ClassVar[Mapping[str, str]] = {}
    notes: ClassVar[Mapping[str, str]] = {}
    lacks: ClassVar[str] = ""
    is_client: ClassVar[bool] = True
    is_ours: ClassVar[bool] = False

    # A foreign library's WebSocket session, and what opened it: there is no type to name.
    session: Any
    opened: Any

    @classmethod
    def takes_part(cls, scenario: str) -> bool:
        """Whether this peer has a row in the scenario's table."""
        if scenario == "import":
            return cls.statement is not None
        if scenario == "gather" and issubclass(cls, BlockingPeer):
            return False
        return not cls.only or scenario in cls.only

    @classmethod
    def can_be_yardstick(cls, scenario: str) -> bool:
        """Whether this is another's client that does all that the scenario asks for."""
        return cls.is_client and not cls.is_ours and scenario not in cls.notes


class BlockingPeer(Peer):
    """A client whose acts block the calling thread."""

    def open(self, app: App) -> None:
        """Construct the client and enter it: lifespan startup, where it has one."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave the client: lifespan shutdown, where it has one."""
        raise NotImplementedError

    def construct(self, app: App) -> object:
        """Construct the client and return it unopened."""
        raise NotImplementedError

    def get(self, url: str) -> Reply:
        """GET, and read status and body."""
        raise NotImplementedError

    def log_in(self, url: str) -> Reply:
        """GET what sets a cookie; the peer's jar sends it from then on."""
        return self.get(url)

    def get_and_read(self, url: str) -> FullReply:
        """GET, and read status, one header, text and JSON."""
        raise NotImplementedError

    def post_json(self, url: str, payload: object) -> Reply:
        """POST a value as JSON."""
        raise NotImplementedError

    def upload(self, url: str, body: bytes) -> Reply:
        """POST bytes."""
        raise NotImplementedError

    def upload_pieces(self, url: str, count: int) -> Reply:
        """POST `count` pieces of 64 KiB as they are made; see `python -m bench.growth`."""
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

    def websocket(self, url: str) -> AbstractContextManager[Any]:
        """Return a WebSocket session that connects when it is entered."""
        raise NotImplementedError

    def connect_and_close(self, url: str) -> None:
        """Connect a WebSocket, say nothing, and leave."""
        with self.websocket(url):
            pass

    def open_session(self, url: str) -> None:
        """Connect the WebSocket that the following acts use."""
        self.opened = self.websocket(url)
        self.session = self.opened.__enter__()

    def close_session(self) -> None:
        """Close what `open_session` connected."""
        self.opened.__exit__(None, None, None)

    def echo(self, text: str) -> object:
        """Send one text message and read the answer."""
        self.session.send_text(text)
        return self.session.receive_text()

    def echo_json(self, value: object) -> object:
        """Do the same with JSON."""
        self.session.send_json(value)
        return self.session.receive_json()

    def ask_and_read(self, count: int) -> list[object]:
        """Send one text message and read `count` of them, one by one."""
        self.session.send_text("go")
        receive_text = self.session.receive_text
        return [receive_text() for _ in range(count)]


class AsyncPeer(Peer):
    """A client whose acts are awaited in the test's loop; see `BlockingPeer` for each."""

    def new_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop this peer lives in, alone."""
        return asyncio.new_event_loop()

    async def open(self, app: App) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError

    async def construct(self, app: App) -> object:
        raise NotImplementedError

    async def get(self, url: str) -> Reply:
        raise NotImplementedError

    async def log_in(self, url: str) -> Reply:
        return await self.get(url)

    async def get_and_read(self, url: str) -> FullReply:
        raise NotImplementedError

    async def post_json(self, url: str, payload: object) -> Reply:
        raise NotImplementedError

    async def upload(self, url: str, body: bytes) -> Reply:
        raise NotImplementedError

    async def upload_pieces(self, url: str, count: int) -> Reply:
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

    def websocket(self, url: str) -> AbstractAsyncContextManager[Any]:
        raise NotImplementedError

    async def connect_and_close(self, url: str) -> None:
        async with self.websocket(url):
            pass

    async def open_session(self, url: str) -> None:
        self.opened = self.websocket(url)
        self.session = await self.opened.__aenter__()

    async def close_session(self) -> None:
        await self.opened.__aexit__(None, None, None)

    async def echo(self, text: str) -> object:
        await self.session.send_text(text)
        return await self.session.receive_text()

    async def echo_json(self, value: object) -> object:
        await self.session.send_json(value)
        return await self.session.receive_json()

    async def ask_and_read(self, count: int) -> list[object]:
        await self.session.send_text("go")
        receive_text = self.session.receive_text
        return [await receive_text() for _ in range(count)]


AnyPeer = BlockingPeer | AsyncPeer
