"""The table of scenarios: what is done, to which app, and what the answer must be."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from bench import apps
from bench.peer import AnyPeer, AsyncPeer, BlockingPeer, Reply, missing_module, module

if TYPE_CHECKING:
    from bench.apps import App

__all__ = ("NOT_INSTALLED", "SCENARIOS", "Lifetime", "Scenario", "Step", "Unit")

# One operation: a blocking peer's returns its answer, an async peer's returns an awaitable of it.
Step = Callable[[], object]

ORDER = {"items": [{"sku": f"lamp-{n:04}", "amount": n, "gift": False} for n in range(20)]}
UPLOAD = bytes(1024 * 1024)
GATHERED = 100
TEXT = "Is the lamp on?"
NOT_INSTALLED = "not installed"
IMPORT_SCRIPT = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"


class Lifetime(Enum):
    """Who opens the client."""

    KEPT = "opened once, before the first round"
    SESSION = "opened once, with one WebSocket that stays open over all rounds"
    FRESH = "opened and closed by each operation"
    NONE = "never opened; runs outside any loop"


class Unit(Enum):
    """How the seconds of one operation are shown."""

    MICROSECONDS = "us"
    MILLISECONDS = "ms"
    GIB_PER_SECOND = "GiB/s"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table.

    `reports_seconds`: the operation returns the seconds that count, instead of being timed whole.
    `moved_bytes`: what one operation moves, for `Unit.GIB_PER_SECOND`.
    `acts`: how many equal acts one operation is; the time of one act is shown.
    `prepare`: done once, after opening and before anything is checked or timed.
    `new_weighed_step`: the operation whose peak memory is taken, apart from the timed ones.
    """

    key: str
    about: str
    app: Callable[[], App]
    new_step: Callable[[AnyPeer, App], Step]
    accepts: Callable[[object], bool]
    unit: Unit = Unit.MICROSECONDS
    lifetime: Lifetime = Lifetime.KEPT
    reports_seconds: bool = False
    moved_bytes: int = 0
    acts: int = 1
    prepare: Callable[[AnyPeer], object] | None = None
    new_weighed_step: Callable[[AnyPeer, App], Step] | None = None
    modules: tuple[str, ...] = ()

    def reason_against(self, peer: AnyPeer) -> str | None:
        """Return why `peer` is not measured here, or None."""
        missing = missing_module((*peer.modules, *self.modules))
        if missing is not None:
            return f"{NOT_INSTALLED}: {missing}"
        return peer.cannot.get(self.key)


def same_url(peer: AnyPeer, app: App) -> Step:
    """GET the same URL each time."""
    return lambda: peer.get("/")


def new_url(peer: AnyPeer, app: App) -> Step:
    """GET a URL that was never asked for, in any round."""
    numbers = count()

    def step() -> object:
        number = next(numbers)
        return peer.get(f"/items/{number}?page={number}")

    return step


def same_url_read(peer: AnyPeer, app: App) -> Step:
    """GET the same URL and read all of the answer."""
    return lambda: peer.get_and_read("/")


def fastapi_item(path: str) -> Callable[[AnyPeer, App], Step]:
    """GET an item of the FastAPI app and read all of the answer."""
    return lambda peer, app: lambda: peer.get_and_read(path)


def fastapi_app() -> App:
    """Return the FastAPI app, imported only here."""
    app: App = module("bench.fastapi_app").app
    return app


def gathered(peer: AnyPeer, app: App) -> Step:
    """Send 100 GETs at once; `Peer.takes_part` keeps blocking peers away."""
    if not isinstance(peer, AsyncPeer):
        raise TypeError(f"{peer.key} blocks.")
    return lambda: peer.gather("/", GATHERED)


def fresh_import(peer: AnyPeer, app: App) -> Step:
    """Time the import in a new interpreter, whose own start does not count."""
    command = [sys.executable, "-c", IMPORT_SCRIPT.format(peer.statement)]

    def step() -> float:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return float(done.stdout)

    return step


def connected(peer: AnyPeer, app: App) -> Step:
    """Connect a WebSocket and close it; the answer is the number the app has accepted so far."""
    if not isinstance(app, apps.GuestBook):
        raise TypeError(f"{app!r} does not count.")
    if isinstance(peer, AsyncPeer):
        return partial(connect_async, peer, app)
    return partial(connect, peer, app)


def connect(peer: BlockingPeer, app: apps.GuestBook) -> int:
    """Connect once; return the number of accepted WebSockets."""
    peer.connect_and_close("/")
    return app.accepted


async def connect_async(peer: AsyncPeer, app: apps.GuestBook) -> int:
    """Do the same in the running loop."""
    await peer.connect_and_close("/")
    return app.accepted


def is_greeting(answer: object) -> bool:
    """Check the answer of `apps.greet`."""
    return answer == Reply(200, apps.GREETING)


def is_greeting_read(answer: object) -> bool:
    """Check the answer of `apps.greet`, read in full."""
    text = apps.GREETING.decode()
    return answer == (200, "application/json", text, json.loads(text))


def is_item(answer: object) -> bool:
    """Check the answer of either FastAPI endpoint."""
    item = {"number": 7, "name": "lamp", "page": {"start": 0, "size": 10}}
    return isinstance(answer, tuple) and (answer[0], answer[3]) == (200, item)


def is_seconds(answer: object) -> bool:
    """Check that the operation reported a time."""
    return isinstance(answer, float) and answer > 0


SCENARIOS = (
    Scenario("get", "small GET, the same URL each time", lambda: apps.greet, same_url, is_greeting),
    Scenario(
        "get_read",
        "small GET; header, text and JSON are read",
        lambda: apps.greet,
        same_url_read,
        is_greeting_read,
    ),
    Scenario(
        "get_new_url",
        "small GET, a new path and query each time",
        lambda: apps.greet,
        new_url,
        is_greeting,
    ),
    Scenario(
        "post_json",
        "POST of 1 kB JSON, parsed by the app",
        lambda: apps.echo_order,
        lambda peer, app: lambda: peer.post_json("/", ORDER),
        lambda answer: answer == Reply(200, b'{"items":20}'),
    ),
    Scenario(
        "get_64k",
        "GET of a 64 KiB body, sent in one piece",
        lambda: apps.send_big_body,
        same_url,
        lambda answer: answer == Reply(200, apps.BIG_BODY),
    ),
    Scenario(
        "get_cookie",
        "small GET with a cookie from the jar",
        lambda: apps.greet_known,
        same_url,
        is_greeting,
        prepare=lambda peer: peer.log_in("/"),
    ),
    Scenario(
        "upload",
        "POST of 1 MiB bytes",
        lambda: apps.count_upload,
        lambda peer, app: lambda: peer.upload("/", UPLOAD),
        lambda answer: answer == Reply(200, b'{"bytes":%d}' % len(UPLOAD)),
    ),
    Scenario(
        "stream",
        "10 MiB read as a stream, sent in chunks of 64 KiB",
        lambda: apps.stream_chunks,
        lambda peer, app: lambda: peer.stream("/"),
        lambda answer: answer == apps.STREAM_BYTES,
        unit=Unit.GIB_PER_SECOND,
        moved_bytes=apps.STREAM_BYTES,
        new_weighed_step=lambda peer, app: lambda: peer.stream(apps.NEW_CHUNKS_PATH),
    ),
    Scenario(
        "first_chunk",
        "until the first chunk is in hand; the app sleeps 50 ms after it",
        lambda: apps.two_chunks,
        lambda peer, app: lambda: peer.first_chunk("/"),
        is_seconds,
        reports_seconds=True,
    ),
    Scenario(
        "gather",
        "100 GETs at once, all of them",
        lambda: apps.greet,
        gathered,
        lambda answer: answer == [Reply(200, apps.GREETING)] * GATHERED,
    ),
    Scenario(
        "ws_connect",
        "WebSocket: connect and close",
        apps.GuestBook,
        connected,
        lambda answer: isinstance(answer, int) and answer > 0,
    ),
    Scenario(
        "ws_echo",
        "WebSocket: one text message there and back",
        lambda: apps.echo_messages,
        lambda peer, app: lambda: peer.echo(TEXT),
        lambda answer: answer == TEXT,
        lifetime=Lifetime.SESSION,
    ),
    Scenario(
        "ws_json",
        "WebSocket: 1 kB JSON there and back",
        lambda: apps.echo_messages,
        lambda peer, app: lambda: peer.echo_json(ORDER),
        lambda answer: answer == ORDER,
        lifetime=Lifetime.SESSION,
    ),
    Scenario(
        "ws_push",
        f"WebSocket: each of {len(apps.PUSHED):,} messages the app pushes, read one by one",
        lambda: apps.push_messages,
        lambda peer, app: lambda: peer.ask_and_read(len(apps.PUSHED)),
        lambda answer: answer == [*apps.PUSHED],
        lifetime=Lifetime.SESSION,
        acts=len(apps.PUSHED),
    ),
    Scenario(
        "construct",
        "construct, and no more",
        lambda: apps.greet,
        lambda peer, app: lambda: peer.construct(app),
        lambda answer: answer is not None,
        lifetime=Lifetime.FRESH,
    ),
    Scenario(
        "start_stop",
        "construct, enter and leave, with lifespan",
        lambda: apps.greet,
        lambda peer, app: lambda: peer.start_stop(app),
        lambda answer: answer is None,
        lifetime=Lifetime.FRESH,
    ),
    Scenario(
        "whole_test",
        "construct, enter, 3 GETs, leave",
        apps.new_started_app,
        lambda peer, app: lambda: peer.whole_test(app, "/"),
        is_greeting,
        lifetime=Lifetime.FRESH,
    ),
    Scenario(
        "fastapi",
        "FastAPI, async endpoint, dependency, pydantic model; all is read",
        fastapi_app,
        fastapi_item("/items/7?start=0&size=10"),
        is_item,
        modules=("fastapi",),
    ),
    Scenario(
        "fastapi_def",
        "FastAPI, def endpoint in a worker thread; all is read",
        fastapi_app,
        fastapi_item("/blocking-items/7"),
        is_item,
        modules=("fastapi",),
    ),
    Scenario(
        "import",
        "the import statement of a test module, in a new interpreter",
        lambda: apps.greet,
        fresh_import,
        is_seconds,
        unit=Unit.MILLISECONDS,
        lifetime=Lifetime.NONE,
        reports_seconds=True,
    ),
)
