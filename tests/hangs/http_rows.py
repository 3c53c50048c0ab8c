"""Requests, responses and lifespans that stop half-way."""

from __future__ import annotations

import asyncio

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App
from tests.hangs.apps import START, respond
from tests.hangs.table import EVERYWHERE, row, without_lifespan

EVENTS = {**START, "headers": [(b"content-type", b"text/event-stream")]}
MORE = {"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True}


# -- the request ------------------------------------------------------------------------------


@row("gets", modes=EVERYWHERE)
async def receive_after_the_whole_request(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits in receive() though it has the whole request: all that can come there is
    & 'http.disconnect', when the client leaves.
    The test waits in {test}.
    GET / waits for receive():
      {HERE}
    Until then had crossed: client: http.request.
    Pass timeout=... to allow more.
    """
    await receive()
    await receive()  # HERE


@row("posts", modes=EVERYWHERE)
async def receive_for_more_than_was_posted(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits in receive() though it has the whole request: all that can come there is
    & 'http.disconnect', when the client leaves.
    The test waits in {test}.
    POST / waits for receive():
      {HERE}
    Until then had crossed: client: http.request.
    Pass timeout=... to allow more.
    """
    body = b""
    while len(body) < 100:
        body += (await receive()).get("body", b"")  # HERE


@row("reads_exchange", modes=EVERYWHERE)
async def receive_for_more_of_a_pushed_body(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for more of the request body: send() a piece, or end() it.
    The test waits in {test}.
    POST / waits for receive():
      {HERE}
      {READS}
    Until then had crossed: client: http.request.
    Pass timeout=... to allow more.
    """

    async def read() -> None:
        while (await receive()).get("more_body", False):  # READS
            pass

    await read()  # HERE


@row("waits_for_reply", modes=EVERYWHERE)
async def receive_for_the_first_pushed_piece(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for more of the request body: send() a piece, or end() it.
    The test waits in {test}.
    POST / waits for receive():
      {HERE}
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await receive()  # HERE


@row("posts_pieces", kind="write")
async def upload_that_is_not_taken(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has not taken the request body.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    POST / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: client: http.request.
    Pass timeout=... to allow more.
    """
    await receive()
    await asyncio.Event().wait()  # HERE


@row("sends_much", kind="write")
async def pushed_body_that_is_not_taken(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has not taken the request body.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    POST / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await asyncio.Event().wait()  # HERE


# -- the response -----------------------------------------------------------------------------


@row("gets")
async def started_then_silent(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state STARTED).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start.
    Pass timeout=... to allow more.
    """
    await send(START)
    await asyncio.Event().wait()  # HERE


@row("gets")
async def silent_amid_the_body(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state STREAMING).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await send(START)
    await send(MORE)
    await asyncio.Event().wait()  # HERE


@row("opens_stream")
async def stream_that_does_not_start(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await asyncio.Event().wait()  # HERE


@row("reads_stream")
async def stream_gone_silent(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state STREAMING).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await send(START)
    await send(MORE)
    await asyncio.Event().wait()  # HERE


@row("gets_by_exchange")
async def exchange_gone_silent(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has sent nothing (state STREAMING).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    POST / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await send(START)
    await send(MORE)
    await asyncio.Event().wait()  # HERE


@row("gets", modes=("asyncio", "uvloop"), is_provable=False)
async def response_without_an_end(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: after 0.5 s (10 times the read timeout) the response is not whole, though the app is
    & not silent.
    Read a response without an end by stream() or sse(), or pass a longer timeout=...
    """
    await send(START)
    while True:
        await send(MORE)
        await asyncio.sleep(0.02)


@row("reads_events")
async def events_without_one(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state STARTED).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start.
    Pass timeout=... to allow more.
    """
    await send(EVENTS)
    await asyncio.Event().wait()  # HERE


@row("gets")
async def missing_trailers(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state TRAILERS).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await send({**START, "trailers": True})
    await send({"type": "http.response.body", "body": b"done"})
    await asyncio.Event().wait()  # HERE


@row("sends_unread", kind="write", modes=EVERYWHERE)
async def echo_that_is_not_read(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has not taken the request body.
    The app waits in send() for the test to read what was sent.
    The test waits in {test}.
    POST / waits for send():
      {HERE}
    Until then had crossed: app: http.response.start, client: http.request, app:
    & http.response.body, client: http.request, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await send(START)
    while body := (await receive()).get("body"):
        await send({"type": "http.response.body", "body": body, "more_body": True})  # HERE


@row("gets_while_streaming", is_factory=True)
def lock_held_by_a_stream_that_is_not_read() -> App:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    GET / waits for a lock:
      {HERE}
      ... asyncio
    GET /stream waits for send():
      {STREAMS}
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    lock = asyncio.Lock()

    @without_lifespan
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with lock:  # HERE
            await send(START)
            while True:
                await send({**MORE, "body": bytes(64 * 1024)})  # STREAMS

    return app


# -- the end ----------------------------------------------------------------------------------


@row("gets", kind="background")
async def background_without_an_end(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has not returned after its response was whole.
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


@row("leaves_exchange", kind="background")
async def background_of_an_exchange(scope: Scope, receive: Receive, send: Send) -> None:
    """
    POST /: for 0.1 s the app has not returned after its response was whole.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    POST / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await respond(send)
    await asyncio.Event().wait()  # HERE


@row("gets", kind="background")
async def tasks_after_the_response(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has not returned after its response was whole.
    The app waits for the tasks of its group; task 'worker' waits for an event to be set.
    The test waits in {test}.
    GET / waits for the tasks of its group:
      {HERE}
      ... asyncio
    task 'worker' waits for an event to be set:
      {WORKS}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """

    async def work() -> None:
        await asyncio.Event().wait()  # WORKS

    await respond(send)
    async with asyncio.TaskGroup() as group:  # HERE
        group.create_task(work(), name="worker")


@row("gets", kind="background")
async def lock_after_the_response(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has not returned after its response was whole.
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    GET / waits for a lock:
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    await respond(send)
    lock = asyncio.Lock()
    async with lock, lock:  # HERE
        pass
