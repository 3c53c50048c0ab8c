"""Apps of realistic size that are broken on purpose, each in the ways that its docstring says."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from asgi_testkit.types import ASGI3App, Message, Receive, Scope, Send

__all__ = ("create_counter", "create_notes", "create_store")

_PLAIN = [(b"content-type", b"text/plain")]


def create_counter() -> ASGI3App:
    """A raw app that counts visits: it sends after the last message, and leaves a task behind."""
    visits: dict[str, int] = {}
    savers: set[asyncio.Task[None]] = set()

    async def save_later(path: str) -> None:
        await asyncio.sleep(3600)
        visits.pop(path, None)

    async def read_body(receive: Receive) -> bytes:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                return body

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        await read_body(receive)
        path = scope["path"]
        visits[path] = visits.get(path, 0) + 1
        if path == "/missing" and visits[path] == 1:
            savers.add(asyncio.create_task(save_later(path)))
        await send({"type": "http.response.start", "status": 200, "headers": _PLAIN})
        await send({"type": "http.response.body", "body": b"%d" % visits[path]})
        if path == "/":
            await send({"type": "http.response.body", "body": b"\n"})

    return app


class Stamps:
    """A middleware that breaks rules: a header of str, and a body before the start."""

    def __init__(self, app: ASGI3App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                message["headers"].append(("x-stamp", "blue"))
            await send(message)

        if scope["type"] == "http" and scope["method"] == "BREW":
            await send({"type": "http.response.body", "body": b"short and stout"})
        await self._app(scope, receive, stamped)


def create_notes() -> Starlette:
    """A Starlette app whose own routes are well, and whose middleware is not."""
    notes = ["buy milk", "call Kim"]

    async def show(request: StarletteRequest) -> PlainTextResponse:
        return PlainTextResponse("\n".join(notes))

    async def add(request: StarletteRequest) -> JSONResponse:
        try:
            notes.append(str(await request.json()))
        except (ValueError, ClientDisconnect):
            return JSONResponse({"error": "no JSON"}, 400)
        return JSONResponse({"count": len(notes)}, 201)

    async def export(request: StarletteRequest) -> StreamingResponse:
        async def lines() -> Any:  # AsyncIterator[str]
            for note in notes:
                yield json.dumps(note) + "\n"

        return StreamingResponse(lines(), 404)

    routes = [Route("/", show), Route("/", add, methods=["POST"]), Route("/export", export)]
    return Starlette(routes=routes, middleware=[Middleware(Stamps)])


def create_store() -> FastAPI:
    """A FastAPI app: when clients leave, one upload hangs, one raises; a page never comes."""
    app = FastAPI()
    sizes: dict[str, int] = {}
    is_cleaned, is_drawn = asyncio.Event(), asyncio.Event()

    async def store(name: str, request: Request) -> int:
        async for piece in request.stream():
            sizes[name] = sizes.get(name, 0) + len(piece)
        return sizes.get(name, 0)

    @app.put("/files/{name}")
    async def put_file(name: str, request: Request) -> int:
        try:
            return await store(name, request)
        except ClientDisconnect:
            await is_cleaned.wait()
            raise

    @app.post("/files")
    async def post_file(request: Request) -> int:
        try:
            return await store("new", request)
        except ClientDisconnect:
            return sizes.pop("nwe")

    @app.get("/files/{name}/preview")
    async def preview(name: str) -> int:
        await is_drawn.wait()
        return sizes[name]

    return app
