"""The one app that all servers run: it calls the app of a scenario, and tells what that has seen.

Which scenario it is stands in a header, so that every target can be asked for. `x-control` asks
for the record of a run, or waits for a mark in it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

from asgi_testkit.types import Receive, Scope, Send
from tests.conformance import apps_http, apps_websocket  # noqa: F401 - register
from tests.conformance.recording import record_of, recorded_call
from tests.conformance.registry import find_app

__all__ = ("CONTROL", "SCENARIO", "app")

SCENARIO: Final = b"x-scenario"
CONTROL: Final = b"x-control"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Run the lifespan, a scenario's app, or answer a question about a run."""
    if scope["type"] == "lifespan":
        await _live(scope, receive, send)
        return
    headers = dict(scope["headers"])
    if CONTROL in headers:
        await _answer(headers[CONTROL].decode(), send)
        return
    name, _, run = headers.get(SCENARIO, b"hello unknown").decode().partition(" ")
    await recorded_call(find_app(name), run, scope, receive, send)


async def _live(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    scope.get("state", {}).update({"number": 1, "list": []})
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(question: str, send: Send) -> None:
    """Answer `RUN|until|MARK|SECONDS` with the record, and take `RUN|say|WORD|0`."""
    run, act, word, seconds = question.split("|")
    record = record_of(run)
    if act == "say":
        record.said.add(word)
        record.tell()
    else:
        with suppress(TimeoutError):
            await asyncio.wait_for(record.until(word), float(seconds))
    headers: Any = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": record.packed(word)})
