"""A small shop with one fault: what the pictures in the documents are taken of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

__all__ = ("app",)

ITEMS = {1: {"name": "tea", "price": 4.5, "left": 12}, 7: {"name": "cup", "price": 9.0, "left": 0}}


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncIterator[None]:
    """Take a moment, as opening a database does."""
    await asyncio.sleep(0.04)
    yield


async def log_in(request: Request) -> Response:
    """Give a token to anybody."""
    user = await request.json()
    await asyncio.sleep(0.03)
    return JSONResponse({"user": user["name"], "token": "a-secret-that-no-page-shows"})


async def list_items(_request: Request) -> Response:
    """List what there is."""
    await asyncio.sleep(0.02)
    return JSONResponse([{"id": item, **kept} for item, kept in ITEMS.items()])


async def read_item(request: Request) -> Response:
    """Show one item."""
    item = request.path_params["item"]
    if item not in ITEMS:
        raise HTTPException(404)
    return JSONResponse(ITEMS[item])


async def send_mail(_request: Request) -> Response:
    """Answer at once and send the mail in the background."""
    return JSONResponse({"queued": True}, 202, background=BackgroundTask(asyncio.sleep, 0.09))


async def order(request: Request) -> Response:
    """Take an order, if there is enough."""
    wanted = await request.json()
    await asyncio.sleep(0.15)
    return JSONResponse({"left": take(wanted["item"], wanted["count"])}, 201)


def take(item: int, count: int) -> int:
    """Take some of an item; return how many are left."""
    if ITEMS[item]["left"] < count:
        raise LookupError(f"no stock for item {item}")
    return ITEMS[item]["left"] - count


async def watch_stock(websocket: WebSocket) -> None:
    """Tell how many are left of the items that the client names."""
    await websocket.accept("v1")
    async for item in websocket.iter_json():
        await asyncio.sleep(0.01)
        await websocket.send_json({"item": item, "left": ITEMS[item]["left"]})


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/login", log_in, methods=["POST"]),
        Route("/items", list_items),
        Route("/items/{item:int}", read_item),
        Route("/mails", send_mail, methods=["POST"]),
        Route("/orders", order, methods=["POST"]),
        WebSocketRoute("/stock", watch_stock),
    ],
)
