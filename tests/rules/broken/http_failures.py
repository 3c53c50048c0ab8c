"""Exceptions that leave the app of a request: H44-H49."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("H44", raises=ValueError, is_own=True)
async def exc_before_start(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("no such user")


@breaks("H44", raises=ValueError, is_own=True)
async def exc_group(scope: Scope, receive: Receive, send: Send) -> None:
    raise ExceptionGroup("unhandled errors", [ValueError("no such user")])


@breaks("H44", raises=TimeoutError, is_own=True)
async def exc_timeout(scope: Scope, receive: Receive, send: Send) -> None:
    raise TimeoutError("the database is slow")


@breaks("H44", raises=OSError, is_own=True)
async def exc_oserror(scope: Scope, receive: Receive, send: Send) -> None:
    raise OSError("the disk is full")


@breaks("H45", raises=ValueError, is_own=True)
async def exc_after_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise ValueError("no such user")


@breaks("H45", raises=ValueError, is_own=True)
async def exc_mid_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    raise ValueError("no such user")


@breaks("H46", raises=ValueError, is_own=True)
async def exc_after_complete(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    raise ValueError("the mail was not sent")


@breaks("H46", raises=ValueError, is_own=True)
async def cleanup_raises_after_complete_keepalive(
    scope: Scope, receive: Receive, send: Send
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    try:
        await send({"type": "http.response.body", "body": b"hello"})
    finally:
        raise ValueError("the file is closed")


@breaks("H47", raises=BaseException, is_own=True)
async def exc_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    import asyncio

    raise asyncio.CancelledError


@breaks("H47", raises=BaseException, is_own=True)
async def exc_cancelled_mid(scope: Scope, receive: Receive, send: Send) -> None:
    import asyncio

    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    raise asyncio.CancelledError


@breaks("H48", raises=SystemExit, is_own=True)
async def exc_systemexit(scope: Scope, receive: Receive, send: Send) -> None:
    raise SystemExit(3)


@breaks("H48", raises=KeyboardInterrupt, is_own=True)
async def exc_kbd(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyboardInterrupt


@breaks("H48", raises=SystemExit, is_own=True)
async def exc_systemexit_after(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    raise SystemExit(3)


@breaks("H49", raises=BaseException, is_own=True)
async def exc_base(scope: Scope, receive: Receive, send: Send) -> None:
    raise BaseException("no Exception")


@breaks("H49", raises=GeneratorExit, is_own=True)
async def exc_generatorexit(scope: Scope, receive: Receive, send: Send) -> None:
    raise GeneratorExit
