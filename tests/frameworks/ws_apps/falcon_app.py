"""The chat in Falcon: one resource with a responder per route, tasks by asyncio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

import falcon
from falcon import WebSocketDisconnected, WebSocketPayloadType
from falcon.asgi import App, Request, Response, WebSocket
from falcon.media import BinaryBaseHandlerWS

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
    flood,
)

__all__ = ("create_app",)

NAMES = (
    "hello",
    "text",
    "bytes",
    "json",
    "json-binary",
    "subprotocol",
    "cookies",
    "user",
    "headers",
    "query",
    "denial",
    "refusal",
    "bye",
    "witness",
    "push",
    "room",
    "flood",
)


def create_app(notes: Notes) -> App[Request, Response]:
    """Return a new chat that writes into `notes`."""
    app = App()
    app.ws_options.media_handlers[WebSocketPayloadType.BINARY] = _JSONInBytes()
    chat = _Chat(notes)
    for name in NAMES:
        app.add_route(f"/{name}", chat, suffix=name.replace("-", "_"))
    return app


class _JSONInBytes(BinaryBaseHandlerWS):
    def serialize(self, media: object) -> bytes:
        return json.dumps(media).encode()

    def deserialize(self, payload: bytes) -> object:
        return json.loads(payload)


class _Chat:
    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.room = Room()

    async def on_get_hello(self, request: Request, response: Response) -> None:
        response.content_type = falcon.MEDIA_TEXT
        response.text = "hello"

    async def on_websocket_text(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        await _echo(ws)

    async def on_websocket_bytes(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        while True:  # Falcon takes the WebSocketDisconnected that ends this
            await ws.send_data(await ws.receive_data())

    async def on_websocket_json(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_media({"got": await ws.receive_media()})

    async def on_websocket_json_binary(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_media({"got": await ws.receive_media()}, WebSocketPayloadType.BINARY)

    async def on_websocket_subprotocol(self, request: Request, ws: WebSocket) -> None:
        await ws.accept(SUBPROTOCOL)
        await ws.send_text(",".join(ws.subprotocols))

    async def on_websocket_cookies(self, request: Request, ws: WebSocket) -> None:
        await ws.accept(headers=[SET_COOKIE])
        await ws.send_text(request.cookies.get("session", "nobody"))

    async def on_websocket_user(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text(basic_user(request.auth or ""))

    async def on_websocket_headers(self, request: Request, ws: WebSocket) -> None:
        await ws.accept(headers=ACCEPT_HEADERS)
        await ws.send_text(request.get_header("x-asked", required=True))

    async def on_websocket_query(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text(json.dumps(list(_pairs(request.params))))

    async def on_websocket_denial(self, request: Request, ws: WebSocket) -> NoReturn:
        _status, text, header = DENIAL
        raise falcon.HTTPForbidden(title=text, headers=[header])

    async def on_websocket_refusal(self, request: Request, ws: WebSocket) -> None:
        await ws.close(*REFUSAL)

    async def on_websocket_bye(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        await ws.send_text("bye")
        await ws.close(*FAREWELL)

    async def on_websocket_witness(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        try:
            await ws.receive_text()
        except WebSocketDisconnected as end:
            self.notes.ends.append(str(end.code))

    async def on_websocket_push(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        news = asyncio.create_task(self._push_news(ws))
        try:
            await _echo(ws)
        finally:
            news.cancel()

    async def on_websocket_room(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        self.room.join(ws.send_text)
        await ws.send_text("joined")
        try:
            while True:
                await self.room.say(await ws.receive_text())
        finally:
            self.room.leave(ws.send_text)

    async def on_websocket_flood(self, request: Request, ws: WebSocket) -> None:
        await ws.accept()
        await flood(ws.send_text, self.notes)
        await _echo(ws)

    async def _push_news(self, ws: WebSocket) -> None:
        await self.notes.news.wait()
        await ws.send_text("news")


async def _echo(ws: WebSocket) -> NoReturn:
    while True:
        await ws.send_text(await ws.receive_text())


def _pairs(params: Mapping[str, str | list[str]]) -> Iterator[tuple[str, str]]:
    for name, values in params.items():
        for value in [values] if isinstance(values, str) else values:
            yield name, value
