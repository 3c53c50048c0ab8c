"""The chat in Starlette: one endpoint for each route, tasks by anyio."""

from __future__ import annotations

import json

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from .chat import (
    ACCEPT_HEADERS,
    DENIAL,
    FAREWELL,
    REFUSAL,
    SET_COOKIE,
    SUBPROTOCOL,
    Notes,
    Room,
    basic_user,
    encoded,
    flood,
)

__all__ = ("create_app",)


def create_app(notes: Notes) -> Starlette:
    """Return a new chat that writes into `notes`."""
    app = Starlette(routes=ROUTES)
    app.state.notes = notes
    app.state.room = Room()
    return app


async def _hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def _text(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


async def _bytes(websocket: WebSocket) -> None:
    await websocket.accept()
    async for content in websocket.iter_bytes():
        await websocket.send_bytes(content)


async def _json(websocket: WebSocket) -> None:
    await websocket.accept()
    async for value in websocket.iter_json():
        await websocket.send_json({"got": value})


async def _json_binary(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            value = await websocket.receive_json(mode="binary")
            await websocket.send_json({"got": value}, mode="binary")
    except WebSocketDisconnect:
        return


async def _subprotocol(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=SUBPROTOCOL)
    await websocket.send_text(",".join(websocket.scope["subprotocols"]))
    await websocket.close()


async def _cookies(websocket: WebSocket) -> None:
    await websocket.accept(headers=encoded([SET_COOKIE]))
    await websocket.send_text(websocket.cookies.get("session", "nobody"))
    await websocket.close()


async def _user(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(basic_user(websocket.headers["authorization"]))
    await websocket.close()


async def _headers(websocket: WebSocket) -> None:
    await websocket.accept(headers=encoded(ACCEPT_HEADERS))
    await websocket.send_text(",".join(websocket.headers.getlist("x-asked")))
    await websocket.close()


async def _query(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(json.dumps(websocket.query_params.multi_items()))
    await websocket.close()


async def _denial(websocket: WebSocket) -> None:
    status, text, header = DENIAL
    await websocket.send_denial_response(PlainTextResponse(text, status, dict([header])))


async def _refusal(websocket: WebSocket) -> None:
    await websocket.close(*REFUSAL)


async def _bye(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("bye")
    await websocket.close(*FAREWELL)


async def _witness(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        await websocket.receive_text()
    except WebSocketDisconnect as end:
        websocket.app.state.notes.ends.append(f"{end.code} {end.reason}")


async def _push(websocket: WebSocket) -> None:
    await websocket.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_push_news, websocket)
        async for text in websocket.iter_text():
            await websocket.send_text(text)
        tasks.cancel_scope.cancel()


async def _push_news(websocket: WebSocket) -> None:
    await websocket.app.state.notes.news.wait()
    await websocket.send_text("news")


async def _room(websocket: WebSocket) -> None:
    room: Room = websocket.app.state.room
    await websocket.accept()
    room.join(websocket.send_text)
    await websocket.send_text("joined")
    async for text in websocket.iter_text():
        await room.say(text)
    room.leave(websocket.send_text)


async def _flood(websocket: WebSocket) -> None:
    await websocket.accept()
    await flood(websocket.send_text, websocket.app.state.notes)
    async for text in websocket.iter_text():
        await websocket.send_text(text)


ROUTES = (
    Route("/hello", _hello),
    WebSocketRoute("/text", _text),
    WebSocketRoute("/bytes", _bytes),
    WebSocketRoute("/json", _json),
    WebSocketRoute("/json-binary", _json_binary),
    WebSocketRoute("/subprotocol", _subprotocol),
    WebSocketRoute("/cookies", _cookies),
    WebSocketRoute("/user", _user),
    WebSocketRoute("/headers", _headers),
    WebSocketRoute("/query", _query),
    WebSocketRoute("/denial", _denial),
    WebSocketRoute("/refusal", _refusal),
    WebSocketRoute("/bye", _bye),
    WebSocketRoute("/witness", _witness),
    WebSocketRoute("/push", _push),
    WebSocketRoute("/room", _room),
    WebSocketRoute("/flood", _flood),
)
