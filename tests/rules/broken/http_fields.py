"""Bodies, `more_body` and statuses that cannot be: H11-H13, H19-H23."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("H11")
async def body_str(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": "hello"})


@breaks("H11")
async def body_list(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": [b"hello"]})


@breaks("H11")
async def body_none(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": None})


@breaks("H12")
async def body_bytearray(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": bytearray(b"hello")})


@breaks("H12")
async def body_memoryview(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": memoryview(b"hello")})


@breaks("H13")
async def more_body_str(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hel", "more_body": "yes"})
    await send({"type": "http.response.body", "body": b"lo"})


@breaks("H13")
async def more_body_none(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello", "more_body": None})


@breaks("H19")
async def status_missing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H20")
async def status_none(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": None, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H20")
async def status_str(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": "200", "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H20")
async def status_float(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200.0, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H20")
async def status_true(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": True, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H21")
async def status_0(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 0, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H21")
async def status_99(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 99, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H21")
async def status_neg(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": -1, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H21")
async def status_1000(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 1000, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H22")
async def status_600(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 600, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H23")
async def status_101(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 101, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@breaks("H23")
async def status_103(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 103, "headers": []})
    await send({"type": "http.response.body", "body": b""})
