"""Small raw WebSocket apps: what a WebSocket can be made to do, without a framework.

Factories take a `log` to write into, a `Gate` to wait at, or what the app is to send.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import anyio

from asgi_testkit.types import Message, Receive, Scope, Send
from tests.apps.mirror import NONCE, REALM, is_anns_digest
from tests.apps.raw import App, Gate, Headers, answer, http_app

Ending: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

MIB = 1024 * 1024 - 64  # a message weighs 64 bytes beside its payload


# -- parts ------------------------------------------------------------------------------------


async def accept(receive: Receive, send: Send, **parts: Any) -> None:
    await receive()
    await send({"type": "websocket.accept", **parts})


async def send_text(send: Send, text: str) -> None:
    await send({"type": "websocket.send", "text": text})


async def send_bytes(send: Send, data: bytes) -> None:
    await send({"type": "websocket.send", "bytes": data})


async def close(send: Send, code: int = 1000, reason: str = "") -> None:
    await send({"type": "websocket.close", "code": code, "reason": reason})


async def closes(_scope: Scope, _receive: Receive, send: Send) -> None:
    """End with a close that is easy to tell from others."""
    await close(send, 4001, "bye")


async def until_disconnect(receive: Receive) -> Message:
    """Receive, and drop what comes, until the client is gone; return how it went."""
    while (message := await receive())["type"] != "websocket.disconnect":
        pass
    return message


def accepting(*messages: str | bytes, then: Ending | None = None, **parts: Any) -> App:
    """Return an app that accepts, sends `messages` and ends as `then` does, or with the client."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send, **parts)
        for message in messages:
            await (
                send_text(send, message) if isinstance(message, str) else send_bytes(send, message)
            )
        await (until_disconnect(receive) if then is None else then(scope, receive, send))

    return app


# -- whole apps -------------------------------------------------------------------------------


@http_app
async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Send every message back; answer HTTP requests with their path."""
    if scope["type"] == "http":
        await answer(send, scope["path"].encode())
        return
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


@http_app
async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept and show the scope, as JSON with latin-1 text for bytes."""
    await accept(receive, send)
    await send_text(send, json.dumps(_shown(scope)))
    await until_disconnect(receive)


def _shown(scope: Scope) -> dict[str, Any]:
    return {
        "path": scope["path"],
        "raw_path": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode("latin-1"),
        "headers": [[n.decode("latin-1"), v.decode("latin-1")] for n, v in scope["headers"]],
        **{key: scope[key] for key in ("scheme", "server", "root_path", "subprotocols")},
    }


def logs_messages(log: list[Message]) -> App:
    """Accept, and log what comes, up to and with the disconnect."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        while True:
            log.append(await receive())
            if log[-1]["type"] == "websocket.disconnect":
                return

    return app


def pushes(count: int, size: int, made: list[int], *, full: Gate) -> App:
    """Send `count` messages of `size` bytes; open the gate before the one above 4 MiB."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        for number in range(1, count + 1):
            made.append(number)
            if number * size > 4 * MIB:
                await full.open()
            await send_bytes(send, bytes(size))
        await close(send)

    return app


def takes_behind(gate: Gate) -> App:
    """Accept, take nothing before the gate is open, then answer each message with its size."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await gate.wait()
        while (message := await receive())["type"] == "websocket.receive":
            await send_text(send, str(len(message["bytes"])))

    return app


def cleans_up(log: list[str], steps: int = 3) -> App:
    """Accept; after the disconnect clean up with awaits."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        log.append(f"told {(await until_disconnect(receive))['code']}")
        for _ in range(steps):
            await anyio.sleep(0.001)
        log.append("cleaned up")

    return app


def ignores_the_client(log: list[str], gate: Gate) -> App:
    """Accept, and wait at the gate only."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        try:
            await gate.wait()
        except anyio.get_cancelled_exc_class():
            log.append("cancelled")
            raise

    return app


def sends_after_disconnect(log: list[str], *, catches: bool) -> App:
    """Accept, wait for the disconnect, and send to nobody."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await until_disconnect(receive)
        try:
            await send_text(send, "late")
        except OSError as error:
            log.append(f"OSError: {error}")
            if not catches:
                raise

    return app


def raises_when_told(exception: BaseException) -> App:
    """Accept, wait for the disconnect, and raise."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await until_disconnect(receive)
        raise exception

    return app


# -- handshakes -------------------------------------------------------------------------------


def denies(status: int, headers: Headers = (), pieces: tuple[bytes, ...] = (b"",)) -> App:
    """Answer the handshake with an HTTP response, in so many pieces."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await deny(send, status, headers, pieces)

    return app


async def deny(
    send: Send, status: int, headers: Headers = (), pieces: tuple[bytes, ...] = (b"",)
) -> None:
    kind = "websocket.http.response"
    await send({"type": f"{kind}.start", "status": status, "headers": list(headers)})
    for body in pieces[:-1]:
        await send({"type": f"{kind}.body", "body": body, "more_body": True})
        await anyio.sleep(0)
    await send({"type": f"{kind}.body", "body": pieces[-1]})


@http_app
async def digest_guarded(scope: Scope, receive: Receive, send: Send) -> None:
    """Let `ann` with the password `secret` in, by digest; the denial is a 401."""
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    if is_anns_digest(given, "GET"):
        await mirror(scope, receive, send)
        return
    await receive()
    challenge = f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5'.encode()
    await deny(send, 401, [(b"www-authenticate", challenge)], (b"who?",))
