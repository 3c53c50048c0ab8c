"""The chat in Django Channels: one consumer for each route, the room a group of a channel layer.

HTTP is answered by the Django shop, whose module configures Django. Neither it nor Channels'
routing has a lifespan.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

from channels import DEFAULT_CHANNEL_LAYER
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncJsonWebsocketConsumer, AsyncWebsocketConsumer
from channels.layers import InMemoryChannelLayer, channel_layers
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.urls import path

from tests.frameworks.apps import django_app

from .chat import (
    ACCEPT_HEADERS,
    FAREWELL,
    REFUSAL,
    SET_COOKIE,
    SUBPROTOCOL,
    Notes,
    basic_user,
    encoded,
    flood,
)

__all__ = ("create_app",)

ROOM = "room"


def create_app(notes: Notes) -> Any:  # Channels is untyped
    """Return a new chat that writes into `notes`, and give Channels a new channel layer."""
    channel_layers.set(DEFAULT_CHANNEL_LAYER, InMemoryChannelLayer())
    routes = [path(name, consumer.as_asgi(notes=notes)) for name, consumer in CONSUMERS.items()]
    return ProtocolTypeRouter(
        {
            "http": django_app.create_app([]),
            "websocket": CookieMiddleware(URLRouter(routes)),
        }
    )


class _Consumer(AsyncWebsocketConsumer):  # type: ignore[misc] # Channels is untyped
    def __init__(self, notes: Notes) -> None:
        super().__init__()
        self.notes = notes

    def header(self, name: bytes) -> str:
        return b",".join(value for key, value in self.scope["headers"] if key == name).decode()


class _Text(_Consumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=text_data)


class _Bytes(_Consumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(bytes_data=bytes_data)


class _JSON(AsyncJsonWebsocketConsumer):  # type: ignore[misc] # Channels is untyped
    def __init__(self, notes: Notes) -> None:
        super().__init__()

    async def receive_json(self, content: Any) -> None:  # any JSON there is
        await self.send_json({"got": content})


class _JSONBinary(_Consumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        value = json.loads(bytes_data or b"")
        await self.send(bytes_data=json.dumps({"got": value}).encode())


class _Subprotocol(_Consumer):
    async def connect(self) -> None:
        await self.accept(SUBPROTOCOL)
        await self.send(",".join(self.scope["subprotocols"]), close=True)


class _Cookies(_Consumer):
    async def connect(self) -> None:
        await self.accept(headers=encoded([SET_COOKIE]))
        await self.send(self.scope["cookies"].get("session", "nobody"), close=True)


class _User(_Consumer):
    async def connect(self) -> None:
        await self.accept()
        await self.send(basic_user(self.header(b"authorization")), close=True)


class _Headers(_Consumer):
    async def connect(self) -> None:
        await self.accept(headers=encoded(ACCEPT_HEADERS))
        await self.send(self.header(b"x-asked"), close=True)


class _Query(_Consumer):
    async def connect(self) -> None:
        await self.accept()
        await self.send(json.dumps(parse_qsl(self.scope["query_string"].decode())), close=True)


class _Denial(_Consumer):
    async def connect(self) -> None:
        raise DenyConnection


class _Refusal(_Consumer):
    async def connect(self) -> None:
        await self.close(*REFUSAL)


class _Bye(_Consumer):
    async def connect(self) -> None:
        await self.accept()
        await self.send("bye")
        await self.close(*FAREWELL)


class _Witness(_Consumer):
    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """Take the whole message: `disconnect()` is given the code alone."""
        self.notes.ends.append(f"{message['code']} {message.get('reason') or ''}")
        await super().websocket_disconnect(message)


class _Push(_Text):
    async def connect(self) -> None:
        await self.accept()
        self.news = asyncio.create_task(self._push_news())

    async def disconnect(self, code: int) -> None:
        self.news.cancel()

    async def _push_news(self) -> None:
        await self.notes.news.wait()
        await self.send("news")


class _Room(_Consumer):
    groups = (ROOM,)

    async def connect(self) -> None:
        await self.accept()
        await self.send("joined")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send(ROOM, {"type": "room.said", "text": text_data})

    async def room_said(self, event: dict[str, str]) -> None:
        await self.send(event["text"])


class _Flood(_Text):
    async def connect(self) -> None:
        await self.accept()
        await flood(self.send, self.notes)


CONSUMERS: dict[str, Any] = {  # Channels is untyped
    "text": _Text,
    "bytes": _Bytes,
    "json": _JSON,
    "json-binary": _JSONBinary,
    "subprotocol": _Subprotocol,
    "cookies": _Cookies,
    "user": _User,
    "headers": _Headers,
    "query": _Query,
    "denial": _Denial,
    "refusal": _Refusal,
    "bye": _Bye,
    "witness": _Witness,
    "push": _Push,
    "room": _Room,
    "flood": _Flood,
}
