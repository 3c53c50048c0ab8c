"""Startup and shutdown: L01-L16."""

from __future__ import annotations

from asgi_testkit import LifespanFailed
from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("L01")
async def raise_(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("what is a lifespan?")


@breaks("L01")
async def raise_after_receive(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    raise ValueError("what is a lifespan?")


@breaks("L02", raises=LifespanFailed, is_return=True)
async def failed(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


@breaks("L02", raises=ValueError, is_return=True)
async def failed_raise(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
    raise ValueError("no database")


@breaks("L03", raises=LifespanFailed, is_return=True, timeout=0.1)
async def never_answers(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await receive()  # there is no more, and it waits for ever


@breaks("L03", raises=LifespanFailed, is_return=True, timeout=0.1)
async def never_receives(scope: Scope, receive: Receive, send: Send) -> None:
    import anyio

    await anyio.sleep_forever()


@breaks("L04")
async def returns_early(scope: Scope, receive: Receive, send: Send) -> None:
    return


@breaks("L04")
async def returns_after_receive(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


@breaks("L05")
async def startup_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L05")
async def complete_then_failed(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.startup.failed", "message": "no database"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L06")
async def shutdown_first(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "lifespan.shutdown.complete"})
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()


@breaks("L07")
async def unknown_type(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.done"})
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L07")
async def type_missing(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"message": "started"})
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L07")
async def http_message(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L08", raises=ValueError, is_own=True)
async def raise_after_startup(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    raise ValueError("the worker has died")


@breaks("L08", raises=ValueError, is_own=True)
async def shutdown_raises(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    raise ValueError("the pool is busy")


@breaks("L09", raises=LifespanFailed, is_return=True)
async def shutdown_failed(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "the pool is busy"})


@breaks("L10", raises=LifespanFailed, is_return=True, timeout=0.1)
async def shutdown_ignored(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await receive()  # there is no more, and it waits for ever


@breaks("L11")
async def shutdown_returns(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()


@breaks("L11", raises=LifespanFailed, is_return=True)
async def returns_after_startup(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})


@breaks("L12")
async def shutdown_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L13", raises=SystemExit, is_own=True)
async def systemexit(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    raise SystemExit(3)


@breaks("L13", raises=BaseException, is_own=True)
async def cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    import asyncio

    await receive()
    raise asyncio.CancelledError


@breaks("L14")
async def state_replaced(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    scope["state"] = {"database": "connected"}
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L15")
async def complete_without_receive(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@breaks("L16", raises=LifespanFailed)
async def message_not_str(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": ValueError("no database")})
