"""WebSockets: order, accepts and messages: W01-W03, W05, W07-W18, W23-W27, W34, W35."""

from __future__ import annotations

from typing import Any

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("W01")
async def ws_send_before_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.send", "text": "hello"})
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})


@breaks("W02")
async def ws_accept_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})


@breaks("W03")
async def ws_send_after_close(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})
    await send({"type": "websocket.send", "text": "hello"})


@breaks("W05")
async def ws_accept_after_reject(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close"})
    await send({"type": "websocket.accept"})


@breaks("W07", is_return=True)
async def ws_return_before_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


@breaks("W08", is_return=True)
async def ws_return_after_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})


@breaks("W09")
async def ws_both(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello", "bytes": b"hello"})
    await send({"type": "websocket.close"})


@breaks("W10")
async def ws_neither(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send"})
    await send({"type": "websocket.close"})


@breaks("W10")
async def ws_both_none(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": None, "bytes": None})
    await send({"type": "websocket.close"})


@breaks("W11")
async def ws_bytes_is_str(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": "hello"})
    await send({"type": "websocket.close"})


@breaks("W11")
async def ws_text_is_bytes(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": b"hello"})
    await send({"type": "websocket.close"})


@breaks("W11")
async def ws_text_is_int(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": 7})
    await send({"type": "websocket.close"})


@breaks("W12")
async def ws_bytes_bytearray(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": bytearray(b"hello")})
    await send({"type": "websocket.close"})


@breaks("W12")
async def ws_bytes_memoryview(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": memoryview(b"hello")})
    await send({"type": "websocket.close"})


@breaks("W13")
async def ws_text_surrogate(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "\ud800"})
    await send({"type": "websocket.close"})


@breaks("W15", subprotocols=("chat",))
async def ws_subprotocol_not_offered(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "graphql-ws"})
    await send({"type": "websocket.close"})


@breaks("W15")
async def ws_subprotocol_none_offered(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "chat"})
    await send({"type": "websocket.close"})


@breaks("W15", subprotocols=("chat",))
async def ws_subprotocol_bytes(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": b"chat"})
    await send({"type": "websocket.close"})


@breaks("W15", subprotocols=("chat",))
async def ws_subprotocol_empty(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": ""})
    await send({"type": "websocket.close"})


@breaks("W16", also=frozenset({"W18"}))
async def ws_accept_headers_str(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "headers": [("x-name", "value")]})
    await send({"type": "websocket.close"})


@breaks("W16", also=frozenset({"W18"}))
async def ws_accept_headers_crlf(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"x-name", b"value\r\nx-other: value")]})
    await send({"type": "websocket.close"})


@breaks("W16")
async def ws_accept_headers_none(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "headers": None})
    await send({"type": "websocket.close"})


@breaks("W17", subprotocols=("chat",), also=frozenset({"W18"}))
async def ws_accept_headers_protocol(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"sec-websocket-protocol", b"chat")]})
    await send({"type": "websocket.close"})


@breaks("W18")
async def ws_accept_headers(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"x-name", b"value")]})
    await send({"type": "websocket.close"})


@breaks("W23")
async def ws_type_unknown(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.message", "text": "hello"})
    await send({"type": "websocket.close"})


@breaks("W23")
async def ws_type_unknown_before(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.open"})


@breaks("W23")
async def ws_type_missing(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"text": "hello"})
    await send({"type": "websocket.close"})


@breaks("W24")
async def ws_http_response(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b"who are you?"})


@breaks("W25", raises=ValueError, is_own=True)
async def ws_exc_before_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    raise ValueError("no such room")


@breaks("W26", raises=ValueError, is_own=True)
async def ws_exc_after_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    raise ValueError("no such room")


@breaks("W26", raises=BaseException, is_own=True)
async def ws_exc_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    import asyncio

    await receive()
    await send({"type": "websocket.accept"})
    raise asyncio.CancelledError


@breaks("W27", raises=ValueError, is_own=True)
async def ws_exc_after_close(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})
    raise ValueError("the room is gone")


@breaks("W34")
async def ws_accept_without_receive(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})


@breaks("W35")
async def ws_return_value(scope: Scope, receive: Receive, send: Send) -> Any:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})
    return "bye"
