"""The inline driver: jobs keep their order, no wake-up is lost, and its end is in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from asgi_testkit import TestClient
from asgi_testkit.client.recent import RECENT
from asgi_testkit.drive.application import FunctionCall
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.inline_driver import InlineDriver
from asgi_testkit.drive.parked import Suspect
from asgi_testkit.drive.silence import SilenceError, clock
from tests.apps import websockets

PATIENCE = 5.0  # far above what a step takes


@pytest.fixture
def driver() -> Iterator[InlineDriver]:
    driver = InlineDriver()
    yield driver
    driver.close()


class NotingLock:
    """A lock that tells when somebody has found it taken twice."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refusals = 0
        self.was_refused_twice = threading.Event()

    def acquire(self, blocking: bool = True) -> bool:
        if self._lock.acquire(blocking):
            return True
        self._refusals += 1
        if self._refusals == 2:
            self.was_refused_twice.set()
        return False

    def release(self) -> None:
        self._lock.release()


class RefusingOnce(NotingLock):
    """A lock that is taken when it is asked for the first time, and free from then on."""

    def acquire(self, blocking: bool = True) -> bool:
        if not self._refusals:
            self._refusals += 1
            return False
        return super().acquire(blocking)


class Halt:
    """A place in the loop's thread at which it halts until it is let go on."""

    def __init__(self) -> None:
        self.is_reached = threading.Event()
        self.is_over = threading.Event()

    def __call__(self) -> None:
        self.is_reached.set()
        self.is_over.wait(PATIENCE)

    async def call(self) -> None:
        self()


def wait_in_vain(driver: InlineDriver, call: FunctionCall[Any]) -> None:
    finish(driver.watch(call, call.is_over, seconds=2 * PATIENCE))


@contextmanager
def in_thread(function: Callable[..., object], *args: object) -> Generator[None]:
    """Run a function in a thread of its own beside the block."""
    thread = threading.Thread(target=function, args=args)
    thread.start()
    yield
    thread.join(PATIENCE)


def test_jobs_posted_while_another_caller_steps_the_loop_keep_their_order(
    driver: InlineDriver,
) -> None:
    halt, log = Halt(), list[str]()
    call = FunctionCall(halt.call)
    driver.start(call)

    with in_thread(lambda: finish(driver.watch(call, call.is_over, seconds=PATIENCE))):
        halt.is_reached.wait(PATIENCE)
        driver.post(log.append, "first")
        halt.is_over.set()
    driver.post(log.append, "second")
    finish(driver.run(lambda: asyncio.sleep(0)))

    assert log == ["first", "second"]


def test_caller_who_found_the_turn_taken_for_one_step_is_woken_after_it(
    driver: InlineDriver,
) -> None:
    halt, turn = Halt(), NotingLock()
    short, long = FunctionCall(halt.call), FunctionCall(lambda: asyncio.sleep(0))
    driver._turn = turn  # type: ignore[assignment]
    halt.is_over = turn.was_refused_twice
    driver.start(short)

    with in_thread(lambda: finish(driver.watch(short, short.is_over, seconds=PATIENCE))):
        halt.is_reached.wait(PATIENCE)
        driver.start(long)

        assert finish(driver.watch(long, long.is_over, seconds=1.0)) is True


def test_caller_who_does_not_wait_looks_after_one_step_of_another(driver: InlineDriver) -> None:
    is_waiting = threading.Event()

    async def wait_long() -> None:
        is_waiting.set()
        await asyncio.sleep(PATIENCE)

    long, never = FunctionCall(wait_long), FunctionCall(lambda: asyncio.sleep(2 * PATIENCE))
    driver.start(long)
    driver.start(never)

    with in_thread(wait_in_vain, driver, long):
        is_waiting.wait(PATIENCE)
        with pytest.raises(SilenceError):
            finish(driver.watch(never, never.is_over, seconds=0))
        is_over = long.is_over()
        driver.post(long.cancel)

    assert is_over is None


def test_caller_who_does_not_wait_takes_one_step_where_another_has_just_ended_its_own(
    driver: InlineDriver,
) -> None:
    never = FunctionCall(lambda: asyncio.sleep(2 * PATIENCE))
    driver.start(never)
    driver._turn = RefusingOnce()  # type: ignore[assignment]

    with pytest.raises(SilenceError):
        finish(driver.watch(never, never.is_over, seconds=0))


def test_proof_that_comes_when_a_wait_is_over_does_not_end_the_next(driver: InlineDriver) -> None:
    suspects = list[Suspect | None]()

    async def note() -> None:
        await asyncio.sleep(0.001)
        suspects.append(driver._first_to_give_up())

    finish(driver.run(note))
    assert suspects[0] is not None
    suspects[0].lose_hope()

    assert finish(driver.run(lambda: asyncio.sleep(0.001, "next"))) == "next"


def test_message_sent_while_another_thread_steps_is_taken_before_the_close() -> None:
    halt, log = Halt(), list[Any]()
    note = websockets.logs_messages(log)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket" and scope["path"] == "/busy":
            await websockets.accept(receive, send)
            await receive()
            halt()
            await websockets.close(send)
        else:
            await note(scope, receive, send)

    with (
        TestClient(app, driver="inline") as client,
        client.websocket_connect("/busy") as busy,
        client.websocket_connect("/") as session,
    ):
        busy.send_text("go")
        with in_thread(busy.expect_close):
            halt.is_reached.wait(PATIENCE)
            session.send_text("first")
            halt.is_over.set()

    assert [message["type"] for message in log] == ["websocket.receive", "websocket.disconnect"]


def test_close_of_what_the_app_has_ended_is_noted_though_nobody_steps_the_loop_any_more() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await websockets.accept(receive, send)
        await websockets.send_text(send, "last")

    began = clock()
    client = TestClient(app, driver="inline", ignore_rules={"W08"})

    with client.websocket_connect("/") as session:
        session.receive_text()
        session.close()
    [record] = RECENT.since(began)

    assert record.acts()[-2:] == ["app: returned", "client: disconnected"]


def test_ending_the_loop_waits_for_generators_though_a_limit_rings_meanwhile() -> None:
    driver = InlineDriver()
    generators, log = list[AsyncGenerator[None]](), list[str]()

    async def generate() -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await asyncio.sleep(0.06)
            log.append("cleaned up")

    async def begin() -> None:
        generators.append(generate())
        await anext(generators[0])

    call = FunctionCall(begin)
    driver.start(call)
    finish(driver.watch(call, call.is_over, seconds=0.03))
    driver.close()

    assert log == ["cleaned up"]
