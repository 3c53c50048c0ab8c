"""The chat in Litestar: its own handlers and exceptions, tasks by anyio.

Litestar reads annotations at run time: the types of a handler's parameters stay importable here.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

import anyio
from litestar import Litestar, MediaType, WebSocket, get, websocket
from litestar.datastructures import State
from litestar.exceptions import (
    PermissionDeniedException,
    WebSocketDisconnect,
    WebSocketException,
)

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

Socket: TypeAlias = WebSocket[Any, Any, State]


def create_app(notes: Notes) -> Litestar:
    """Return a new chat that writes into `notes`."""
    # Without `logging_config=None` every app would configure the process's logging anew.
    return Litestar(
        HANDLERS,
        state=State({"notes": notes, "room": Room()}, deep_copy=False),
        logging_config=None,
        openapi_config=None,
    )


@get("/hello", media_type=MediaType.TEXT)
async def hello() -> str:
    return "hello"


@websocket("/text")
async def echo_text(socket: Socket) -> None:
    await socket.accept()
    async for text in socket.iter_data("text"):
        await socket.send_text(text)


@websocket("/bytes")
async def echo_bytes(socket: Socket) -> None:
    await socket.accept()
    async for content in socket.iter_data("binary"):
        await socket.send_bytes(content)


@websocket("/json")
async def answer_json(socket: Socket) -> None:
    await socket.accept()
    async for value in socket.iter_json():
        await socket.send_json({"got": value})


@websocket("/json-binary")
async def answer_json_in_bytes(socket: Socket) -> None:
    await socket.accept()
    async for value in socket.iter_json("binary"):
        await socket.send_json({"got": value}, mode="binary")


@websocket("/subprotocol")
async def choose_subprotocol(socket: Socket) -> None:
    await socket.accept(subprotocols=SUBPROTOCOL)
    await socket.send_text(",".join(socket.scope["subprotocols"]))
    await socket.close()


@websocket("/cookies")
async def swap_cookies(socket: Socket) -> None:
    await socket.accept(headers=encoded([SET_COOKIE]))
    await socket.send_text(socket.cookies.get("session", "nobody"))
    await socket.close()


@websocket("/user")
async def tell_user(socket: Socket) -> None:
    await socket.accept()
    await socket.send_text(basic_user(socket.headers["authorization"]))
    await socket.close()


@websocket("/headers")
async def swap_headers(socket: Socket) -> None:
    await socket.accept(headers=encoded(ACCEPT_HEADERS))
    await socket.send_text(",".join(socket.headers.getall("x-asked")))
    await socket.close()


@websocket("/query")
async def tell_query(socket: Socket) -> None:
    await socket.accept()
    await socket.send_text(json.dumps(list(socket.query_params.items())))
    await socket.close()


@websocket("/denial")
async def deny(socket: Socket) -> None:
    _status, text, header = DENIAL
    raise PermissionDeniedException(text, headers=dict([header]))


@websocket("/refusal")
async def refuse(socket: Socket) -> None:
    code, reason = REFUSAL
    raise WebSocketException(detail=reason, code=code)


@websocket("/bye")
async def say_bye(socket: Socket) -> None:
    await socket.accept()
    await socket.send_text("bye")
    await socket.close(*FAREWELL)


@websocket("/witness")
async def see_the_end(socket: Socket, state: State) -> None:
    await socket.accept()
    try:
        await socket.receive_text()
    except WebSocketDisconnect as end:
        state.notes.ends.append(str(end.code))


@websocket("/push")
async def push(socket: Socket, state: State) -> None:
    async def push_news() -> None:
        await state.notes.news.wait()
        await socket.send_text("news")

    await socket.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(push_news)
        async for text in socket.iter_data("text"):
            await socket.send_text(text)
        tasks.cancel_scope.cancel()


@websocket("/room")
async def meet(socket: Socket, state: State) -> None:
    room: Room = state.room
    await socket.accept()
    room.join(socket.send_text)
    await socket.send_text("joined")
    async for text in socket.iter_data("text"):
        await room.say(text)
    room.leave(socket.send_text)


@websocket("/flood")
async def flood_then_echo(socket: Socket, state: State) -> None:
    await socket.accept()
    await flood(socket.send_text, state.notes)
    async for text in socket.iter_data("text"):
        await socket.send_text(text)


HANDLERS = (
    hello,
    echo_text,
    echo_bytes,
    answer_json,
    answer_json_in_bytes,
    choose_subprotocol,
    swap_cookies,
    tell_user,
    swap_headers,
    tell_query,
    deny,
    refuse,
    say_bye,
    see_the_end,
    push,
    meet,
    flood_then_echo,
)
