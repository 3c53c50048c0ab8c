"""Small raw apps for a request and its response that are both open at once."""

from __future__ import annotations

from typing import Any

import anyio

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, Gate, answer, body_messages, end, http_app, piece, read_body, start


@http_app
async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Send every piece back in capitals, as soon as it comes."""
    await start(send)
    async for message in body_messages(receive):
        if message.get("body"):
            await piece(send, message["body"].upper())
    await end(send, b"!")


def reads_after(gate: Gate) -> App:
    """Read nothing until the gate is open; answer with the number of bytes."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await gate.wait()
        body = await read_body(receive)
        await answer(send, str(len(body)).encode())

    return app


@http_app
async def reads_when_told(scope: Scope, receive: Receive, send: Send) -> None:
    """Start, and read nothing until the client is gone."""
    await start(send)
    await piece(send, b"here")
    await anyio.Event().wait()


def hints(*links: bytes, hinted: Gate, then: Gate) -> App:
    """Send one early hint per link, and answer when the gate is open."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for link in links:
            await send({"type": "http.response.early_hint", "links": [link]})
        await hinted.open()
        await then.wait()
        await answer(send, b"done")

    return app


def waits_for_the_end(
    log: list[Any], *first: dict[str, Any], then: BaseException | None = None
) -> App:
    """Send `first`, receive until the client is gone, and clean up with awaits."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in first:
            await send(message)
        try:
            while (message := await receive())["type"] != "http.disconnect":
                log.append(message["body"])
            log.append("http.disconnect")
            for _ in range(3):
                await anyio.sleep(0.001)
            log.append("cleaned up")
        except anyio.get_cancelled_exc_class():
            log.append("cancelled")
            raise
        if then is not None:
            raise then

    return app


def never_cleans_up(log: list[float]) -> App:
    """Note when the client went and when the cancellation came; between them, wait."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        log.append(anyio.current_time())
        try:
            await anyio.Event().wait()  # though its client has gone
        finally:
            log.append(anyio.current_time())

    return app


def raises_on_a_piece(exception: BaseException) -> App:
    """Start, and raise when a piece of the request comes."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await receive()
        raise exception

    return app


def raises_at(gate: Gate, exception: BaseException) -> App:
    """Read nothing, and raise when the gate is opened."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await gate.wait()
        raise exception

    return app


def raises_and_tells(exception: BaseException, told: Gate) -> App:
    """Start, open the gate, and raise in the same step."""

    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send)
        await piece(send, b"here")
        await told.open()
        raise exception

    return app
