"""The thread driver: how often it crosses to the loop, and what it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any

import pytest

from asgi_testkit import ClientStateError
from asgi_testkit.client.application import prepare_app
from asgi_testkit.client.host import AppHost
from asgi_testkit.client.options import AppOptions
from asgi_testkit.drive.application import FunctionCall
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.driver import Driver, finish, no_limit
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.thread_driver import AsyncioLoopThread, ThreadDriver
from asgi_testkit.drive.ticket import Ticket
from asgi_testkit.protocol.scope import HTTPRequest
from asgi_testkit.session.http import HTTPSession, Limits


class CountingThread(AsyncioLoopThread):
    """A loop thread that counts what is handed to it."""

    posts = 0

    def post(self, job: Callable[[], object]) -> None:
        self.posts += 1
        super().post(job)


class OneDriver:
    """A source of one driver."""

    is_blocking = True
    needs_errands = False

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def acquire(self) -> Driver:
        return self._driver

    async def release(
        self, driver: Driver, *, grace: float, errands: Errands | None = None
    ) -> list[Leak]:
        assert isinstance(driver, ThreadDriver)
        return driver.clear(grace=grace, errands=errands).leaks

    def for_call(self, own: Driver | None) -> Driver:
        return self._driver


@pytest.fixture
def thread() -> Iterator[CountingThread]:
    thread = CountingThread()
    yield thread
    thread.stop()


async def app(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"he", "more_body": True})
    await send({"type": "http.response.body", "body": b"llo"})


def open_session(thread: CountingThread, *, is_stream: bool = False) -> HTTPSession:
    host = AppHost(prepare_app(app), OneDriver(ThreadDriver(thread)))
    request = HTTPRequest("GET", "http", "testserver", None, b"/", [])
    return host.open_call(
        request, AppOptions(), body=b"", pieces=None, limits=Limits(), is_stream=is_stream
    )


def test_fetching_a_plain_response_is_one_hand_off(thread: CountingThread) -> None:
    session = open_session(thread)

    _start, body = finish(session.fetch())

    assert (body, thread.posts) == (b"hello", 1)


async def with_lifespan(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def test_startup_and_shutdown_are_one_hand_off_each(thread: CountingThread) -> None:
    host = AppHost(prepare_app(with_lifespan), OneDriver(ThreadDriver(thread)))

    finish(host.enter(AppOptions()))
    posts_of_startup, thread.posts = thread.posts, 0
    finish(host.leave(AppOptions()))

    assert (posts_of_startup, thread.posts) == (1, 1)


def test_pieces_that_are_there_come_by_one_hand_off(thread: CountingThread) -> None:
    session = open_session(thread, is_stream=True)
    finish(session.start())
    thread.posts = 0

    pieces = [finish(session.next_piece()), finish(session.next_piece())]

    # The second hand-off is the word, not waited for, that the buffer may be filled again.
    assert (pieces, thread.posts) == ([b"he", b"llo"], 2)


def test_waiting_inside_its_own_loop_is_refused(thread: CountingThread) -> None:
    driver = ThreadDriver(thread)

    async def nested() -> None:
        await driver.run(nested)

    with pytest.raises(ClientStateError, match="inside its own event loop"):
        finish(driver.run(nested))


def test_call_whose_caller_has_given_up_is_not_started_later(thread: CountingThread) -> None:
    call = FunctionCall(asyncio.Event().wait)
    ticket = Ticket(call, call.is_over, None, lambda: None, no_limit)
    ticket.abandon()

    thread.post(lambda: ticket.open(thread.make_runtime(), copy_context()))
    finish(ThreadDriver(thread).run(lambda: asyncio.sleep(0)))

    assert (call.task, call.watchers) == (None, [])
