"""Apps that wait for what does not come, in trio."""

from __future__ import annotations

import trio

from asgi_testkit.types import Receive, Scope, Send
from tests.hangs.table import ON_TRIO, row


@row("gets", modes=ON_TRIO)
async def event_of_trio(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await trio.Event().wait()  # HERE


@row("gets", modes=ON_TRIO)
async def sleep_for_ever_of_trio(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app sleeps for longer than is allowed.
    The test waits in {test}.
    GET / waits for a sleep for ever:
      {HERE}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await trio.sleep_forever()  # HERE


@row("gets", modes=ON_TRIO)
async def sleep_of_trio(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app sleeps for longer than is allowed.
    The test waits in {test}.
    GET / waits for a sleep of 60 s:
      {HERE}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    await trio.sleep(60)  # HERE


@row("gets", modes=ON_TRIO)
async def channel_that_stays_empty(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an item that nobody sends into the channel.
    The test waits in {test}.
    GET / waits for an item of a channel:
      {HERE}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    sender, receiver = trio.open_memory_channel[int](0)
    async with sender, receiver:
        await receiver.receive()  # HERE


@row("gets", modes=ON_TRIO)
async def channel_that_nobody_reads(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for room in a channel that nobody reads.
    The test waits in {test}.
    GET / waits for room in a channel:
      {HERE}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    sender, receiver = trio.open_memory_channel[int](0)
    async with sender, receiver:
        await sender.send(1)  # HERE


@row("gets", modes=ON_TRIO)
async def lock_of_trio_held_by_another(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    GET / waits for a lock:
      {HERE}
      ... trio
    task 'holder' waits for a sleep for ever:
      {HOLDS}
      ... trio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    lock, is_held = trio.Lock(), trio.Event()

    async def hold() -> None:
        async with lock:
            is_held.set()
            await trio.sleep_forever()  # HOLDS

    async with trio.open_nursery() as nursery:
        nursery.start_soon(hold, name="holder")
        await is_held.wait()
        async with lock:  # HERE
            pass


@row("receives_text", modes=ON_TRIO)
async def websocket_in_trio(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s nothing has come from the app (state OPEN).
    The app sleeps for longer than is allowed.
    The test waits in {test}.
    websocket / waits for a sleep for ever:
      {HERE}
      ... trio
    Until then had crossed: client: websocket.connect, app: websocket.accept.
    Pass timeout=... to allow more.
    """
    await receive()
    await send({"type": "websocket.accept"})
    await trio.sleep_forever()  # HERE
