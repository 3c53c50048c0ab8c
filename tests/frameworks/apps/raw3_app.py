"""The shop without a framework: one ASGI 3 function, and a table of its routes.

It follows the ASGI specification, HTTP & WebSocket 2.5 and Lifespan 2.0, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from http.cookies import SimpleCookie
from typing import Any

from .shop import FAILURE, download, measure

__all__ = ("ASGIApp", "Message", "Receive", "Scope", "Send", "create_app")

# ASGI leaves the values of scopes and messages untyped.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

TEXT: Headers = ((b"content-type", b"text/plain; charset=utf-8"),)
JSON: Headers = ((b"content-type", b"application/json"),)
BINARY: Headers = ((b"content-type", b"application/octet-stream"),)


def create_app(log: list[str]) -> ASGIApp:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(scope, receive, send, log=log)
        else:
            route = ROUTES.get((scope["method"], scope["path"]), _not_found)
            await route(scope, receive, send)

    return app


async def _lifespan(scope: Scope, receive: Receive, send: Send, *, log: list[str]) -> None:
    await receive()
    log.append("startup")
    scope["state"]["started"] = "yes"
    await send({"type": "lifespan.startup.complete"})
    await receive()
    log.append("shutdown")
    await send({"type": "lifespan.shutdown.complete"})


async def _hello(scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, b"hello")


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = b"".join([piece async for piece in _body(receive)])
    await _answer(send, json.dumps(json.loads(body)).encode(), headers=JSON)


async def _upload(scope: Scope, receive: Receive, send: Send) -> None:
    sizes = await measure(_body(receive))
    await _answer(send, json.dumps(sizes).encode(), headers=JSON)


async def _download(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": BINARY})
    async for piece in download():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


async def _fail(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError(FAILURE)


async def _old(scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, b"", status=302, headers=((b"location", b"/hello"),))


async def _login(scope: Scope, receive: Receive, send: Send) -> None:
    cookie = (b"set-cookie", b"session=abc; path=/")
    await _answer(send, b"welcome", headers=(*TEXT, cookie))


async def _whoami(scope: Scope, receive: Receive, send: Send) -> None:
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookies.load(value.decode("latin-1"))
    session = cookies.get("session")
    await _answer(send, session.value.encode() if session else b"nobody")


async def _started(scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, scope.get("state", {}).get("started", "no").encode())


async def _asgi(scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, scope["asgi"]["version"].encode())


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await _answer(send, b"not found", status=404)


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more_body = True
    while more_body:
        message = await receive()
        yield message.get("body", b"")
        more_body = message.get("more_body", False)


async def _answer(send: Send, body: bytes, *, status: int = 200, headers: Headers = TEXT) -> None:
    length = (b"content-length", str(len(body)).encode())
    start = {"type": "http.response.start", "status": status, "headers": (*headers, length)}
    await send(start)
    await send({"type": "http.response.body", "body": body})


ROUTES = {
    ("GET", "/hello"): _hello,
    ("POST", "/echo"): _echo,
    ("POST", "/upload"): _upload,
    ("GET", "/download"): _download,
    ("GET", "/fail"): _fail,
    ("GET", "/old"): _old,
    ("GET", "/login"): _login,
    ("GET", "/whoami"): _whoami,
    ("GET", "/started"): _started,
    ("GET", "/asgi"): _asgi,
}
