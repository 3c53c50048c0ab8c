# Generated from tests/httpx2/test_extensions.py by scripts/write_httpx.py.
"""Extensions offered by `scope_extensions`, from a real file to the client library's response."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asgi_testkit import ASGIRuleError, WebSocketDisconnect
from asgi_testkit.protocol.extensions import Push
from asgi_testkit.types import Receive, Scope, Send
from tests.httpx.modes import OpenClient

PATHSEND = "http.response.pathsend"
ZEROCOPY = "http.response.zerocopysend"
PUSH = "http.response.push"
START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
BIG = bytes(range(256)) * 1024  # 256 KiB: four pieces


def offering(*names: str) -> dict[str, dict[str, dict[str, Any]]]:
    return {"scope_extensions": {name: {} for name in names}}


@pytest.fixture
def big_file(tmp_path: Path) -> Path:
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)
    return path


async def test_bytes_of_a_path_are_the_content(open_client: OpenClient, big_file: Path) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": PATHSEND, "path": str(big_file)})

    response = await open_client.without_entering(app, **offering(PATHSEND)).get("/")
    assert response.content == BIG
    assert response.extensions[PATHSEND] == str(big_file)


async def test_path_is_streamed_in_pieces(open_client: OpenClient, big_file: Path) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": PATHSEND, "path": str(big_file)})

    client = open_client.without_entering(app, **offering(PATHSEND))
    async with client.stream("GET", "/") as response:
        pieces = [piece async for piece in response.aiter_raw()]
    assert (b"".join(pieces), len(pieces)) == (BIG, 4)


async def test_part_of_an_open_file_is_sent_from_its_offset(
    open_client: OpenClient, big_file: Path
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        with big_file.open("rb") as file:
            await send({"type": ZEROCOPY, "file": file, "offset": 256, "count": 300})

    client = open_client.without_entering(app, **offering(ZEROCOPY))
    assert (await client.get("/")).content == BIG[256:556]


async def test_open_file_is_sent_from_where_it_stands(
    open_client: OpenClient, big_file: Path
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        with big_file.open("rb", buffering=0) as file:
            file.read(10)
            await send({"type": ZEROCOPY, "file": file.fileno(), "count": 2, "more_body": True})
            await send({"type": ZEROCOPY, "file": file.fileno(), "count": 3})

    client = open_client.without_entering(app, **offering(ZEROCOPY))
    assert (await client.get("/")).content == BIG[10:15]


async def test_missing_file_fails_the_call_by_its_rule(
    open_client: OpenClient, tmp_path: Path
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": PATHSEND, "path": str(tmp_path / "missing")})

    client = open_client.without_entering(app, **offering(PATHSEND))
    with pytest.raises(ASGIRuleError, match="cannot be read") as caught:
        await client.get("/")
    assert caught.value.rule == "H55"


async def test_pushes_are_with_the_response(open_client: OpenClient) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": PUSH, "path": "/a.css", "headers": []})
        await send({"type": "http.response.body"})

    client = open_client.without_entering(app, **offering(PUSH))
    responses = [await client.get("/") for _ in range(3)]  # the plan of the first is used again
    assert [each.extensions[PUSH] for each in responses] == [[Push("/a.css", [])]] * 3


@pytest.mark.parametrize("path", ["/http", "/websocket"])
async def test_tls_is_offered_whole_with_what_the_test_says(
    open_client: OpenClient, path: str
) -> None:
    seen: list[dict[str, Any]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["extensions"]["tls"])
        if scope["type"] == "http":
            await send(START)
            await send({"type": "http.response.body"})
        else:
            await receive()
            await send({"type": "websocket.close"})

    tls = {"client_cert_name": "CN=ann", "tls_version": 0x0304}
    client = open_client.without_entering(app, scope_extensions={"tls": tls})
    if path == "/http":
        await client.get(path)
    else:
        with pytest.raises(WebSocketDisconnect):
            async with client.websocket_connect(path):
                pass
    assert [seen[0][name] for name in (*tls, "cipher_suite", "client_cert_chain")] == [
        *("CN=ann", 0x0304, None, ())
    ]
