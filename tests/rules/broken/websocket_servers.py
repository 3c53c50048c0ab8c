"""WebSockets: what servers do, and a test client does like them: W06, W14, W32, W33."""

from __future__ import annotations

from asgi_testkit import WebSocketDisconnect
from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("W06", raises=WebSocketDisconnect)
async def ws_close_before_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4001, "reason": "no"})


@breaks("W06", raises=WebSocketDisconnect)
async def ws_close_before_connect(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close"})


@breaks("W14")
async def ws_text_empty(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": ""})
    await send({"type": "websocket.close"})


@breaks("W14")
async def ws_bytes_empty(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": b""})
    await send({"type": "websocket.close"})


@breaks("W32", is_return=True)
async def ws_send_after_disconnect_uncaught(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
    await send({"type": "websocket.send", "text": "too late"})


@breaks("W32", is_return=True)
async def ws_sending_into_abort(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while True:
        await send({"type": "websocket.send", "text": "tick"})
        await receive()


@breaks("W33", is_return=True)
async def ws_client_close_no_code(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    assert (await receive())["code"] == 1005
