"""Shapes: what is sent. Bytes, pieces, forms, files, JSON, and nothing."""

from __future__ import annotations

import io
import math

from tests.differential.app import answer
from tests.differential.sides import Side

__all__ = ()

_BOUNDARY = {"content-type": "multipart/form-data; boundary=here"}


async def content_of_bytes(s: Side) -> None:
    await s.post("/body", content=b"bytes \x00\xff")


async def content_of_text(s: Side) -> None:
    await s.call("put", "/body", content="t\u00e9xt")


async def content_that_is_empty(s: Side) -> None:
    for nothing in (b"", "", None):
        await s.post("/body", content=nothing)
        await s.call("request", "GET", "/body", content=nothing)


async def content_with_a_length_of_its_own(s: Side) -> None:
    await s.post("/body", content=b"abc", headers={"content-length": "3", "content-type": "a/b"})


async def content_in_pieces(s: Side) -> None:
    await s.post("/pieces", content=s.pieces(b"one", b"", b"two"))
    await s.post("/pieces", content=s.pieces())
    await s.post("/pieces", content=s.pieces(b"abc"), headers={"content-length": "3"})


async def content_of_the_wrong_kind(s: Side) -> None:
    async def generated() -> object:
        yield b"async"

    await s.post("/wrong", content=iter([b"blocking"]))
    await s.post("/wrong", content=generated())
    await s.post("/wrong", content=3)
    await s.post("/wrong", content={"a": "b"})


async def content_that_is_large(s: Side) -> None:
    await s.post("/large", content=b"x" * 100_000)
    await s.post("/large", content=s.pieces(b"x" * 70_000, b"y" * 70_000))


async def content_of_a_file(s: Side) -> None:
    await s.post("/file", content=io.BytesIO(b"from a file"))


async def pieces_sent_twice(s: Side) -> None:
    request = s.client.build_request("POST", "/twice", content=s.pieces(b"once"))
    await s.call("send", request)
    await s.call("send", request)


async def form(s: Side) -> None:
    await s.post("/form", data={"a": "1", "b": ["2", "3"], "c": "\u00e9 &=", "d": None, "e": True})
    await s.post("/form", data={})
    await s.post("/form", data=None)


async def form_of_bytes_as_before(s: Side) -> None:
    await s.do("data=bytes", lambda: s.client.post("/form", data=b"raw"))


async def files(s: Side) -> None:
    await s.post("/files", files={"f": b"content"}, headers=_BOUNDARY)
    await s.post(
        "/files",
        files=[
            ("f", ("a.txt", b"A")), ("f", ("b\u00e9.bin", io.BytesIO(b"B"), "x/y")),
            ("g", ("c.txt", "text", "text/plain", {"x-part": "1"})), ("h", (None, b"no name")),
        ],
        data={"field": "value", "many": ["1", "2"]},
        headers=_BOUNDARY,
    )  # fmt: skip
    await s.post("/files", files={}, data={"only": "data"})


async def files_with_a_boundary_by_chance(s: Side) -> None:
    await s.post("/chance", files={"f": ("n.json", b"{}", None)})


async def files_that_are_large(s: Side) -> None:
    await s.post("/large", files={"f": b"z" * 100_000}, headers=_BOUNDARY)


async def json_values(s: Side) -> None:
    for value in ({"a": [1, 2.5, None, "\u00e9\u4e2d"]}, [], {}, "text", 0, False, "\ud800"):
        await s.post("/json", json=value)


async def json_without_a_form_in_json(s: Side) -> None:
    for value in (math.nan, [math.inf], {1, 2}, object(), {"a": b"bytes"}):
        await s.post("/odd", json=value)


async def json_of_none(s: Side) -> None:
    await s.post("/json", json=None)


async def json_with_a_type_of_its_own(s: Side) -> None:
    await s.post("/json", json={"a": 1}, headers={"Content-Type": "application/vnd.api+json"})


async def body_on_get_and_delete(s: Side) -> None:
    await s.call("request", "GET", "/got", json={"a": 1})
    await s.call("request", "DELETE", "/got", content=b"x")
    await s.do("get with a body", lambda: s.client.get("/got", content=b"x"))


async def two_bodies_at_once(s: Side) -> None:
    await s.post("/both", json={"a": 1}, data={"b": "2"})
    await s.post("/both", content=b"x", files={"f": b"y"}, headers=_BOUNDARY)
    await s.post("/both", content=b"", json={"a": 1})


async def body_again_after_a_redirect(s: Side) -> None:
    s.answers["/again"] = answer("", 307, location="/there")
    await s.post("/again", content=b"bytes")
    await s.post("/again", json={"a": 1})
    await s.post("/again", files={"f": b"file"}, headers=_BOUNDARY)
    await s.post("/again", content=s.pieces(b"cannot", b"be told again"))
    s.answers["/again"] = answer("", 303, location="/there")
    await s.post("/again", content=s.pieces(b"need not", b"be told again"))


async def body_that_raises(s: Side) -> None:
    def blocking() -> object:
        yield b"first"
        raise LookupError("in the body")

    async def generated() -> object:
        yield b"first"
        raise LookupError("in the body")

    await s.post("/raising", content=generated() if s.is_async else blocking())
    await s.get("/raising")
