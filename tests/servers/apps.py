"""Apps that servers run, found there by their names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

__all__ = (
    "broken",
    "broken_startup",
    "echo",
    "holds_the_interpreter",
    "make_echo",
    "never_stops",
    "starts_processes",
)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what the app sees of a request; run its lifespan."""
    if scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
        return
    body = {
        "path": scope["path"],
        "scheme": scope["scheme"],
        "started": scope.get("state", {}).get("started"),
        "process": os.getpid(),
        "variable": os.environ.get("ECHO_VARIABLE"),
    }
    print(f"the app was asked for {scope['path']}")
    await _respond(send, json.dumps(body).encode())


async def _lifespan(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    scope["state"]["started"] = True
    await send({"type": "lifespan.startup.complete"})
    await receive()
    print("the app has shut down")
    await send({"type": "lifespan.shutdown.complete"})


async def _respond(send: Any, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def broken(scope: Any, receive: Any, send: Any) -> None:
    """Fail in each request."""
    if scope["type"] == "http":
        raise RuntimeError("the shop is closed")


async def starts_processes(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request with the ids of two processes: one of the server's group, and another."""
    if scope["type"] == "http":
        command = [sys.executable, "-c", "import signal; signal.pause()"]
        started = [subprocess.Popen(command, start_new_session=alone) for alone in (False, True)]
        await _respond(send, json.dumps([process.pid for process in started]).encode())


def make_echo() -> Any:
    """Make the app."""
    return echo


async def broken_startup(scope: Any, receive: Any, send: Any) -> None:
    """Say that there is no database."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database here"})


async def never_stops(scope: Any, receive: Any, send: Any) -> None:
    """Never answer the shutdown."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        while True:
            await receive()


async def holds_the_interpreter(scope: Any, receive: Any, send: Any) -> None:
    """Start, and with the first request let nothing else run in this process for ever."""
    if scope["type"] == "lifespan":
        await _lifespan(scope, receive, send)
        return
    await _respond(send, json.dumps({"process": os.getpid()}).encode())
    re.match(r"(a+)+$", "a" * 60 + "b")
