"""Apps that block their thread, or wait for another one."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from asgi_testkit.types import Receive, Scope, Send
from tests.hangs.apps import respond
from tests.hangs.table import PARKED, row

BLOCKS_SECONDS = 0.9  # longer than the limit


@row("gets", modes=("thread", "thread on uvloop"), is_provable=False)
async def blocked_loop(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app blocks its event loop: it runs, and does not come to an await.
    The test waits in {test}.
    GET / runs, and blocks its event loop:
      {HERE}
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    time.sleep(BLOCKS_SECONDS)  # HERE
    await respond(send)


@row("gets", modes=("thread", "thread on uvloop"), is_provable=False)
async def blocked_deep_inside(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app blocks its event loop: it runs, and does not come to an await.
    The test waits in {test}.
    GET / runs, and blocks its event loop:
      {HERE}
      {LOAD}
      {FETCH}
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    def fetch() -> None:
        time.sleep(BLOCKS_SECONDS)  # FETCH

    async def load() -> None:
        fetch()  # LOAD

    await load()  # HERE
    await respond(send)


@row("gets", modes=(*PARKED, "asyncio"), is_provable=False)
async def thread_of_asyncio(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a thread that does not return.
    The test waits in {test}.
    GET / waits for a thread:
      {HERE}
      ... asyncio
    thread 'asyncio_0' runs:
      ... threading, concurrent
      {WORKS}
      ... threading
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    def work() -> None:
        scope["state"]["gate"].wait()  # WORKS

    await asyncio.to_thread(work)  # HERE


@row("gets", is_provable=False)
async def thread_of_anyio(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a thread that does not return.
    The test waits in {test}.
    GET / waits for a thread:
      {HERE}
      ... anyio
    thread 'AnyIO worker thread' runs:
      ... threading, anyio
      {WORKS}
      ... threading
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    def work() -> None:
        scope["state"]["gate"].wait()  # WORKS

    await anyio.to_thread.run_sync(work)  # HERE


@row("gets", is_provable=False)
async def thread_of_its_own(scope: Scope, receive: Receive, send: Send) -> None:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      {HERE}
      ... asyncio
    thread 'worker' runs:
      ... threading
      {WORKS}
      ... threading
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    def work() -> None:
        scope["state"]["gate"].wait()  # WORKS

    threading.Thread(target=work, name="worker", daemon=True).start()
    await asyncio.Event().wait()  # HERE


@row("gets", is_provable=False, is_factory=True)
def def_endpoint_of_starlette() -> Any:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a thread that does not return.
    The test waits in {test}.
    GET / waits for a thread:
      ... starlette, anyio
    thread 'AnyIO worker thread' runs:
      ... threading, anyio
      {HERE}
      ... threading
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    def endpoint(request: Request) -> Response:
        request.scope["state"]["gate"].wait()  # HERE
        return PlainTextResponse("done")

    return Starlette(routes=[Route("/", endpoint)])


@row("gets", is_provable=False, is_factory=True)
def def_endpoint_of_fastapi() -> Any:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for a thread that does not return.
    The test waits in {test}.
    GET / waits for a thread:
      ... fastapi, starlette, anyio
    thread 'AnyIO worker thread' runs:
      ... threading, anyio, fastapi
      {HERE}
      ... threading
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    app = FastAPI()

    @app.get("/")
    def endpoint(request: Request) -> str:
        request.scope["state"]["gate"].wait()  # HERE
        return "done"

    return app
