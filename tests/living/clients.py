"""Slow tests and conversations: what takes its time is a framework, a client or another thread.

Each is a context manager; what it gives makes one run, of one or more parts that take `seconds`.
"""

from __future__ import annotations

import _thread
import asyncio
import multiprocessing
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from asgi_testkit import StallError, TestClient
from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.raw import answer, end, http_app, piece, read_body, start
from tests.apps.websockets import accept, send_text, until_disconnect
from tests.living.waits import Wait

__all__ = (
    "CLIENTS",
    "LIMIT",
    "MORE_CLIENTS",
    "SIGNALLED_CLIENTS",
    "Run",
    "Scenario",
    "entered",
    "waiting",
)

LIMIT = 20.0  # far above what any run takes

Run: TypeAlias = Callable[[float], object]
Scenario: TypeAlias = Callable[[str], Any]


@contextmanager
def entered(app: Any, driver: str) -> Iterator[TestClient]:
    options: dict[str, Any] = {"driver": driver, "timeout": LIMIT}
    with TestClient(app, **options) as client:
        yield client


def waiting(wait: Wait) -> Scenario:
    """Return the scenario of an app that answers after a wait."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await wait(float(scope["query_string"]))
        await answer(send, b"alive")

    return asking(app)


def asking(app: Any) -> Scenario:
    """Return the scenario of an app that is asked to wait and to answer then."""

    @contextmanager
    def scenario(driver: str) -> Iterator[Run]:
        def run(seconds: float) -> None:
            began = time.perf_counter()
            assert client.get(f"/?{seconds}").text == "alive"
            assert time.perf_counter() - began > seconds / 2

        with entered(app, driver) as client:
            yield run

    return scenario


# -- frameworks -----------------------------------------------------------------------------------


def sleep_and_answer(request: Request) -> PlainTextResponse:
    time.sleep(float(request.url.query))
    return PlainTextResponse("alive")


async def give_answer(answer: Annotated[PlainTextResponse, Depends(sleep_and_answer)]) -> Response:
    return answer


def fastapi_app() -> FastAPI:
    app = FastAPI()
    app.add_api_route("/", give_answer)
    return app


@contextmanager
def process_pool(driver: str) -> Iterator[Run]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(int).result()

        async def wait(seconds: float) -> None:
            await asyncio.get_running_loop().run_in_executor(pool, time.sleep, seconds)

        with waiting(wait)(driver) as run:
            yield run


# -- the test's side ------------------------------------------------------------------------------


@http_app
async def pushes_late(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    await asyncio.sleep(float(scope["query_string"]))
    await send_text(send, "late")
    await until_disconnect(receive)


@http_app
async def is_pushed_by_a_thread(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    loop = asyncio.get_running_loop()

    def push() -> None:
        time.sleep(float(scope["query_string"]))
        asyncio.run_coroutine_threadsafe(send_text(send, "late"), loop).result()

    thread = threading.Thread(target=push)
    thread.start()
    await until_disconnect(receive)
    thread.join()


@http_app
async def is_pushed_by_a_thread_without_an_object(
    scope: Scope, receive: Receive, send: Send
) -> None:
    await accept(receive, send)
    loop = asyncio.get_running_loop()

    def push() -> None:
        time.sleep(float(scope["query_string"]))
        asyncio.run_coroutine_threadsafe(send_text(send, "late"), loop)

    _thread.start_new_thread(push, ())
    await until_disconnect(receive)


def hearing(app: Any) -> Scenario:
    """Return the scenario of a WebSocket app that sends one late text."""

    @contextmanager
    def scenario(driver: str) -> Iterator[Run]:
        def run(seconds: float) -> None:
            with client.websocket_connect(f"/?{seconds}") as session:
                assert session.receive_text() == "late"

        with entered(app, driver) as client:
            yield run

    return scenario


@contextmanager
def late_event(driver: str) -> Iterator[Run]:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, headers=[(b"content-type", b"text/event-stream")])
        await piece(send, b"data: first\n\n")
        await asyncio.sleep(float(scope["query_string"]))
        await end(send, b"data: second\n\n")

    def run(seconds: float) -> None:
        with client.sse(f"/?{seconds}") as events:
            assert [event.data for event in events] == ["first", "second"]

    with entered(app, driver) as client:
        yield run


@contextmanager
def slow_upload(driver: str) -> Iterator[Run]:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, await read_body(receive))

    def pieces(seconds: float) -> Iterator[bytes]:
        yield b"one "
        time.sleep(seconds)
        yield b"two"

    with entered(app, driver) as client:
        yield lambda seconds: _same(client.post("/", content=pieces(seconds)).text, "one two")


@contextmanager
def slow_reader(driver: str) -> Iterator[Run]:
    """Let the app wait in `send` while the test does other things."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        for _ in range(4):
            await piece(send, bytes(100_000))
        await end(send)

    def run(seconds: float) -> None:
        with client.stream("GET", "/") as response:
            time.sleep(seconds)
            assert len(response.read()) == 400_000

    with entered(app, driver) as client:
        yield run


@contextmanager
def function_of_the_test(driver: str) -> Iterator[Run]:
    async def sleep(seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "slept"

    with entered(pushes_late, driver) as client:
        yield lambda seconds: _same(client.run(sleep, seconds), "slept")


@contextmanager
def many_short_calls(driver: str) -> Iterator[Run]:
    def run(seconds: float) -> None:
        for _ in range(int(seconds / 0.002)):
            assert client.get("/").text == "short"

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        await answer(send, b"short")

    with entered(app, driver) as client:
        yield run


# -- lifespans ------------------------------------------------------------------------------------


async def at_once(_seconds: float) -> None:
    pass


def lasting(startup: Wait, shutdown: Wait) -> Scenario:
    """Return the scenario of an app with a slow lifespan; each run is one."""

    @contextmanager
    def scenario(driver: str) -> Iterator[Run]:
        def run(seconds: float) -> None:
            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                await receive()
                await startup(seconds)
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await shutdown(seconds)
                await send({"type": "lifespan.shutdown.complete"})

            with entered(app, driver):
                pass

        yield run

    return scenario


# -- several threads of the test ------------------------------------------------------------------


class Feeder:
    """An app that answers with what is put into its queue."""

    def __init__(self) -> None:
        self.items: asyncio.Queue[bytes] = asyncio.Queue()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await http_app(self.serve)(scope, receive, send)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.loop = asyncio.get_running_loop()
        await answer(send, await self.items.get())


@contextmanager
def fed_by_another_thread(driver: str) -> Iterator[Run]:
    def run(seconds: float) -> None:
        def feed() -> None:
            time.sleep(seconds)
            client.run(feeder.items.put, b"fed")

        with ThreadPoolExecutor(1) as threads:
            fed = threads.submit(feed)
            assert client.get("/").text == "fed"
            fed.result()

    feeder = Feeder()
    with entered(feeder, driver) as client:
        yield run


@contextmanager
def fed_by_a_callback(driver: str) -> Iterator[Run]:
    def run(seconds: float) -> None:
        def feed() -> None:
            assert feeder.loop is not None
            feeder.loop.call_soon_threadsafe(feeder.items.put_nowait, b"fed")

        timer = threading.Timer(seconds, feed)
        timer.start()
        assert client.get("/").text == "fed"
        timer.join()

    feeder = Feeder()
    with entered(feeder, driver) as client:
        client.run(feeder.items.put, b"warm")
        assert client.get("/").text == "warm"
        yield run


@contextmanager
def fed_by_another_client(driver: str) -> Iterator[Run]:
    """Let the app of another client, in a loop and a thread of its own, call back."""
    feeder = Feeder()

    @http_app
    async def other_app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(float(scope["query_string"]))
        assert feeder.loop is not None
        feeder.loop.call_soon_threadsafe(feeder.items.put_nowait, b"fed")
        await answer(send, b"")

    def run(seconds: float) -> None:
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(other.get, f"/?{seconds}")
            assert client.get("/").text == "fed"
            asked.result()

    with entered(feeder, driver) as client, entered(other_app, driver) as other:
        client.run(feeder.items.put, b"warm")
        assert client.get("/").text == "warm"
        yield run


@contextmanager
def two_callers(driver: str) -> Iterator[Run]:
    """Let one thread wait in a WebSocket's `receive`, and another wake it after slow things."""
    sends: list[Send] = []

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await accept(receive, send)
            sends.append(send)
            await until_disconnect(receive)
        else:
            await asyncio.sleep(float(scope["query_string"]))
            await answer(send, b"slow")

    async def tell() -> None:
        await send_text(sends.pop(), "told")

    def run(seconds: float) -> None:
        with client.websocket_connect("/") as session, ThreadPoolExecutor(1) as threads:
            heard = threads.submit(session.receive_text)
            assert client.get(f"/?{seconds / 2}").text == "slow"
            time.sleep(seconds / 2)
            client.run(tell)
            assert heard.result() == "told"

    with entered(app, driver) as client:
        yield run


@contextmanager
def caller_who_gives_up(driver: str) -> Iterator[Run]:
    """Let one caller wait for what another does when its own time is up."""
    sends: list[Send] = []

    async def tell_all(message: Message) -> None:
        for send in sends:
            await send_text(send, message["text"])

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        sends.append(send)
        while (message := await receive())["type"] == "websocket.receive":
            await tell_all(message)
        sends.remove(send)

    def run(seconds: float) -> None:
        with (
            client.websocket_connect("/") as one,
            client.websocket_connect("/") as other,
            ThreadPoolExecutor(1) as threads,
        ):
            heard = threads.submit(other.receive_text)
            with suppress(StallError):
                one.receive_text(timeout=seconds)
            one.send_text("told")
            assert (heard.result(), one.receive_text()) == ("told", "told")

    with entered(app, driver) as client:
        yield run


# -- signals that the main thread handles ---------------------------------------------------------


def signalled(number: int, command: str) -> Scenario:
    """Return the scenario of an app that waits for a handler, which a process calls forth."""

    @contextmanager
    def scenario(driver: str) -> Iterator[Run]:
        waits: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

        def wake(*_: object) -> None:
            for loop, event in waits:
                loop.call_soon_threadsafe(event.set)

        async def wait(seconds: float) -> None:
            event = asyncio.Event()
            waits.append((asyncio.get_running_loop(), event))
            child = subprocess.Popen(["sh", "-c", command.format(seconds=seconds, id=os.getpid())])
            await event.wait()
            waits.clear()
            child.wait()

        before = signal.signal(number, wake)
        try:
            with waiting(wait)(driver) as run:
                yield run
        finally:
            signal.signal(number, before)

    return scenario


def _same(value: object, expected: object) -> None:
    assert value == expected


SIGNALLED_CLIENTS: dict[str, Scenario] = {
    "signal of a child's end": signalled(signal.SIGCHLD, "sleep {seconds}"),
    "signal of another process": signalled(signal.SIGUSR1, "sleep {seconds}; kill -USR1 {id}"),
}

CLIENTS: dict[str, Scenario] = {
    "Starlette's def endpoint": asking(Starlette(routes=[Route("/", sleep_and_answer)])),
    "FastAPI's def dependency": asking(fastapi_app()),
    "process pool": process_pool,
    "late WebSocket message": hearing(pushes_late),
    "WebSocket message of a thread": hearing(is_pushed_by_a_thread),
    "late event": late_event,
    "slow upload": slow_upload,
    "function of the test": function_of_the_test,
    "slow startup": lasting(asyncio.sleep, at_once),
    "slow shutdown": lasting(at_once, lambda seconds: asyncio.to_thread(time.sleep, seconds)),
    "fed by another thread": fed_by_another_thread,
    "fed by another client": fed_by_another_client,
    "two callers": two_callers,
    "WebSocket message of a thread without an object": hearing(
        is_pushed_by_a_thread_without_an_object
    ),
    "caller who gives up": caller_who_gives_up,
}

MORE_CLIENTS: dict[str, Scenario] = {
    "slow reader": slow_reader,
    "many short calls": many_short_calls,
    "fed by a callback": fed_by_a_callback,
}
