"""The shop that the examples of the documents are about: one small path for each example."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response, WebSocket
from fastapi.responses import StreamingResponse

from asgi_testkit.types import Receive, Scope, Send
from tests.apps import duplex

__all__ = ("fake_rates", "get_rates", "make_shop")


async def get_rates() -> dict[str, float]:
    return {"eur": 1.0}


async def fake_rates() -> dict[str, float]:
    return {"eur": 2.0}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.queue = asyncio.Queue()
    yield


async def read_item(item_id: int) -> dict[str, int]:
    return {"id": item_id}


async def list_orders() -> list[int]:
    return [7]


async def who_am_i(request: Request) -> object:
    return request.scope.get("user")


async def show_rates(rates: Annotated[dict[str, float], Depends(get_rates)]) -> dict[str, float]:
    return rates


async def fail() -> None:
    raise LookupError("no cup")


async def export() -> StreamingResponse:
    return StreamingResponse(f"{row}\n" for row in range(1_000_000))


async def take_rows(request: Request) -> int:
    return len([piece async for piece in request.stream() if piece])


async def ticks() -> StreamingResponse:
    return StreamingResponse(_ticks(), media_type="text/event-stream")


async def _ticks() -> AsyncIterator[str]:
    number = 0
    while True:
        yield f"data: {number}\n\n"
        number += 1
        await asyncio.sleep(0)


async def chat(websocket: WebSocket) -> None:
    await websocket.accept("v1" if "v1" in websocket.scope["subprotocols"] else None)
    async for message in websocket.iter_json():
        await websocket.send_json({"heard": message["say"]})


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


async def refuse(websocket: WebSocket) -> None:
    await websocket.close(1008, "members only")


async def deny(websocket: WebSocket) -> None:
    await websocket.send_denial_response(Response("who is there?", 401))


class Transcoder:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await duplex.echo(scope, receive, send)


def make_shop() -> FastAPI:
    app = FastAPI(lifespan=lifespan)
    for path, endpoint in (
        ("/items/{item_id}", read_item),
        ("/orders", list_orders),
        ("/orders/{item_id}", read_item),
        ("/me", who_am_i),
        ("/rates", show_rates),
        ("/export.csv", export),
        ("/ticks", ticks),
    ):
        app.add_api_route(path, endpoint)
    app.add_api_route("/broken", fail, include_in_schema=False)
    app.add_api_route("/import", take_rows, methods=["POST"])
    app.add_route("/transcode", Transcoder(), methods=["POST"])
    for path, talk in (("/chat", chat), ("/echo", echo), ("/private", refuse), ("/denied", deny)):
        app.add_api_websocket_route(path, talk)
    return app
