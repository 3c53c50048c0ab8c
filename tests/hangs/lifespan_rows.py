"""Lifespans that are silent where an answer is due, or end too early."""

from __future__ import annotations

import asyncio

from asgi_testkit import LifespanFailed
from asgi_testkit.types import Receive, Scope, Send
from tests.hangs.apps import respond
from tests.hangs.table import EVERYWHERE, row

STARTED = {"type": "lifespan.startup.complete"}


@row("enters", error=LifespanFailed, enters=False)
async def silent_startup(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app did not answer 'lifespan.startup' within 0.1 s. Rule L03.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    lifespan waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: client: lifespan.startup.
    Send 'lifespan.startup.complete', or raise the client's timeout.
    """
    await receive()
    await asyncio.Event().wait()  # HERE


@row("enters", error=LifespanFailed, enters=False, modes=EVERYWHERE)
async def startup_that_is_received_twice(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app did not answer 'lifespan.startup' within 0.1 s. Rule L03.
    The test waits in {test}.
    lifespan waits for receive():
      {HERE}
    Until then had crossed: client: lifespan.startup.
    Send 'lifespan.startup.complete', or raise the client's timeout.
    """
    await receive()
    await receive()  # HERE


@row("enters", error=LifespanFailed, enters=False, is_provable=False)
async def slow_startup(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app did not answer 'lifespan.startup' within 0.1 s. Rule L03.
    The app sleeps for longer than is allowed.
    The test waits in {test}.
    lifespan waits for a sleep of 60 s:
      {HERE}
      ... asyncio
    Until then had crossed: client: lifespan.startup.
    Send 'lifespan.startup.complete', or raise the client's timeout.
    """
    await receive()
    await asyncio.sleep(60)  # HERE


@row("leaves_client", error=LifespanFailed, enters=False)
async def silent_shutdown(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app did not answer 'lifespan.shutdown' within 0.1 s. Rule L10.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    lifespan waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: client: lifespan.startup, app: lifespan.startup.complete, client:
    & lifespan.shutdown.
    Send 'lifespan.shutdown.complete', or raise the client's timeout.
    """
    await receive()
    await send(STARTED)
    await receive()
    await asyncio.Event().wait()  # HERE


@row("leaves_client", error=LifespanFailed, enters=False)
async def shutdown_that_is_not_received(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app did not answer 'lifespan.shutdown' within 0.1 s. Rule L10.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    lifespan waits for an event to be set:
      {HERE}
      ... asyncio
    Until then had crossed: client: lifespan.startup, app: lifespan.startup.complete.
    Send 'lifespan.shutdown.complete', or raise the client's timeout.
    """
    await receive()
    await send(STARTED)
    await asyncio.Event().wait()  # HERE


@row("enters_and_gets", error=LifespanFailed, enters=False, is_provable=False)
async def lifespan_that_has_ended(scope: Scope, receive: Receive, send: Send) -> None:
    """
    The app's lifespan ended between startup and shutdown: the call returned. Rule L11.
    """
    if scope["type"] == "lifespan":
        await receive()
        await send(STARTED)
    else:
        await respond(send)
