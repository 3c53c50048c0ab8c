"""Lifespans that are legal, though a careless check would reject them."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import is_legal


@is_legal(kind="lifespan", shows=None)
async def whole_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "lifespan.startup"
    scope["state"]["database"] = "connected"
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    await send({"type": "lifespan.shutdown.complete"})


@is_legal(kind="lifespan", shows=None)
async def lifespan_with_extra_keys(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete", "message": "up", "x-extra": 1})
    await receive()
    await send({"type": "lifespan.shutdown.complete", "x-extra": 1})


@is_legal(kind="lifespan", shows=None)
async def exception_before_an_answer(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http", "what is a lifespan?"


@is_legal(kind="lifespan", shows=None)
async def work_after_shutdown(scope: Scope, receive: Receive, send: Send) -> None:
    import anyio

    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
    await anyio.lowlevel.checkpoint()


@is_legal(kind="lifespan", shows=None)
async def lifespan_in_a_task_group(scope: Scope, receive: Receive, send: Send) -> None:
    import anyio

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(anyio.sleep_forever)
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        tasks.cancel_scope.cancel()
    await send({"type": "lifespan.shutdown.complete"})


@is_legal(kind="lifespan", shows=None)
async def state_replaced_in_a_copy_of_the_scope(scope: Scope, receive: Receive, send: Send) -> None:
    own = {**scope, "state": {}}
    await receive()
    own["state"]["database"] = "connected"
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
