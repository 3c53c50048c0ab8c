"""Shapes: encoded bodies, character sets, and JSON that is none."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

from tests.differential.app import Answer, answer
from tests.differential.sides import Side, made_with

__all__ = ()


async def compressed(s: Side) -> None:
    raw_deflate = zlib.compressobj(wbits=-15)
    bodies = {
        "gzip": gzip.compress(b"text " * 50, mtime=0),
        "deflate": zlib.compress(b"text " * 50),
        "Deflate": raw_deflate.compress(b"text") + raw_deflate.flush(),
        "gzip, gzip": gzip.compress(gzip.compress(b"twice", mtime=0), mtime=0),
        "identity": b"as it is",
        "identity, gzip": gzip.compress(b"once", mtime=0),
        "unknown": b"as it is",
        "": b"as it is",
    }
    for coding, body in bodies.items():
        s.answers["/coded"] = answer(body, content_encoding=coding, content_type="text/plain")
        await s.get("/coded")


async def compressed_by_libraries_that_may_be_there(s: Side) -> None:
    bodies = {
        "br": b"\x0b\x02\x80hello\x03",
        "zstd": bytes.fromhex("28b52ffd2005290000") + b"hello",
    }
    for coding, body in bodies.items():
        s.answers["/coded"] = answer(body, content_encoding=coding)
        await s.get("/coded")


async def compressed_badly(s: Side) -> None:
    cut = gzip.compress(b"text " * 500, mtime=0)
    bodies = {"gzip": b"no gzip", "deflate": b"\xff\xff", "br": b"\xff\xff\xff", "zstd": b"none"}
    for coding, body in bodies.items():
        s.answers["/bad"] = answer(body, content_encoding=coding)
        await s.get("/bad")
    for body in (cut[:-12], cut + b"after", cut + cut, b""):
        s.answers["/bad"] = answer(body, content_encoding="gzip")
        await s.get("/bad")


async def compressed_in_pieces(s: Side) -> None:
    body = gzip.compress(b"a line\n" * 20, mtime=0)
    s.answers["/coded"] = answer([body[:5], body[5:9], body[9:]], content_encoding="gzip")
    await s.get("/coded")


async def known_url_begins_to_compress(s: Side) -> None:
    s.answers["/u"] = answer("plain")
    await s.get("/u")
    s.answers["/u"] = answer(gzip.compress(b"packed", mtime=0), content_encoding="gzip")
    await s.get("/u")
    s.answers["/u"] = answer("plain")
    await s.get("/u")


async def charsets(s: Side) -> None:
    text = "h\u00e9llo \u4e2d"
    for kind, body in {
        "text/plain; charset=utf-8": text.encode(),
        "text/plain; charset=UTF-16": text.encode("utf-16"),
        'text/plain; charset="latin-1"': "h\u00e9".encode("latin-1"),
        "text/plain; charset=none-such": text.encode(),
        "text/plain; charset=": text.encode(),
        "text/plain; charset=ascii": text.encode(),
        "text/plain": "h\u00e9".encode("latin-1"),
        "application/json": b'\xef\xbb\xbf{"a": 1}',
        "text/html; charset=utf-8; charset=latin-1": text.encode(),
        "text/plain; charset=utf-8-sig": b"\xef\xbb\xbfbom",
        "nonsense;;=": b"\xff\xfe",
        "text/plain; charset=base64": b"aGk=",
        "": b"\xff",
    }.items():
        s.answers["/chars"] = answer(body, content_type=kind)
        await s.get("/chars")


async def no_content_type(s: Side) -> None:
    s.answers["/untyped"] = Answer(200, (), ("\u00e9".encode("latin-1"),))
    await s.get("/untyped")


async def json_bodies(s: Side) -> None:
    for body in ('{"a": [1, 2.5, null]}', "[]", "NaN", "", "no json", '"\\ud800"', "{} x",
                 '{"a": 1, "a": 2}'):  # fmt: skip
        s.answers["/json"] = answer(body, content_type="application/json")
        await s.get("/json")
    for coding in ("utf-16", "utf-32", "utf-8-sig", "utf-16-le", "latin-1"):
        s.answers["/json"] = answer('{"\u00e9": 1}'.encode(coding))
        await s.get("/json")


@made_with(lambda _: {"default_encoding": "latin-1"})
async def default_encoding(s: Side) -> None:
    s.answers["/untyped"] = Answer(200, (), (b"caf\xe9",))
    await s.get("/untyped")
    await s.post("/untyped")


def _guessed(content: bytes) -> str | None:
    return "cp1252" if b"\x80" in content else None


@made_with(lambda _: {"default_encoding": _guessed})
async def default_encoding_that_is_guessed(s: Side) -> None:
    for body in (b"\x80", b"a\xff", b""):
        s.answers["/guess"] = Answer(200, (), (body,))
        await s.get("/guess")


def _refused(content: bytes) -> Any:
    raise LookupError("no guess")


@made_with(lambda _: {"default_encoding": _refused})
async def default_encoding_that_raises(s: Side) -> None:
    s.answers["/guess"] = Answer(200, (), (b"x",))
    await s.get("/guess")


async def line_ends(s: Side) -> None:
    s.answers["/lines"] = answer("a\nb\r\nc\rd\x0be\x0cf\x1cg\x85h\u2028i\n\n")
    await s.get("/lines")
    for how in ("iter_lines", "iter_text", "iter_bytes", "iter_raw"):
        await s.streamed(how, "/lines")
