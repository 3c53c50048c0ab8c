"""Clients that are dropped, shared, forked, interrupted, or given apps that stop at nothing."""

from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from asgi_testkit import ClientStateError, StallError, TestClient
from asgi_testkit.types import Receive, Scope, Send
from tests.apps import lives, raw, websockets
from tests.apps.raw import answer, end, http_app, piece, read_body, start
from tests.deadlines import hard_deadline
from tests.modes import OpenClient
from tests.processes import REPOSITORY, python_path, run_script
from tests.runners.app import App

drivers = pytest.mark.parametrize("driver", ["thread", "inline"])
PROMPT = 5.0  # far above what an exit takes, far below a client's limit

MAKE = """
import gc, json, os, signal, sys, threading, warnings
from asgi_testkit import TestClient
from tests.apps.raw import waits_for_ever
from tests.runners.app import App

driver = sys.argv[1]
"""

# -- dropped ----------------------------------------------------------------------------------

DROPPED = {
    "never entered": 'TestClient(App(), driver=driver).get("/")',
    "amid a stream": 'TestClient(App(), driver=driver).stream("GET", "/").__enter__()',
    "left": 'with TestClient(App(), driver=driver) as client: client.get("/")\ndel client',
    "entered": 'TestClient(App(), driver=driver).__enter__().get("/")',
    "amid a WebSocket": (
        "from tests.apps.websockets import echo\nclient = TestClient(echo, driver=driver)\n"
        'client.websocket_connect("/").__enter__()\ndel client'
    ),
}


@drivers
@pytest.mark.parametrize("use", DROPPED.values(), ids=DROPPED)
def test_interpreter_exits_in_silence_though_a_client_was_dropped(driver: str, use: str) -> None:
    result = run_script(f"{MAKE}{use}\ngc.collect()\nprint(json.dumps('end'))", driver)

    assert result == "end"


@drivers
def test_client_that_is_dropped_goes_with_its_app(driver: Any) -> None:
    app = App()
    client = TestClient(app, driver=driver)
    client.get("/")
    gone = weakref.ref(client)

    del client
    gc.collect()

    assert gone() is None


# -- shared -----------------------------------------------------------------------------------


@drivers
@pytest.mark.parametrize("is_entered", [True, False])
def test_client_serves_eight_threads_that_use_it_in_every_way(
    driver: Any, is_entered: bool
) -> None:
    client = TestClient(_everything, driver=driver)
    barrier = threading.Barrier(8)

    def use(number: int) -> list[bytes]:
        barrier.wait(5)
        got: list[bytes] = []
        for _ in range(5):
            got.append(client.get(f"/{number}").content)
            got.append(client.post("/", content=iter([b"%d" % number, b"!"])).content)
            with client.stream("GET", "/stream") as response:
                got.append(response.read())
            with client.websocket_connect("/") as ws:
                ws.send_text(str(number))
                got.append(ws.receive_text().encode())
        return got

    if is_entered:
        client.__enter__()
    with hard_deadline(30), ThreadPoolExecutor(8) as threads:
        results = list(threads.map(use, range(8)))
    client.close()

    numbers = [b"%d" % number for number in range(8)]
    assert results == [[b"/" + number, number + b"!", b"onetwo", number] * 5 for number in numbers]


@http_app
async def _everything(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await websockets.echo(scope, receive, send)
    elif scope["path"] == "/stream":
        await start(send)
        await piece(send, b"one")
        await end(send, b"two")
    else:
        await answer(send, await read_body(receive) or scope["path"].encode())


@drivers
def test_app_that_calls_its_own_client_is_told_so(driver: Any) -> None:
    errors: list[str] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/outer":
            try:
                client.get("/inner")
            except ClientStateError as error:
                errors.append(str(error))
        await answer(send, b"done")

    with TestClient(app, driver=driver, timeout=5) as client, hard_deadline(10):
        outer = client.get("/outer")
        after = client.get("/after")

    assert (outer.text, after.text, len(errors)) == ("done", "done", 1)
    assert "inside its own event loop" in errors[0]


# -- forked -----------------------------------------------------------------------------------

FORKED = """
import multiprocessing

def work(queue):
    own = TestClient(App(), driver=driver)
    with own:
        queue.put([client.get("/?shared").text if is_free else "", own.get("/?own").text])

client = TestClient(App(), driver=driver)
{use}
context = multiprocessing.get_context("fork")
queue = context.SimpleQueue()
process = context.Process(target=work, args=(queue,))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    process.start()
texts = queue.get()
process.join(10)
after = client.get("/?parent").text
client.close()
print(json.dumps([[str(each.message) for each in caught], texts, process.exitcode, after]))
"""


@drivers
def test_child_of_multiprocessing_uses_a_client_that_was_never_entered(driver: str) -> None:
    use = 'is_free = True\nclient.get("/")'

    result = run_script(MAKE + FORKED.replace("{use}", use), driver)

    assert result == [[], ["shared", "own"], 0, "parent"]


def test_child_of_multiprocessing_makes_its_own_client_beside_an_entered_inline_one() -> None:
    use = 'is_free = False\nclient.__enter__()\nclient.get("/")'

    warned, *rest = run_script(MAKE + FORKED.replace("{use}", use), "inline")

    assert rest == [["", "own"], 0, "parent"]
    assert (
        len(warned) <= 1
    )  # from 3.12 on: anyio's worker, which its loop keeps for `def` endpoints


def test_child_of_multiprocessing_makes_its_own_client_beside_an_entered_thread() -> None:
    use = 'is_free = False\nclient.__enter__()\nclient.get("/")'

    warned, *rest = run_script(MAKE + FORKED.replace("{use}", use), "thread")

    assert rest == [["", "own"], 0, "parent"]
    assert len(warned) <= 1  # from 3.12 on: the thread that is in use cannot be ended


# -- interrupted ------------------------------------------------------------------------------

WAITS = {
    "get": 'with TestClient(ever, driver=driver) as c: ready(); c.get("/")',
    "stream": (
        "with TestClient(streams, driver=driver) as c, c.stream('GET', '/') as r: ready(); r.read()"
    ),
    "receive": (
        "with TestClient(echo, driver=driver) as c, c.websocket_connect('/') as ws:"
        " ready(); ws.receive_text()"
    ),
    "startup": "ready()\nwith TestClient(never_starts, driver=driver): pass",
    "leaving": "with TestClient(never_stops, driver=driver): ready()",
}

INTERRUPTED = (
    MAKE
    + """
from tests.apps.lives import ignores_shutdown, living, never_answers
from tests.apps.events import silent as streams
from tests.apps.websockets import echo

ever = waits_for_ever
never_starts = living(never_answers([]))
never_stops = living(ignores_shutdown([]))

def ready():
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    print("ready", flush=True)

"""
)
CAUGHT = """
def wait():
    {wait}
try:
    wait()
except KeyboardInterrupt:
    pass
with TestClient(App(), driver=driver) as client:
    print(json.dumps(client.get("/?next").text))
"""

waits = pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)


@drivers
@waits
def test_interrupt_ends_the_process_at_once(driver: str, wait: str) -> None:
    began = time.perf_counter()

    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED + wait, driver],
        env={"PYTHONPATH": python_path(), "PATH": str(Path(sys.executable).parent)},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert done.returncode == -signal.SIGINT, done.stderr
    assert "KeyboardInterrupt" in done.stderr.splitlines()  # a note may follow
    assert time.perf_counter() - began < PROMPT


@drivers
@waits
def test_interrupt_that_is_caught_leaves_the_next_client_unharmed(driver: str, wait: str) -> None:
    caught = CAUGHT.replace("{wait}", wait.replace("\n", "\n    "))

    assert run_script(INTERRUPTED + caught, driver) == "next"


# -- apps that raise what ends a process ------------------------------------------------------

KINDS = pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])


@KINDS
@pytest.mark.parametrize(
    "make", [raw.raises_before_start, raw.raises_amid_body, raw.raises_after_body]
)
async def test_what_would_end_a_server_is_raised_at_every_stage_of_a_request(
    open_client: OpenClient, kind: type[BaseException], make: Any
) -> None:
    exception = kind("out of the app")

    async with open_client(make(exception), timeout=5) as client:
        with pytest.raises(kind, match="out of the app") as caught:
            await client.get("/")
        with suppress(BaseException):
            await client.get("/")

    assert caught.value is exception


@KINDS
async def test_what_would_end_a_server_is_raised_amid_a_stream_after_what_was_sent(
    open_client: OpenClient, kind: type[BaseException]
) -> None:
    exception = kind("out of the app")
    pieces: list[bytes] = []

    async with open_client(raw.raises_amid_body(exception), timeout=5) as client:
        with pytest.raises(kind, match="out of the app") as caught:  # noqa: PT012
            async with client.stream("GET", "/") as response:
                async for each in response.aiter_raw():
                    pieces.append(each)  # noqa: PERF401 - kept when it raises

    assert (caught.value is exception, pieces) == (True, [b"one"])


@KINDS
async def test_what_would_end_a_server_is_raised_out_of_a_lifespan_that_stops(
    open_client: OpenClient, kind: type[BaseException]
) -> None:
    exception = kind("out of the app")
    app = lives.living(lives.raises_in_shutdown(exception))

    with pytest.raises(kind, match="out of the app") as caught:
        async with open_client(app, timeout=5) as client:
            assert (await client.get("/")).status_code == 200

    assert caught.value is exception


@KINDS
@drivers
def test_client_is_unharmed_by_what_would_end_a_server_in_another(
    driver: Any, kind: type[BaseException]
) -> None:
    app = raw.raises_before_start(kind("out of the app"))

    with pytest.raises(kind, match="out of the app"):
        TestClient(app, driver=driver).get("/")

    assert TestClient(App(), driver=driver).get("/?after").text == "after"


# -- apps that do not let go ------------------------------------------------------------------


@pytest.mark.parametrize("is_entered", [True, False])
def test_app_that_blocks_its_loop_is_a_stall_at_the_limit_and_harms_no_other_client(
    is_entered: bool,
) -> None:
    released = threading.Event()

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        released.wait(10)  # as `time.sleep` would
        await answer(send, b"late")

    began = time.perf_counter()
    client = TestClient(app, timeout=0.2, grace=0.1)
    if is_entered:
        client.__enter__()
    with hard_deadline(15):
        with pytest.raises(StallError, match="GET /"):
            client.get("/")
        seconds = time.perf_counter() - began
        released.set()
        client.close()
        after = TestClient(App(), timeout=5).get("/?after").text

    assert (after, seconds < 4) == ("after", True)
