"""An app behind three middlewares, each of whose endpoints fails in its own way."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket


class SoldOutError(Exception):
    """What the shop says instead of a KeyError."""


async def fail(request: Request) -> Response:
    return {}["nothing"]


async def chain(request: Request) -> Response:
    try:
        return {}["nothing"]
    except KeyError as error:
        raise SoldOutError("lamps") from error


async def group(request: Request) -> Response:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(leaf("one"))
        tasks.create_task(leaf("two"))
    return Response()


async def leaf(name: str) -> None:
    await asyncio.sleep(0)
    raise SoldOutError(name)


async def library(request: Request) -> Response:
    return json.loads("{")


async def chat(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    raise SoldOutError("chat")


async def pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
    return await call_next(request)


ROUTES: list[Any] = [
    Route("/fail", fail),
    Route("/chain", chain),
    Route("/group", group),
    Route("/library", library),
    WebSocketRoute("/chat", chat),
]
app = Starlette(
    routes=ROUTES, middleware=[Middleware(BaseHTTPMiddleware, dispatch=pass_on) for _ in range(3)]
)
plain = Starlette(routes=ROUTES)
files = Starlette(routes=[Mount("/", StaticFiles(directory="missing", check_dir=False))])


async def bad_start(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed"})
    raise SoldOutError("start")


async def bad_stop(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    raise SoldOutError("stop")
