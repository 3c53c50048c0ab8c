"""Messages that are none, and their types: H14-H18."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("H14")
async def type_missing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H15")
async def type_unknown(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.begin", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H15")
async def type_unknown_after_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.content", "body": b"hello"})


@breaks("H16")
async def type_other_protocol(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.send", "text": "hello"})


@breaks("H17")
async def msg_mapping(scope: Scope, receive: Receive, send: Send) -> None:
    from types import MappingProxyType

    start = {"type": "http.response.start", "status": 200, "headers": []}
    await send(MappingProxyType(start))
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H18")
async def msg_none(scope: Scope, receive: Receive, send: Send) -> None:
    await send(None)
