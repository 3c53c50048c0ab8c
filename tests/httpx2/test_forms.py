"""Forms with files: what of the request can be looked at, and what is pulled piece by piece."""

from __future__ import annotations

import asyncio
import io

import httpx2
import pytest

from asgi_testkit.httpx2 import AsyncTestClient, TestClient
from asgi_testkit.types import Receive, Scope, Send

PIECES: list[int] = []


async def counting(scope: Scope, receive: Receive, send: Send) -> None:
    """Note the size of each piece of the request body."""
    PIECES.clear()
    more = True
    while more:
        message = await receive()
        PIECES.append(len(message["body"]))
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_a_small_form_is_sent_at_once_and_can_be_looked_at_though_its_file_is_closed() -> None:
    with io.BytesIO(b"small") as file:
        response = TestClient(counting).post("/", files={"file": file})

    assert b"small" in response.request.content
    assert [len(response.request.content)] == PIECES


def test_so_can_one_of_the_async_client() -> None:
    client = AsyncTestClient(counting)

    response = asyncio.run(client.post("/", files={"file": b"small"}, data={"a": "b"}))

    assert b"small" in response.request.content


def test_a_large_form_is_pulled_piece_by_piece_and_read_when_asked_for() -> None:
    response = TestClient(counting).post("/", files={"file": b"x" * 70_000})

    assert len(PIECES) > 1
    with pytest.raises(httpx2.RequestNotRead, match="without having called"):
        _ = response.request.content
    assert b"x" * 70_000 in response.request.read()


def test_a_form_of_unknown_length_is_pulled_piece_by_piece() -> None:
    response = TestClient(counting).post(
        "/", content=iter([b"a", b"b"]), headers={"content-type": "multipart/form-data"}
    )

    assert PIECES[:2] == [1, 1]
    assert response.status_code == 200


def test_pieces_of_a_form_that_the_test_has_made_arrive_as_they_are() -> None:
    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": "5"}

    TestClient(counting).post("/", content=iter([b"--b", b"--"]), headers=headers)

    assert PIECES[:2] == [3, 2]
