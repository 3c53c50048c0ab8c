"""A kiosk whose views go wrong, each in its own way; `failing.py` tests it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

STOCK = {"papers": 3}


class SoldOutError(Exception):
    pass


async def order(request: Request) -> Response:
    order = await request.json()
    if order["count"] > STOCK.get(order["item"], 0):
        return JSONResponse({"detail": f"{order['item']}: sold out"}, 409)
    return JSONResponse(order, 201)


async def price(request: Request) -> Response:
    raise SoldOutError(request.path_params["item"])


async def receipt(request: Request) -> Response:
    def print_receipt() -> None:
        raise SoldOutError("no more paper")

    return Response("printing", background=BackgroundTask(print_receipt))


async def queue(request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


async def news(request: Request) -> Response:
    async def events() -> AsyncIterator[str]:
        yield "event: headline\ndata: one\n\n"
        raise SoldOutError("news")

    return StreamingResponse(events(), media_type="text/event-stream")


async def around(request: Request) -> Response:
    return RedirectResponse("/around")


async def chat(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(f"{await websocket.receive_text()}?")
    await websocket.close(4001, "closing time")


async def backroom(websocket: WebSocket) -> None:
    await websocket.send_denial_response(JSONResponse({"detail": "staff only"}, 403))


async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.body", "body": b"hello"})


async def closed(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no key for the door"})


app = Starlette(
    routes=[
        Route("/orders", order, methods=["POST"]),
        Route("/prices/{item}", price),
        Route("/receipt", receipt),
        Route("/queue", queue),
        Route("/news", news),
        Route("/around", around),
        WebSocketRoute("/chat", chat),
        WebSocketRoute("/backroom", backroom),
    ]
)
