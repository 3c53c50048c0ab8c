"""Shapes: other methods and bodies, sent to a URL that was asked for before."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterable, Mapping
from typing import Any

from tests.differential.app import answer
from tests.differential.sides import Side, made_with

__all__ = ()

_BODIES: tuple[Mapping[str, Any], ...] = (
    {"content": b"bytes \x00"}, {"content": "t\u00e9xt"}, {"content": b""}, {"content": ""},
    {"content": None},
    {"json": {"a": ["\u00e9", None, 1.5]}}, {"json": []}, {"json": None}, {"json": False},
    {"data": {"a": "1", "b": ["2", "3"], "d": None}}, {"data": {}}, {"data": None},
    {"data": {"a": []}},
    {"data": {}, "json": {"a": 1}}, {"content": b"c", "json": {"a": 1}}, {"content": "", "json": 1},
    {"files": {"f": b"x"}, "data": {"a": "1"}}, {},
)  # fmt: skip
_HEADERS: tuple[Any, ...] = (
    {"content-type": "a/b"}, {"Content-Type": "multipart/form-data; boundary=here"},
    {"content-length": "3"}, {"Content-Length": "3", "x-a": "1"}, {"x-a": "1", "X-B": "2"},
    {"transfer-encoding": "chunked"}, {"host": "b.test"}, {"cookie": "own=1"}, {},
    {"authorization": "Bearer t"}, [("x-a", "1"), ("x-a", "2")], {"accept": "a/b"},
)  # fmt: skip


async def _known(s: Side, *urls: str) -> None:
    for url in (*urls, *urls):
        await s.get(url)


async def _all_bodies(s: Side, url: str, bodies: Iterable[Mapping[str, Any]] = _BODIES) -> None:
    for body in bodies:
        await s.post(url, **body)


async def bodies_to_known_urls(s: Side) -> None:
    await _known(s, "/k")
    await _all_bodies(s, "/k")
    await _all_bodies(s, "/new?a=b")


async def bodies_to_urls_that_were_only_posted_to(s: Side) -> None:
    for _ in range(4):
        await s.post("/only", json={"a": 1})
        await s.post("/only/b%20c", content=b"x")
    await s.get("/only")


async def methods_of_known_urls(s: Side) -> None:
    await _known(s, "/k")
    for name in ("put", "patch"):
        for body in ({"content": b"x"}, {"json": 1}, {"data": {"a": "b"}}, {}):
            await s.call(name, "/k", **body)
    for name in ("delete", "head", "options"):
        await s.call(name, "/k")
        await s.call(name, "/k", headers={"x-a": "1"})
    for method in ("post", "Get", "HEAD", "DELETE", "QUERY", "X-OWN", "TRACE", "CONNECT"):
        await s.call("request", method, "/k", content=b"x")
        await s.call("request", method, "/k")


async def bodies_with_headers_to_known_urls(s: Side) -> None:
    await _known(s, "/k")
    for headers in _HEADERS:
        for body in ({"content": b"abc"}, {"json": 1}, {"data": {"a": "b"}}, {"content": b""}, {}):
            await s.post("/k", headers=headers, **body)
        await s.call("delete", "/k", headers=headers)


@made_with(lambda _: {"headers": {"Content-Type": "of/client", "x-mine": "1"}})
async def bodies_of_a_client_with_a_content_type(s: Side) -> None:
    await _known(s, "/k")
    await _all_bodies(s, "/k", ({"content": b"a"}, {"json": 1}, {"data": {"a": "b"}}, {}))


@made_with(lambda _: {"headers": {"Transfer-Encoding": "chunked"}})
async def bodies_of_a_client_with_a_coding(s: Side) -> None:
    await _known(s, "/k")
    await _all_bodies(s, "/k", ({"content": b"a"}, {"json": 1}, {}))


@made_with(lambda _: {"headers": {"x-first": "1", "Host": "of.the.client"}})
async def bodies_of_a_client_with_a_host(s: Side) -> None:
    await _known(s, "/k")
    await _all_bodies(s, "/k", ({"content": b"a"}, {"json": 1}, {}))


async def bodies_of_a_client_whose_host_comes_first(s: Side) -> None:
    s.client.headers.clear()
    s.client.headers["Host"] = "of.the.client"
    await _known(s, "/k")
    await _all_bodies(s, "/k", ({"content": b"a"}, {"json": 1}, {}))


async def bodies_whose_parts_are_asked_for_their_text(s: Side) -> None:
    class Asked:
        def __str__(self) -> str:
            s.note("asked", "for its text")
            return "text"

    await _known(s, "/k")
    for headers in ({}, {"content-type": "a/b"}, {"x-a": "1"}, {"content-length": "6"}):
        await s.post("/k", data={"a": Asked()}, headers=headers)


@made_with(lambda _: {"cookies": {"jar": "1"}})
async def bodies_of_a_client_with_cookies(s: Side) -> None:
    await _known(s, "/k")
    await _all_bodies(s, "/k", ({"content": b"a"}, {"json": 1}, {}))
    await s.post("/k", json=1, headers={"x-a": "1"})
    s.client.cookies.set("later", "2")
    for _ in range(3):
        await s.post("/k", json=1)
    await s.post("/k", json=1, cookies={"call": "3"})


@made_with(lambda _: {"params": {"of": "client"}})
async def bodies_of_a_client_with_params(s: Side) -> None:
    await _known(s, "/k")
    await s.post("/k", json=1)


async def answers_to_bodies_that_httpx2_sees_to(s: Side) -> None:
    packed = gzip.compress(b"unpacked", mtime=0)
    s.answers["/sets"] = answer("set", set_cookie="c=1; Path=/")
    s.answers["/packed"] = answer(packed, content_encoding="gzip")
    s.answers["/broken"] = answer("no gzip", content_encoding="gzip")
    for status in (301, 302, 303, 307, 308):
        s.answers[f"/from{status}"] = answer("", status, location="/to")
    for path in ("/packed", "/broken", *(f"/from{n}" for n in (301, 302, 303, 307, 308)), "/sets"):
        for _ in range(3):
            await s.post(path, json={"a": 1})
        await s.call("put", path, content=b"abc", headers={"authorization": "Bearer t"})
        await s.post(path, json={"a": 1}, follow_redirects=False)


async def options_beside_bodies_to_known_urls(s: Side) -> None:
    await _known(s, "/k")
    default = s.lib.USE_CLIENT_DEFAULT
    for options in (
        {"params": {"a": "1"}}, {"params": {}}, {"params": None}, {"auth": ("u", "p")},
        {"auth": None}, {"auth": default}, {"follow_redirects": False}, {"timeout": None},
        {"follow_redirects": None}, {"timeout": 3.0}, {"timeout": default}, {"cookies": None},
        {"extensions": {}}, {"extensions": None}, {"extensions": {"scope": {"root_path": "/r"}}},
        {"cookies": {"c": "1"}}, {"headers": None}, {"no_such": None}, {"no_such": 1},
        {"no_such": default}, {"data": default}, {"headers": default},
    ):  # fmt: skip
        await s.post("/k", json=1, **options)


async def bodies_that_cannot_be_sent_to_known_urls(s: Side) -> None:
    await _known(s, "/k")
    for body in (
        {"json": math.nan}, {"json": object()}, {"json": {"a": {1}}}, {"content": 3},
        {"content": {"a": 1}}, {"data": b"raw"}, {"data": [("a", "1")]}, {"data": {"a": len}},
    ):  # fmt: skip
        await s.post("/k", **body)
    for url in ("ws://testserver/k", "ftp://testserver/k"):
        await s.post(url, headers={"x-\u00e9": "1"})
        await s.post(url, json=math.inf)
    for method in (b"POST", None, 3, "", "PO ST"):
        await s.call("request", method, "/k", json=1)


async def body_that_is_read_from_the_request(s: Side) -> None:
    await _known(s, "/k")
    for body in ({"content": b"abc"}, {"json": {"a": 1}}, {"data": {"a": "b"}}, {}):
        response = await s.post("/k", **body)
        s.note("content", response.request.content)
        s.note("read", response.request.read())
        s.note("again", await s.bare("send", response.request))


async def auth_that_comes_between_bodies(s: Side) -> None:
    await _known(s, "/k")
    await s.post("/k", json=1)
    s.client.auth = ("user", "pass")
    await s.post("/k", json=1)
    s.client.auth = None
    s.client.headers["x-new"] = "1"
    for _ in range(3):
        await s.post("/k", json=1)
    s.client.base_url = "http://other.test"
    for _ in range(3):
        await s.post("/k", json=1)
