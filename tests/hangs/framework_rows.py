"""Apps of frameworks: what lies between our call and the line that waits is folded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from asgi_testkit import LifespanFailed
from tests.hangs.table import row


@row("gets", is_factory=True)
def starlette_endpoint() -> Any:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      ... starlette
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    async def endpoint(request: Request) -> Response:
        await asyncio.Event().wait()  # HERE
        return PlainTextResponse("done")

    return Starlette(routes=[Route("/", endpoint)])


@row("gets", is_factory=True)
def middleware_that_waits_itself() -> Any:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      ... starlette
      {HERE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """

    class Locking(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            await asyncio.Event().wait()  # HERE
            return await call_next(request)

    return Starlette(middleware=[Middleware(Locking)])


@row("gets", is_factory=True, kind="background")
def background_task_of_starlette() -> Any:
    """
    GET /: for 0.1 s the app has not returned after its response was whole.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      ... starlette
      {HERE}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """

    async def mail() -> None:
        await asyncio.Event().wait()  # HERE

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("done", background=BackgroundTask(mail))

    return Starlette(routes=[Route("/", endpoint)])


async def database() -> str:
    await asyncio.Event().wait()  # DATABASE
    return "database"


async def session() -> AsyncIterator[str]:
    yield "session"
    await asyncio.Event().wait()  # SESSION


@row("gets", is_factory=True, beside=(database,))
def dependency_of_fastapi() -> Any:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      ... fastapi, starlette
      {DATABASE}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    app = FastAPI()

    @app.get("/")
    async def endpoint(name: Annotated[str, Depends(database)]) -> str:
        return name

    return app


@row("gets", is_factory=True, kind="background", beside=(session,))
def generator_dependency_of_fastapi() -> Any:
    """
    GET /: for 0.1 s the app has not returned after its response was whole.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      ... fastapi, starlette, contextlib
      {SESSION}
      ... asyncio
    Until then had crossed: app: http.response.start, app: http.response.body.
    Pass timeout=... to allow more.
    """
    app = FastAPI()

    @app.get("/")
    async def endpoint(name: Annotated[str, Depends(session)]) -> str:
        return name

    return app


@row("gets", is_factory=True)
def endpoint_of_fastapi() -> Any:
    """
    GET /: for 0.1 s the app has sent nothing (state WAITING, rule H50).
    The app waits for an event that nobody sets.
    The test waits in {test}.
    GET / waits for an event to be set:
      ... fastapi, starlette
      {HERE}
      {FETCH}
      ... asyncio
    Until then had crossed: nothing.
    Pass timeout=... to allow more.
    """
    app = FastAPI()

    async def fetch() -> str:
        await asyncio.Event().wait()  # FETCH
        return ""

    @app.get("/")
    async def endpoint() -> str:
        return await fetch()  # HERE

    return app


@row("receives_text", is_factory=True)
def websocket_of_fastapi() -> Any:
    """
    websocket /: for 0.1 s nothing has come from the app (state OPEN).
    Both sides wait for the other to send.
    The test waits in {test}.
    websocket / waits for receive():
      ... fastapi, starlette
      {HERE}
      ... starlette
    Until then had crossed: client: websocket.connect, app: websocket.accept.
    Pass timeout=... to allow more.
    """
    app = FastAPI()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()  # HERE

    return app


@row("enters", is_factory=True, error=LifespanFailed, enters=False)
def lifespan_of_fastapi() -> Any:
    """
    The app did not answer 'lifespan.startup' within 0.1 s. Rule L03.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    lifespan waits for an event to be set:
      ... fastapi, starlette, contextlib
      {HERE}
      ... asyncio
    Until then had crossed: client: lifespan.startup.
    Send 'lifespan.startup.complete', or raise the client's timeout.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.Event().wait()  # HERE
        yield

    return FastAPI(lifespan=lifespan)


@row("leaves_client", is_factory=True, error=LifespanFailed, enters=False)
def end_of_a_lifespan_of_fastapi() -> Any:
    """
    The app did not answer 'lifespan.shutdown' within 0.1 s. Rule L10.
    The app waits for an event that nobody sets.
    The test waits in {test}.
    lifespan waits for an event to be set:
      ... fastapi, starlette, contextlib
      {HERE}
      ... asyncio
    Until then had crossed: client: lifespan.startup, app: lifespan.startup.complete, client:
    & lifespan.shutdown.
    Send 'lifespan.shutdown.complete', or raise the client's timeout.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.Event().wait()  # HERE

    return FastAPI(lifespan=lifespan)
