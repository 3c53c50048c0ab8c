"""Parts of the apps that hang."""

from __future__ import annotations

import asyncio
from typing import Any

from asgi_testkit.types import Receive, Send

__all__ = ("START", "accept", "read_all", "respond", "waits_for_an_event")

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}


async def read_all(receive: Receive) -> None:
    while (await receive()).get("more_body", False):
        pass


async def respond(send: Send) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"done"})


async def accept(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})


async def waits_for_an_event() -> None:
    await asyncio.Event().wait()  # EVENT
