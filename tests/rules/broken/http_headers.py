"""Response headers that cannot be, and that not all servers take: H24-H33."""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.rules.registry import breaks


@breaks("H24")
async def hdr_name_str(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [("x-name", b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H24")
async def hdr_both_str(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [("x-name", "value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H25")
async def hdr_value_str(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", "value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H25")
async def hdr_value_int(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"content-length", 5)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H25")
async def hdr_value_none(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", None)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H25", scope_extensions={"http.response.early_hint": {}})
async def early_hint_links_str(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.early_hint", "links": ["</style.css>; rel=preload"]})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H26")
async def hdr_bytearray(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(bytearray(b"x-name"), b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H27")
async def hdr_name_upper(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"X-Name", b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H28")
async def hdr_value_crlf(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", b"value\r\nset-cookie: a=b")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H28")
async def hdr_value_lf(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", b"value\nset-cookie: a=b")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H28")
async def hdr_value_cr(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", b"value\rset-cookie: a=b")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H28")
async def hdr_value_nul(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", b"val\0ue")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H29")
async def hdr_name_space(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x name", b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H29")
async def hdr_name_colon(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name:", b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H29")
async def hdr_name_crlf(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name\r\nset-cookie", b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H29")
async def hdr_name_empty(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"", b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H29")
async def hdr_name_nonascii(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [("x-größe".encode(), b"value")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H30")
async def hdr_pseudo(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b":status", b"200")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H31")
async def hdr_none(scope: Scope, receive: Receive, send: Send) -> None:
    headers = None
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H31")
async def hdr_dict(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {b"x-name": b"value"}
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H31")
async def hdr_triple(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", b"value", b"never-indexed")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H32")
async def hdr_value_pad(scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(b"x-name", b" value ")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@breaks("H33")
async def hdr_missing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"hello"})
