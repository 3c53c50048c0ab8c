"""The chat in FastAPI: parameters declared by FastAPI's own markers, exceptions of its own.

FastAPI reads annotations at run time: the types of a route's parameters stay importable here.
"""

from __future__ import annotations

import json
from typing import Annotated

import anyio
from fastapi import (
    APIRouter,
    Cookie,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Query,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
)
from fastapi.responses import PlainTextResponse

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

router = APIRouter()


def create_app(notes: Notes) -> FastAPI:
    """Return a new chat that writes into `notes`."""
    app = FastAPI()
    app.state.notes = notes
    app.state.room = Room()
    app.include_router(router)
    return app


async def find_notes(websocket: WebSocket) -> Notes:
    notes: Notes = websocket.app.state.notes
    return notes


async def find_room(websocket: WebSocket) -> Room:
    room: Room = websocket.app.state.room
    return room


NotesOfApp = Annotated[Notes, Depends(find_notes)]
RoomOfApp = Annotated[Room, Depends(find_room)]


@router.get("/hello", response_class=PlainTextResponse)
async def hello() -> str:
    return "hello"


@router.websocket("/text")
async def echo_text(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@router.websocket("/bytes")
async def echo_bytes(websocket: WebSocket) -> None:
    await websocket.accept()
    async for content in websocket.iter_bytes():
        await websocket.send_bytes(content)


@router.websocket("/json")
async def answer_json(websocket: WebSocket) -> None:
    await websocket.accept()
    async for value in websocket.iter_json():
        await websocket.send_json({"got": value})


@router.websocket("/json-binary")
async def answer_json_in_bytes(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            value = await websocket.receive_json(mode="binary")
            await websocket.send_json({"got": value}, mode="binary")
    except WebSocketDisconnect:
        return


@router.websocket("/subprotocol")
async def choose_subprotocol(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=SUBPROTOCOL)
    await websocket.send_text(",".join(websocket.scope["subprotocols"]))
    await websocket.close()


@router.websocket("/cookies")
async def swap_cookies(websocket: WebSocket, session: Annotated[str, Cookie()] = "nobody") -> None:
    await websocket.accept(headers=encoded([SET_COOKIE]))
    await websocket.send_text(session)
    await websocket.close()


@router.websocket("/user")
async def tell_user(websocket: WebSocket, authorization: Annotated[str, Header()]) -> None:
    await websocket.accept()
    await websocket.send_text(basic_user(authorization))
    await websocket.close()


@router.websocket("/headers")
async def swap_headers(websocket: WebSocket, x_asked: Annotated[list[str], Header()]) -> None:
    await websocket.accept(headers=encoded(ACCEPT_HEADERS))
    await websocket.send_text(",".join(x_asked))
    await websocket.close()


@router.websocket("/query")
async def tell_query(
    websocket: WebSocket, name: Annotated[str, Query()], tag: Annotated[list[str], Query()]
) -> None:
    await websocket.accept()
    await websocket.send_text(json.dumps([("name", name), *(("tag", value) for value in tag)]))
    await websocket.close()


@router.websocket("/denial")
async def deny(websocket: WebSocket) -> None:
    status, text, header = DENIAL
    raise HTTPException(status, text, dict([header]))


@router.websocket("/refusal")
async def refuse(websocket: WebSocket) -> None:
    raise WebSocketException(*REFUSAL)


@router.websocket("/bye")
async def say_bye(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("bye")
    await websocket.close(*FAREWELL)


@router.websocket("/witness")
async def see_the_end(websocket: WebSocket, notes: NotesOfApp) -> None:
    await websocket.accept()
    try:
        await websocket.receive_text()
    except WebSocketDisconnect as end:
        notes.ends.append(f"{end.code} {end.reason}")


@router.websocket("/push")
async def push(websocket: WebSocket, notes: NotesOfApp) -> None:
    async def push_news() -> None:
        await notes.news.wait()
        await websocket.send_text("news")

    await websocket.accept()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(push_news)
        async for text in websocket.iter_text():
            await websocket.send_text(text)
        tasks.cancel_scope.cancel()


@router.websocket("/room")
async def meet(websocket: WebSocket, room: RoomOfApp) -> None:
    await websocket.accept()
    room.join(websocket.send_text)
    await websocket.send_text("joined")
    async for text in websocket.iter_text():
        await room.say(text)
    room.leave(websocket.send_text)


@router.websocket("/flood")
async def flood_then_echo(websocket: WebSocket, notes: NotesOfApp) -> None:
    await websocket.accept()
    await flood(websocket.send_text, notes)
    async for text in websocket.iter_text():
        await websocket.send_text(text)
