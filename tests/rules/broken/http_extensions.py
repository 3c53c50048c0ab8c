"""Messages of extensions, not offered or not in order: H51-H55."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks

NOTHING = {"extensions": {}}
HINTS = {"http.response.early_hint": {}}
PATHS = {"http.response.pathsend": {}}


@breaks("H51")
async def trailers_undeclared(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})


@breaks("H52", is_return=True)
async def trailers_missing(scope: Scope, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
    await send(start)
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H53")
async def push(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.push", "path": "/style.css", "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H53", scope=NOTHING)
async def trailers_declared(scope: Scope, receive: Receive, send: Send) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
    await send(start)
    await send({"type": "http.response.body", "body": b"hello"})
    await send({"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]})


@breaks("H53", scope=NOTHING)
async def debug_ext(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.debug", "info": {"template": "home.html"}})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H53")
async def zerocopysend(scope: Scope, receive: Receive, send: Send) -> None:
    from pathlib import Path

    with Path(__file__).open("rb") as file:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.zerocopysend", "file": file.fileno()})


@breaks("H53")
async def early_hint_not_offered(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H53")
async def pathsend_not_offered(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.pathsend", "path": __file__})


@breaks("H54", scope_extensions=HINTS)
async def early_hint_after_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H55", scope_extensions=PATHS)
async def pathsend_mixed(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})
    await send({"type": "http.response.pathsend", "path": __file__})


@breaks("H55", scope_extensions=PATHS)
async def pathsend_relative(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.pathsend", "path": "logo.png"})


@breaks("H55", scope_extensions=PATHS)
async def pathsend_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.pathsend", "path": __file__})
    await send({"type": "http.response.pathsend", "path": __file__})


@breaks("H55", scope_extensions=PATHS)
async def pathsend_missing_file(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.pathsend", "path": "/no/such/file"})
