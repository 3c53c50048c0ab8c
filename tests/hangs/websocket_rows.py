"""WebSockets on which one side waits for the other, or both do."""

from __future__ import annotations

import asyncio

from asgi_testkit import ASGIRuleError, WebSocketDisconnect
from asgi_testkit.types import Receive, Scope, Send
from tests.hangs.apps import accept
from tests.hangs.table import EVERYWHERE, row


@row("connects")
async def handshake_that_is_not_answered(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s the app has not answered 'websocket.connect' (state CONNECTING).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    websocket / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: client: websocket.connect.
    Pass timeout=... to allow more.
    """
    await receive()
    await asyncio.Event().wait()  # HERE


@row("connects", modes=EVERYWHERE)
async def message_awaited_before_the_accept(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s the app has not answered 'websocket.connect' (state CONNECTING).
    Both sides wait for the other to send.
    The test waits in {test}.
    websocket / waits for receive():
      {HERE}
    Until then had crossed: client: websocket.connect.
    Pass timeout=... to allow more.
    """
    await receive()
    await receive()  # HERE


@row("receives_text", modes=EVERYWHERE)
async def both_sides_wait(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s nothing has come from the app (state OPEN).
    Both sides wait for the other to send.
    The test waits in {test}.
    websocket / waits for receive():
      {HERE}
    Until then had crossed: client: websocket.connect, app: websocket.accept.
    Pass timeout=... to allow more.
    """
    await accept(receive, send)
    await receive()  # HERE


@row("receives")
async def message_that_does_not_come(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s nothing has come from the app (state OPEN).
    The app waits for an item that nobody puts into the queue.
    The test waits in {test}.
    websocket / waits for an item of a queue:
      {HERE}
      ... asyncio
    Until then had crossed: client: websocket.connect, app: websocket.accept.
    Pass timeout=... to allow more.
    """
    await accept(receive, send)
    await asyncio.Queue[int]().get()  # HERE


@row("receives_json")
async def answer_that_does_not_come(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s nothing has come from the app (state OPEN).
    The app waits for a lock that nobody releases.
    The test waits in {test}.
    websocket / waits for a lock:
      {HERE}
      ... asyncio
    Until then had crossed: client: websocket.connect, app: websocket.accept, client:
    & websocket.receive.
    Pass timeout=... to allow more.
    """
    await accept(receive, send)
    await receive()
    lock = asyncio.Lock()
    async with lock, lock:  # HERE
        pass


@row("receives_text")
async def broadcast_of_a_task(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s nothing has come from the app (state OPEN).
    Both sides wait for the other to send.
    The test waits in {test}.
    websocket / waits for receive():
      {HERE}
    task 'broadcast' waits for an event to be set:
      {SENDS}
      ... asyncio
    Until then had crossed: client: websocket.connect, app: websocket.accept.
    Pass timeout=... to allow more.
    """

    async def broadcast() -> None:
        await asyncio.Event().wait()  # SENDS

    await accept(receive, send)
    task = asyncio.create_task(broadcast(), name="broadcast")
    await receive()  # HERE
    await task


@row("expects_nothing")
async def message_after_the_silence(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s nothing has come from the app (state OPEN).
    Both sides wait for the other to send.
    The test waits in {test}.
    websocket / waits for receive():
      {HERE}
    Until then had crossed: client: websocket.connect, app: websocket.accept.
    Pass timeout=... to allow more.
    """
    await accept(receive, send)
    await receive()  # HERE


@row("sends_too_much", kind="write")
async def messages_that_are_not_taken(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s the app has left more than 4194304 bytes unread (state OPEN).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    websocket / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: client: websocket.connect, app: websocket.accept.
    Pass timeout=... to allow more.
    """
    await accept(receive, send)
    await asyncio.Event().wait()  # HERE


@row("leaves", kind="background")
async def closed_and_not_returned(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s the app has not returned after it had closed (state CLOSED).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    websocket / waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: client: websocket.connect, app: websocket.accept, app: websocket.close.
    Pass timeout=... to allow more.
    """
    await accept(receive, send)
    await send({"type": "websocket.close"})
    await asyncio.Event().wait()  # HERE


@row("sends_messages_unread", kind="write", modes=EVERYWHERE)
async def messages_that_the_test_does_not_read(scope: Scope, receive: Receive, send: Send) -> None:
    """
    websocket /: for 0.1 s the app has left more than 4194304 bytes unread (state OPEN).
    The app waits in send() for the test to read what was sent.
    The test waits in {test}.
    websocket / waits for send():
      {HERE}
    Until then had crossed: client: websocket.connect, app: websocket.accept, client:
    & websocket.receive, app: websocket.send, client: websocket.receive, app: websocket.send,
    & client: websocket.receive, app: websocket.send, client: websocket.receive, app:
    & websocket.send.
    Pass timeout=... to allow more.
    """
    await accept(receive, send)
    while data := (await receive()).get("bytes"):
        await send({"type": "websocket.send", "bytes": data})  # HERE


# -- losses: no limit has to pass ---------------------------------------------------------------


@row("receives_text", error=ASGIRuleError, is_provable=False)
async def returned_while_the_test_waits(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app returned without sending 'websocket.close'.
    App: {home}
    In state OPEN it may: 'websocket.send', 'websocket.close'.
    Rule W08 (www: WebSocket Connection Scope): An app sends `websocket.close` before it returns,
    & unless the client is gone.
    Servers: uvicorn: drops the line (1006); Hypercorn: closes with 1011; Granian: closes without a
    & code; Daphne: leaves it open.
    To mend it: Send `websocket.close` at the end of the app, in Starlette by `await
    & websocket.close()`, or make the client with `ignore_rules={'W08'}`.
    More: docs/rules.md#w08
    """
    await accept(receive, send)


@row("receives_text", error=WebSocketDisconnect, is_provable=False)
async def closed_while_the_test_waits(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app has closed the WebSocket, with code 4000 and reason 'full'.
    """
    await accept(receive, send)
    await send({"type": "websocket.close", "code": 4000, "reason": "full"})


@row("receives_text", error=ValueError, is_provable=False)
async def raised_while_the_test_waits(scope: Scope, receive: Receive, send: Send) -> None:
    """no such room"""
    await accept(receive, send)
    raise ValueError("no such room")
