"""What servers do by themselves, and a test client does like them: H42, H43, H56, H57."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("H42", method="HEAD")
async def head_with_body(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H42", method="HEAD")
async def head_cl_mismatch(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", b"500")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H43")
async def hdr_te_chunked(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"transfer-encoding", b"chunked")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H43")
async def hdr_te_gzip(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"transfer-encoding", b"gzip")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H43")
async def hdr_te_and_cl(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"transfer-encoding", b"chunked"), (b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H56", is_return=True, timeout=0.1)
async def receive_before_response(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "http.request"
    assert (await receive())["type"] == "http.disconnect"  # when the client has left


@breaks("H57")
async def receive_after_complete(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "http.request"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
    assert (await receive())["type"] == "http.disconnect"
