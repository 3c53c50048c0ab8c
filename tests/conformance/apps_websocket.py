"""Small apps for WebSockets: each does one thing, and notes what it sees beside messages."""

from __future__ import annotations

import asyncio

from asgi_testkit.types import Message, Receive, Scope, Send
from tests.conformance.apps_http import SHORTLY
from tests.conformance.recording import note
from tests.conformance.registry import app

__all__ = ("accept",)


async def accept(receive: Receive, send: Send, **parts: object) -> None:
    """Receive the connect, and accept."""
    await receive()
    await send({"type": "websocket.accept", **parts})


async def until_disconnect(receive: Receive) -> Message:
    """Receive to the end."""
    while (message := await receive())["type"] != "websocket.disconnect":
        pass
    return message


@app
async def ws_echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept, and send back what comes."""
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        parts = {name: message[name] for name in ("text", "bytes") if message.get(name) is not None}
        await send({"type": "websocket.send", **parts})


@app
async def ws_close(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept and close."""
    await accept(receive, send)
    await send({"type": "websocket.close", "code": 1000})


@app
async def ws_close_only(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept, and close with nothing more said."""
    await accept(receive, send)
    await send({"type": "websocket.close"})


@app
async def ws_close_reason(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept, and close with code and reason."""
    await accept(receive, send)
    await send({"type": "websocket.close", "code": 4001, "reason": "ré"})


@app
async def ws_close_then_receive(scope: Scope, receive: Receive, send: Send) -> None:
    """Close, and receive what there is after that."""
    await accept(receive, send)
    await send({"type": "websocket.close", "code": 4001})
    await receive_shortly(receive)


@app
async def ws_reject(scope: Scope, receive: Receive, send: Send) -> None:
    """Close before the accept."""
    await receive()
    await send({"type": "websocket.close", "code": 4001, "reason": "no"})


@app
async def ws_reject_then_receive(scope: Scope, receive: Receive, send: Send) -> None:
    """Close before the accept, and receive what there is after that."""
    await receive()
    await send({"type": "websocket.close"})
    await receive_shortly(receive)


@app
async def ws_speak(scope: Scope, receive: Receive, send: Send) -> None:
    """Say three things before anything was said."""
    await accept(receive, send)
    for number in range(3):
        await send({"type": "websocket.send", "text": f"number {number}"})
    await send({"type": "websocket.close"})


@app
async def ws_subprotocol(scope: Scope, receive: Receive, send: Send) -> None:
    """Choose the last of those that are offered."""
    await accept(receive, send, subprotocol=scope["subprotocols"][-1])
    await send({"type": "websocket.close"})


@app
async def ws_headers(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept with a header and a cookie."""
    headers = [(b"x-a", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    await accept(receive, send, headers=headers)
    await send({"type": "websocket.close"})


@app
async def ws_deny(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a response, where that is offered."""
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        note("not offered")
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-length", b"4"), (b"x-a", b"1")]
    await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"who?"})


@app
async def ws_deny_in_pieces(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a response in two pieces, where that is offered."""
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        note("not offered")
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
    piece = {"type": "websocket.http.response.body", "body": b"who", "more_body": True}
    await send(piece)
    await send({"type": "websocket.http.response.body", "body": b"?"})


@app
async def ws_send_after_gone(scope: Scope, receive: Receive, send: Send) -> None:
    """Send to a client that has gone."""
    await accept(receive, send)
    note("open")
    await until_disconnect(receive)
    await send({"type": "websocket.send", "text": "hello"})


@app
async def ws_close_after_gone(scope: Scope, receive: Receive, send: Send) -> None:
    """Close when the client has gone."""
    await accept(receive, send)
    note("open")
    await until_disconnect(receive)
    await send({"type": "websocket.close"})


@app
async def ws_receive_after_gone(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive once more when the client has gone."""
    await accept(receive, send)
    note("open")
    await until_disconnect(receive)
    await receive_shortly(receive)


@app
async def ws_wait(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait for the end."""
    await accept(receive, send)
    note("open")
    await until_disconnect(receive)


@app
async def ws_never_answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Receive twice before the accept: the second comes when the client has gone."""
    await receive()
    note("open")
    await receive()


async def receive_shortly(receive: Receive) -> None:
    """Receive, or note that nothing comes."""
    try:
        await asyncio.wait_for(receive(), SHORTLY)
    except TimeoutError:
        note("nothing comes")
