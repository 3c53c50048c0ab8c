"""Apps that wait for several things at once: whose reason is the telling one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import anyio
import trio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from asgi_testkit import WebSocketDisconnect
from asgi_testkit.types import Receive, Scope, Send
from tests.hangs.apps import accept, read_all, respond, waits_for_an_event
from tests.hangs.table import ASYNC, EVERYWHERE, ON_TRIO, PARKED, row


@row("gets", modes=EVERYWHERE)
async def lock_of_anyio(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    GET / waits for a lock:
      {HERE}
      ... anyio [asyncio]
      ... anyio, trio [trio]
    task 'holder' waits for an event to be set:
      ... anyio
      {HOLDS}
      ... anyio, asyncio [asyncio]
      ... anyio, trio [trio]
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    lock, is_held = anyio.Lock(), anyio.Event()
    async with anyio.create_task_group() as group:

        async def hold() -> None:
            async with lock:
                is_held.set()
                await anyio.Event().wait()  # HOLDS

        group.start_soon(hold, name="holder")
        await is_held.wait()
        async with lock:  # HERE
            pass


@row("gets", modes=EVERYWHERE)
async def stream_of_anyio(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an item that nobody sends into the stream.
    The test waits in {test}.
    GET / waits for an item of a stream:
      {HERE}
      ... anyio, asyncio [asyncio]
      ... anyio, trio [trio]
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    sender, receiver = anyio.create_memory_object_stream[int]()
    async with sender, receiver:
        await receiver.receive()  # HERE


@row("gets", modes=EVERYWHERE, is_provable=False)
async def sleep_for_ever_of_anyio(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app sleeps for longer than is allowed.
    The test waits in {test}.
    GET / waits for a sleep for ever:
      {HERE}
      ... anyio, asyncio [asyncio]
      ... anyio, trio [trio]
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await anyio.sleep_forever()  # HERE


@row("gets", modes=EVERYWHERE)
async def task_group_of_anyio(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the tasks of its group; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for the tasks of its group:
      {HERE}
      ... anyio [asyncio]
      ... anyio, trio [trio]
    task 'worker' waits for an event to be set:
      ... anyio
      {WORKS}
      ... anyio, asyncio [asyncio]
      ... anyio, trio [trio]
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await anyio.Event().wait()  # WORKS

    async with anyio.create_task_group() as group:  # HERE
        group.start_soon(work, name="worker")


@row("gets", modes=ON_TRIO)
async def nursery_with_a_task(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the tasks of its nursery; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for the tasks of its nursery:
      {HERE}
      ... trio
    task 'worker' waits for an event to be set:
      {WORKS}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await trio.Event().wait()  # WORKS

    async with trio.open_nursery() as nursery:  # HERE
        nursery.start_soon(work, name="worker")


@row("gets")
async def shielded_task(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a future; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for a future:
      {HERE}
    task 'worker' waits for an event to be set:
      {WORKS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await asyncio.Event().wait()  # WORKS

    await asyncio.shield(asyncio.create_task(work(), name="worker"))  # HERE


@row("gets")
async def task_among_others(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the task 'worker'; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for the task 'worker':
      {HERE}
    task 'other' waits for an item of a queue:
      {LISTENS}
      ... asyncio
    task 'worker' waits for an event to be set:
      {WORKS}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def listen() -> None:
        await asyncio.Queue[int]().get()  # LISTENS

    async def work() -> None:
        await asyncio.Event().wait()  # WORKS

    other = asyncio.create_task(listen(), name="other")
    await asyncio.create_task(work(), name="worker")  # HERE
    await other


@row("gets", is_provable=False)
async def spinning(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app does not rest: it is about to go on, again and again.
    The test waits in {test}.
    GET / waits for a sleep of 0 s:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    while True:
        await asyncio.sleep(0)  # HERE


@row("gets", modes=ON_TRIO)
async def spinning_in_trio(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app does not rest: it is about to go on, again and again.
    The test waits in {test}.
    GET / waits for its turn:
      {HERE}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    while True:
        await trio.lowlevel.checkpoint()  # HERE


@row("gets", is_provable=False, kind="background")
async def polling_after_the_response(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has not returned after its response was whole.
    The app sleeps again and again, for less than is allowed each time.
    The test waits in {test}.
    GET / waits for a sleep of 0.01 s:
      {HERE}
      ... asyncio
    Until then had crossed: client: http.request, app: http.response.start,
    & app: http.response.body.
    Pass timeout=... to allow more.
    """
    await read_all(receive)
    await respond(send)
    while True:
        await asyncio.sleep(0.01)  # HERE


@row("gets")
async def two_tasks_in_receive(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    Several tasks of the app wait in receive() at once, and each message goes to one of them only.
    Starlette's StreamingResponse is such a task: it listens for the disconnect while the endpoint
    & reads the body.
    The test waits in {test}.
    GET / waits for receive():
      {HERE}
    task 'listener' waits for receive():
      {LISTENS}
    Until then had crossed: client: http.request.
    Pass timeout=... to allow more.
    """

    async def listen() -> None:
        await receive()  # LISTENS

    await receive()
    task = asyncio.create_task(listen(), name="listener")
    await receive()  # HERE
    await task


@row("gets")
async def listener_beside_an_event(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    task 'listener' waits for receive():
      {LISTENS}
    Until then had crossed: client: http.request.
    Pass timeout=... to allow more.
    """

    async def listen() -> None:
        await read_all(receive)
        await receive()  # LISTENS

    task = asyncio.create_task(listen(), name="listener")
    await asyncio.Event().wait()  # HERE
    await task


@row("opens_stream")
async def task_that_receives(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for the task 'responder'; task 'responder' waits for receive().
    The test waits in {test}.
    GET / waits for the task 'responder':
      {HERE}
    task 'responder' waits for receive():
      {WAITS}
    Until then had crossed: client: http.request.
    Pass timeout=... to allow more.
    """

    async def respond_later() -> None:
        await read_all(receive)
        await receive()  # WAITS

    await asyncio.create_task(respond_later(), name="responder")  # HERE


@row("opens_events")
async def events_that_do_not_start(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await asyncio.Event().wait()  # HERE


@row("detaches", kind="background", options={"background": "detach"})
async def detached_background(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has not returned after its response was whole.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await respond(send)
    await asyncio.Event().wait()  # HERE


@row("runs", modes=PARKED, kind="background", beside=(waits_for_an_event,))
async def function_of_the_test(scope: Scope, receive: Receive, send: Send) -> None:
    """The function of client.run(): for 0.1 s it has not returned.
    It waits for an event that nobody sets.
    The test waits in {test}.
    The function of client.run() waits for an event to be set:
      {EVENT}
      ... asyncio
    Pass timeout=... to allow more.
    """


@row(
    "receives_text", error=WebSocketDisconnect, is_provable=False, options={"ignore_rules": {"W08"}}
)
async def line_lost_while_the_test_waits(scope: Scope, receive: Receive, send: Send) -> None:
    """The app returned without closing the WebSocket: a browser sees code 1006."""
    await accept(receive, send)


@row("gets", is_factory=True)
def endpoint_behind_middleware() -> Any:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    GET / waits for an item of a stream:
      ... starlette
      {CALLS}
      ... starlette, anyio, asyncio
    task 'starlette.middleware.base.BaseHTTPMiddleware.__call__.<locals>.call_next.<locals>.coro'
    & waits for a lock:
      ... anyio, starlette
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    lock = asyncio.Lock()

    class Timing(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            return await call_next(request)  # CALLS

    async def endpoint(request: Request) -> Response:
        async with lock, lock:  # HERE
            pass
        return PlainTextResponse("done")

    return Starlette(routes=[Route("/", endpoint)], middleware=[Middleware(Timing)])


@row("reads_stream", is_factory=True)
def body_generator_of_starlette() -> Any:
    """GET /: for 0.1 s the app has sent nothing (state STREAMING).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for receive():
      ... starlette
    task 'starlette.responses.StreamingResponse.__call__.<locals>.wrap'
    & waits for an event to be set:
      ... anyio, starlette
      {HERE}
      ... asyncio
    Until then had crossed: client: http.request, app: http.response.start,
    & app: http.response.body.
    Pass timeout=... to allow more.
    """

    async def body() -> AsyncIterator[bytes]:
        yield b"one"
        await asyncio.Event().wait()  # HERE

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(body())

    return Starlette(routes=[Route("/", endpoint)])


@row("reads_stream", is_factory=True)
def feed_of_another_generator() -> Any:
    """GET /: for 0.1 s the app has sent nothing (state STREAMING).
    The app waits for an item that nobody puts into the queue.
    The test waits in {test}.
    GET / waits for receive():
      ... starlette
    task 'starlette.responses.StreamingResponse.__call__.<locals>.wrap'
    & waits for an item of a queue:
      ... anyio, starlette
      {BODY}
      {ROWS}
      ... asyncio
    Until then had crossed: client: http.request, app: http.response.start,
    & app: http.response.body.
    Pass timeout=... to allow more.
    """

    async def rows() -> AsyncIterator[bytes]:
        yield b"one"
        await asyncio.Queue[int]().get()  # ROWS

    async def body() -> AsyncIterator[bytes]:
        async for item in rows():  # BODY
            yield item

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(body())

    return Starlette(routes=[Route("/", endpoint)])


@row("gets", modes=("thread on trio",), is_provable=False)
async def blocked_loop_of_trio(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app blocks its event loop: it runs, and does not come to an await.
    The test waits in {test}.
    GET / runs, and blocks its event loop:
      {HERE}
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    time.sleep(0.5)  # HERE
    await respond(send)


@row("gets", modes=ASYNC, is_provable=False)
async def blocked_loop_of_the_test(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for more than 0.1 s the app has blocked the thread that it shares with the test.
    The test waits in {test}.
    GET / runs, and blocks its event loop:
      {HERE}
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    time.sleep(0.5)  # HERE
    await respond(send)


@row("gets", modes=PARKED, is_provable=False)
async def thread_of_an_executor(scope: Scope, receive: Receive, send: Send) -> None:
    """GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a thread that does not return.
    The test waits in {test}.
    GET / waits for a thread:
      {HERE}
    thread 'asyncio_0' runs:
      ... threading, concurrent
      {WORKS}
      ... threading
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    def work() -> None:
        scope["state"]["gate"].wait()  # WORKS

    await asyncio.get_running_loop().run_in_executor(None, work)  # HERE
