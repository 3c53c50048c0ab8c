"""The chat in Quart: views on a blueprint, tasks by asyncio.

Quart accepts with the first send or receive. It cancels a view whose client has gone, and does not
tell it why.
"""

from __future__ import annotations

import asyncio
import json

from quart import (
    Blueprint,
    Quart,
    Response,
    copy_current_websocket_context,
    current_app,
    websocket,
)
from werkzeug.datastructures import Headers

from .chat import (
    ACCEPT_HEADERS,
    DENIAL,
    FAREWELL,
    REFUSAL,
    SET_COOKIE,
    SUBPROTOCOL,
    Notes,
    Room,
    flood,
)

__all__ = ("create_app",)

views = Blueprint("views", __name__)


def create_app(notes: Notes) -> Quart:
    """Return a new chat that writes into `notes`."""
    app = Quart(__name__)
    app.config["NOTES"] = notes
    app.config["ROOM"] = Room()
    app.register_blueprint(views)
    return app


@views.get("/hello")
async def hello() -> Response:
    return Response("hello", content_type="text/plain; charset=utf-8")


@views.websocket("/text")
@views.websocket("/bytes")
async def echo() -> None:
    while True:
        await websocket.send(await websocket.receive())


@views.websocket("/json")
async def answer_json() -> None:
    while True:
        value = await websocket.receive_json()
        await websocket.send_json({"got": value})


@views.websocket("/json-binary")
async def answer_json_in_bytes() -> None:
    while True:
        value = await websocket.receive_json()
        await websocket.send(json.dumps({"got": value}).encode())


@views.websocket("/subprotocol")
async def choose_subprotocol() -> None:
    await websocket.accept(subprotocol=SUBPROTOCOL)
    await websocket.send(",".join(websocket.requested_subprotocols))


@views.websocket("/cookies")
async def swap_cookies() -> None:
    await websocket.accept(headers=Headers([SET_COOKIE]))
    await websocket.send(websocket.cookies.get("session", "nobody"))


@views.websocket("/user")
async def tell_user() -> None:
    user = websocket.authorization
    assert user is not None
    await websocket.send(f"{user.username}:{user.password}")


@views.websocket("/headers")
async def swap_headers() -> None:
    await websocket.accept(headers=Headers(ACCEPT_HEADERS))
    await websocket.send(",".join(websocket.headers.getlist("x-asked")))


@views.websocket("/query")
async def tell_query() -> None:
    await websocket.send(json.dumps(list(websocket.args.items(multi=True))))


@views.websocket("/denial")
async def deny() -> Response:
    status, text, header = DENIAL
    return Response(text, status, Headers([header]))


@views.websocket("/refusal")
async def refuse() -> None:
    await websocket.close(*REFUSAL)


@views.websocket("/bye")
async def say_bye() -> None:
    await websocket.send("bye")
    await websocket.close(*FAREWELL)


@views.websocket("/witness")
async def see_the_end() -> None:
    try:
        await websocket.receive()
    except asyncio.CancelledError:
        current_app.config["NOTES"].ends.append("cancelled")
        raise


@views.websocket("/push")
async def push() -> None:
    notes: Notes = current_app.config["NOTES"]

    @copy_current_websocket_context
    async def push_news() -> None:
        await notes.news.wait()
        await websocket.send("news")

    await websocket.accept()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(push_news())
        while True:
            await websocket.send(await websocket.receive())


@views.websocket("/room")
async def meet() -> None:
    """Let a task of the connection send: only there is it Quart's current one."""
    room: Room = current_app.config["ROOM"]
    inbox: asyncio.Queue[str] = asyncio.Queue()

    @copy_current_websocket_context
    async def send_inbox() -> None:
        while True:
            await websocket.send(await inbox.get())

    await websocket.accept()
    room.join(inbox.put)
    await inbox.put("joined")
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(send_inbox())
            while True:
                await room.say(str(await websocket.receive()))
    finally:
        room.leave(inbox.put)


@views.websocket("/flood")
async def flood_then_echo() -> None:
    await flood(websocket.send, current_app.config["NOTES"])
    while True:
        await websocket.send(await websocket.receive())
