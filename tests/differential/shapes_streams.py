"""Shapes: responses that are read piece by piece, partly, twice, or not at all."""

from __future__ import annotations

import gzip
from typing import Any

from tests.differential.app import answer
from tests.differential.sides import Side

__all__ = ()

_READERS = ("iter_bytes", "iter_raw", "iter_text", "iter_lines", "read")


async def read_in_every_way(s: Side) -> None:
    s.answers["/s"] = answer([b"one\n", b"two", b"\nthr\xc3", b"\xa9e"])
    for how in _READERS:
        await s.streamed(how, "/s")


async def read_compressed_in_every_way(s: Side) -> None:
    body = gzip.compress(b"a line\n" * 20, mtime=0)
    s.answers["/s"] = answer([body[:5], body[5:]], content_encoding="gzip")
    for how in _READERS:
        await s.streamed(how, "/s")


async def left_early(s: Side) -> None:
    s.answers["/s"] = answer([b"one\n", b"two\n", b"three\n"])
    for how in _READERS:
        await s.streamed(how, "/s", stop=1)
        await s.streamed(how, "/s", stop=0)


async def streams_of_all_kinds(s: Side) -> None:
    s.answers["/set"] = answer("set", set_cookie="a=1")
    s.answers["/away"] = answer("away", 302, location="/there")
    s.answers["/no"] = answer("no", 404)
    for url in ("/set", "/away", "/no", "/", "?q"):
        await s.streamed("read", url)
        await s.streamed("iter_raw", url, params={"a": "1"}, headers={"x": "y"})
    s.client.cookies.clear()


async def streams_of_other_methods(s: Side) -> None:
    await s.streamed("read", "/posted", method="POST", content=b"x")
    await s.streamed("read", "/posted", method="POST", content=s.pieces(b"a", b"b"))
    await s.streamed("read", "/posted", method="HEAD")
    await s.streamed("read", "/posted", method="post", json={"a": 1}, follow_redirects=False)


async def stream_of_an_app_that_raises(s: Side) -> None:
    s.answers["/raises"] = LookupError("before the start")
    await s.streamed("read", "/raises")


def _read(s: Side, response: Any) -> Any:
    return response.aread() if s.is_async else response.read()


def _close(s: Side, response: Any) -> Any:
    return response.aclose() if s.is_async else response.close()


async def sent_as_a_stream(s: Side) -> None:
    for read_first in (True, False):
        request = s.client.build_request("GET", "/streamed")
        response = await s.bare("send", request, stream=True)
        s.note("unread", response)
        if read_first:
            await s.do("read", lambda r=response: _read(s, r))
        await s.do("close", lambda r=response: _close(s, r))
        await s.do("closed", lambda r=response: r)


async def sent_as_a_stream_and_redirected(s: Side) -> None:
    s.answers["/away"] = answer("away", 302, location="/there")
    for follow in (True, False):
        request = s.client.build_request("GET", "/away")
        response = await s.bare("send", request, stream=True, follow_redirects=follow)
        s.note("unread", response)
        await s.do("read", lambda r=response: _read(s, r))
        await s.do("again", lambda r=response: r)


async def streamed_between_plain_gets(s: Side) -> None:
    await s.get("/mixed")
    await s.streamed("iter_text", "/mixed")
    await s.get("/mixed")


async def raised_for_status_in_a_stream(s: Side) -> None:
    s.answers["/no"] = answer("no", 503)
    response = await s.bare("send", s.client.build_request("GET", "/no"), stream=True)
    await s.do("raise", response.raise_for_status)
    await s.do("close", lambda: _close(s, response))
