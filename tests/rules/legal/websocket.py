"""WebSockets that are legal, though a careless check would reject them."""

from __future__ import annotations

from asgi_testkit import WebSocketDenialResponse, WebSocketDisconnect
from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import is_legal


@is_legal(kind="websocket", raises=WebSocketDisconnect, shows=1000)
async def close_before_connect_is_received(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", shows=["hello"])
async def text_with_bytes_none(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello", "bytes": None})
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", shows=[b"hello"])
async def bytes_with_text_none(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": None, "bytes": b"hello"})
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", shows=[])
async def close_with_reason_none(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1000, "reason": None})


@is_legal(kind="websocket", shows=[])
async def close_4000(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 4000, "reason": "x" * 123})


@is_legal(kind="websocket", shows=[], warns="W20")
async def close_1001(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1001})


@is_legal(kind="websocket", shows=[], warns="W20")
async def close_1012(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1012})


@is_legal(kind="websocket", raises=WebSocketDenialResponse, shows=(200, b"hello"))
async def denial_with_200(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 200, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"hello"})


@is_legal(
    kind="websocket", raises=WebSocketDenialResponse, shows=(401, b"who are you?"), warns="W30"
)
async def denial_in_pieces(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"who ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"are you?"})


@is_legal(kind="websocket", shows=["m" * 2_000_000])
async def text_of_2_mb(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "m" * 2_000_000})
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", shows=["", b""])
async def empty_messages(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": ""})
    await send({"type": "websocket.send", "bytes": b""})
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", shows=[])
async def extra_keys(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": [], "x-extra": 1})
    await send({"type": "websocket.close", "x-extra": 1})


@is_legal(kind="websocket", subprotocols=("chat",), shows=[])
async def subprotocol_not_chosen(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", subprotocols=("chat", "other"), shows=[])
async def subprotocol_chosen(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "other"})
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", shows=[])
async def receive_after_close(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})
    assert (await receive())["type"] == "websocket.disconnect"


@is_legal(kind="websocket", raises=WebSocketDisconnect, shows=1001)
async def close_1001_before_the_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1001})


@is_legal(kind="websocket", raises=WebSocketDenialResponse, shows=(401, b""))
async def denial_with_empty_body(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(
        {
            "type": "websocket.http.response.start",
            "status": 401,
            "headers": [(b"www-authenticate", b"Basic")],
        }
    )
    await send({"type": "websocket.http.response.body", "body": b"", "more_body": False})


@is_legal(kind="websocket", raises=WebSocketDenialResponse, shows=(401, b""))
async def denial_before_connect_is_received(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})


@is_legal(kind="websocket", shows=["hello"])
async def message_dict_subclass(scope: Scope, receive: Receive, send: Send) -> None:
    from collections import OrderedDict

    await receive()
    await send(OrderedDict(type="websocket.accept"))
    await send(OrderedDict(type="websocket.send", text="hello"))
    await send(OrderedDict(type="websocket.close"))


@is_legal(kind="websocket", shows=[b"hello"])
async def bytes_subclass(scope: Scope, receive: Receive, send: Send) -> None:
    class Piece(bytes):
        pass

    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "bytes": Piece(b"hello")})
    await send({"type": "websocket.close"})


@is_legal(kind="websocket", shows=["hello"])
async def background_work_after_close(scope: Scope, receive: Receive, send: Send) -> None:
    import anyio

    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello"})
    await send({"type": "websocket.close"})
    await anyio.lowlevel.checkpoint()
