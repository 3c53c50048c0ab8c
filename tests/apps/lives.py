"""Small raw apps whose lifespan does one thing each; requests answer with the lifespan state."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, Gate, answer

Life: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

STARTED = {"type": "lifespan.startup.complete"}
STOPPED = {"type": "lifespan.shutdown.complete"}


def living(life: Life) -> App:
    """Return an app with that lifespan; `/fail` raises."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await life(scope, receive, send)
        elif scope["path"] == "/fail":
            raise ValueError("request failed")
        else:
            await _show_and_change_state(scope, send)

    return app


async def _show_and_change_state(scope: Scope, send: Send) -> None:
    shown = json.dumps(scope["state"])
    scope["state"]["own"] = "of this request"
    if "shared" in scope["state"]:
        scope["state"]["shared"].append(scope["path"])
    await answer(send, shown.encode())


def full(log: list[str]) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        log.append((await receive())["type"])
        scope["state"].update({"name": "db", "shared": []})
        await send(STARTED)
        log.append((await receive())["type"])
        await send(STOPPED)

    return life


def fails_startup(message: str, *, then: BaseException | None = None) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": message})
        if then is not None:
            raise then

    return life


def raises_at_once(exception: BaseException) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise exception

    return life


async def returns_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


def never_answers(log: list[str]) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await receive()
        finally:
            log.append("ended")

    return life


def never_receives(log: list[str]) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await Gate().wait()
        finally:
            log.append("ended")

    return life


async def answers_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(STARTED)
    await send(STARTED)
    await receive()


async def says_hello(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "hello"})


def raises_after_startup(gate: Gate, exception: BaseException) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(STARTED)
        await gate.wait()
        raise exception

    return life


async def returns_after_startup(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send(STARTED)


def raises_in_shutdown(exception: BaseException) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(STARTED)
        await receive()
        raise exception

    return life


def fails_shutdown(message: str, *, then: BaseException | None = None) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(STARTED)
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": message})
        if then is not None:
            raise then

    return life


def ignores_shutdown(log: list[str]) -> Life:
    async def life(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(STARTED)
        await receive()
        try:
            await Gate().wait()
        finally:
            log.append("ended")

    return life
