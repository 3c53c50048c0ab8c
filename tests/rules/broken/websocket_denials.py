"""WebSockets: denial responses: W28-W31."""

from __future__ import annotations

from asgi_testkit import WebSocketDenialResponse
from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("W28", is_return=True)
async def ws_deny_start_only(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})


@breaks("W28")
async def ws_deny_body_first(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})


@breaks("W28")
async def ws_deny_then_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})
    await send({"type": "websocket.accept"})


@breaks("W28")
async def ws_deny_start_then_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})


@breaks("W28")
async def ws_deny_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})


@breaks("W28")
async def ws_deny_after_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})


@breaks("W29")
async def ws_deny_status_101(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 101, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})


@breaks("W29")
async def ws_deny_headers_str(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(
        {"type": "websocket.http.response.start", "status": 401, "headers": [("x-name", "value")]}
    )
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})


@breaks("W29")
async def ws_deny_body_str(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": "who are you?"})


@breaks("W30", raises=WebSocketDenialResponse)
async def ws_deny_chunks(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"who ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"are you?"})


@breaks("W30", raises=WebSocketDenialResponse)
async def ws_deny_no_headers(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})


@breaks("W30", raises=WebSocketDenialResponse)
async def ws_deny_no_body_key(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body"})


@breaks("W31", raises=WebSocketDenialResponse)
async def ws_deny(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"who are you?"})
