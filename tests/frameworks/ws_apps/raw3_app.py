"""The chat without a framework: one ASGI 3 function, and a table of its routes.

It follows the ASGI specification, HTTP & WebSocket 2.5, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl

import anyio

from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.raw import App, answer, http_app

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


def create_app(notes: Notes) -> App:
    """Return a new chat that writes into `notes`."""
    room = Room()

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(send, b"hello")
        else:
            await receive()
            await ROUTES[scope["path"]](_Connection(scope, receive, send, notes, room))

    return app


class _Connection:
    def __init__(
        self, scope: Scope, receive: Receive, send: Send, notes: Notes, room: Room
    ) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.notes = notes
        self.room = room

    async def accept(
        self, subprotocol: str | None = None, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        message = {"subprotocol": subprotocol, "headers": encoded(headers)}
        await self.send({"type": "websocket.accept", **message})

    async def send_text(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def send_bytes(self, content: bytes) -> None:
        await self.send({"type": "websocket.send", "bytes": content})

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await self.send({"type": "websocket.close", "code": code, "reason": reason})

    async def messages(self) -> AsyncIterator[Message]:
        while (message := await self.receive())["type"] == "websocket.receive":
            yield message

    def header(self, name: bytes) -> str:
        return b",".join(value for key, value in self.scope["headers"] if key == name).decode()


async def _text(connection: _Connection) -> None:
    await connection.accept()
    await _echo(connection)


async def _bytes(connection: _Connection) -> None:
    await connection.accept()
    async for message in connection.messages():
        await connection.send_bytes(message["bytes"])


async def _json(connection: _Connection) -> None:
    await connection.accept()
    async for message in connection.messages():
        await connection.send_text(json.dumps({"got": json.loads(message["text"])}))


async def _json_binary(connection: _Connection) -> None:
    await connection.accept()
    async for message in connection.messages():
        await connection.send_bytes(json.dumps({"got": json.loads(message["bytes"])}).encode())


async def _subprotocol(connection: _Connection) -> None:
    await connection.accept(SUBPROTOCOL)
    await connection.send_text(",".join(connection.scope["subprotocols"]))
    await connection.close()


async def _cookies(connection: _Connection) -> None:
    cookies: SimpleCookie = SimpleCookie(connection.header(b"cookie"))
    await connection.accept(headers=[SET_COOKIE])
    await connection.send_text(cookies["session"].value if "session" in cookies else "nobody")
    await connection.close()


async def _user(connection: _Connection) -> None:
    await connection.accept()
    await connection.send_text(basic_user(connection.header(b"authorization")))
    await connection.close()


async def _headers(connection: _Connection) -> None:
    await connection.accept(headers=ACCEPT_HEADERS)
    await connection.send_text(connection.header(b"x-asked"))
    await connection.close()


async def _query(connection: _Connection) -> None:
    await connection.accept()
    await connection.send_text(json.dumps(parse_qsl(connection.scope["query_string"].decode())))
    await connection.close()


async def _denial(connection: _Connection) -> None:
    status, text, header = DENIAL
    start = {"type": "websocket.http.response.start", "status": status}
    await connection.send({**start, "headers": encoded([header])})
    await connection.send({"type": "websocket.http.response.body", "body": text.encode()})


async def _refusal(connection: _Connection) -> None:
    await connection.close(*REFUSAL)


async def _bye(connection: _Connection) -> None:
    await connection.accept()
    await connection.send_text("bye")
    await connection.close(*FAREWELL)


async def _witness(connection: _Connection) -> None:
    await connection.accept()
    message = await connection.receive()
    connection.notes.ends.append(f"{message['code']} {message.get('reason') or ''}")


async def _push(connection: _Connection) -> None:
    await connection.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_push_news, connection)
        await _echo(connection)
        tasks.cancel_scope.cancel()


async def _push_news(connection: _Connection) -> None:
    await connection.notes.news.wait()
    await connection.send_text("news")


async def _room(connection: _Connection) -> None:
    await connection.accept()
    connection.room.join(connection.send_text)
    await connection.send_text("joined")
    async for message in connection.messages():
        await connection.room.say(message["text"])
    connection.room.leave(connection.send_text)


async def _flood(connection: _Connection) -> None:
    await connection.accept()
    await flood(connection.send_text, connection.notes)
    await _echo(connection)


async def _echo(connection: _Connection) -> None:
    async for message in connection.messages():
        await connection.send_text(message["text"])


ROUTES: dict[str, Callable[[_Connection], Awaitable[None]]] = {
    "/text": _text,
    "/bytes": _bytes,
    "/json": _json,
    "/json-binary": _json_binary,
    "/subprotocol": _subprotocol,
    "/cookies": _cookies,
    "/user": _user,
    "/headers": _headers,
    "/query": _query,
    "/denial": _denial,
    "/refusal": _refusal,
    "/bye": _bye,
    "/witness": _witness,
    "/push": _push,
    "/room": _room,
    "/flood": _flood,
}
