"""Bodies that are not what status and `content-length` say: H34-H41."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("H34")
async def cl_too_small(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"3")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H34", also=frozenset({"H07"}))
async def cl_too_small_stream(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"3")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.body", "body": b"lo"})


@breaks("H34")
async def cl_zero_body(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H35")
async def cl_too_big(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"10")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H35")
async def cl_too_big_stream(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"10")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hel", "more_body": True})
    await send({"type": "http.response.body", "body": b"lo"})


@breaks("H36")
async def hdr_cl_text(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"five")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H36")
async def hdr_cl_neg(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"-5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H36")
async def hdr_cl_plus(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"+5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H37")
async def hdr_cl_twice_diff(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"5"), (b"content-length", b"6")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H38")
async def hdr_cl_twice_same(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"5"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H39")
async def body_204(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H39")
async def body_304(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 304, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H39", also=frozenset({"H40"}))
async def cl_204_body(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H40")
async def cl_204(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@breaks("H41")
async def body_205(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 205, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
