"""Messages of a response in the wrong order, too many and too few: H01-H10, H50."""

from __future__ import annotations

from typing import Any

from asgi_testkit import ASGIRuleError, StallError
from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("H01")
async def body_before_start(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.body", "body": b"hello"})
    await send({"type": "http.response.start", "status": 200, "headers": []})


@breaks("H01")
async def body_only(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H02")
async def start_twice(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H02")
async def start_after_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"lo"})


@breaks("H03")
async def body_after_complete(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    await send({"type": "http.response.body", "body": b" world"})


@breaks("H03")
async def start_after_complete(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    await send({"type": "http.response.start", "status": 200, "headers": []})


@breaks("H04", is_return=True)
async def return_nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


@breaks("H05", is_return=True)
async def start_only_return(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


@breaks("H06", is_return=True)
async def more_body_return(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})


@breaks("H07")
async def more_body_return_cl(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello", "more_body": True})


@breaks("H08")
async def return_value(scope: Scope, receive: Receive, send: Send) -> Any:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    return "hello"


@breaks("H09", is_late=True)
async def send_after_return(scope: Scope, receive: Receive, send: Send) -> None:
    import asyncio

    async def send_late() -> None:
        await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b" world"})

    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    asyncio.create_task(send_late())  # noqa: RUF006 - as careless apps have it


@breaks("H10", raises=ASGIRuleError)
async def recover_after_bad(scope: Scope, receive: Receive, send: Send) -> None:
    from contextlib import suppress

    with suppress(Exception):
        await send({"type": "http.response.start", "status": None, "headers": []})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H50", raises=StallError, is_return=True, timeout=0.1)
async def never_responds(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await receive()  # there is no more, and it waits until the client leaves
