"""Shapes: headers of requests, of a call and of the client."""

from __future__ import annotations

from tests.differential.app import answer
from tests.differential.sides import Side, made_with

__all__ = ()


async def headers_of_a_call(s: Side) -> None:
    for headers in (
        {"x-a": "1"}, {"X-A": "1", "x-a": "2"}, [("x-a", "1"), ("X-A", "2")], {b"x-a": b"\xff"},
        {"x-a": ""}, {"x-a": " padded "}, {"x-a": "\u00e9"}, {"x-a": "\u4e2d"}, [], {}, None,
        s.lib.Headers({"x-a": "1"}), {"x-a": "a,b", "x-b": "a\tb"}, (("x-t", "1"),),
    ):  # fmt: skip
        await s.get("/h", headers=headers)


async def headers_of_calls_of_known_urls(s: Side) -> None:
    await s.get("/x")
    await s.get("/x")
    for headers in (
        {"x-token": "a"}, {"X-Token": " b ", "x-token": "c"}, {"authorization": "Bearer t"}, {},
        {"Accept": "text/html"}, {"host": "b.test"}, {"cookie": "a=1"}, {"content-length": "0"},
        {"x-\u00e9": "1"}, {"x-e": "\u00e9"}, {b"x-b": b"1"}, [("x-l", "1"), ("x-l", "2")],
        s.lib.Headers({"x-h": "1"}), {"": "empty"}, {"x-empty": ""}, {"Connection": "close"},
        {"transfer-encoding": "chunked"}, {"accept-encoding": ""}, {"x-a": "1", "x-b": "2"}, None,
    ):  # fmt: skip
        await s.get("/x", headers=headers)
        await s.get("/new", headers=headers)
    s.client.cookies.set("c", "1")
    for _ in range(3):
        await s.get("/x", headers={"x-token": "d"})
        await s.get("/x", headers={"cookie": "own=1"})


async def headers_of_calls_that_are_redirected_or_set_cookies(s: Side) -> None:
    s.answers["/from"] = answer("", 307, location="/to")
    s.answers["/away"] = answer("", 302, location="http://elsewhere.test/to")
    s.answers["/sets"] = answer("set", set_cookie="c=1; Path=/")
    for path in ("/from", "/from", "/away", "/away", "/sets", "/sets"):
        await s.get(path)
        await s.get(path, headers={"x-token": "a"})
        await s.get(path, headers={"authorization": "Bearer t"})


async def headers_that_are_defaults(s: Side) -> None:
    for name in ("accept", "Accept-Encoding", "CONNECTION", "user-agent", "host", "content-length"):
        await s.get("/h", headers={name: "given"})
        await s.post("/h", headers={name: "given"}, content=b"")


async def headers_that_are_wrong(s: Side) -> None:
    for headers in ({"x-a": None}, {"x-a": 1}, {None: "x"}, {"x-a": ["1"]}, [("x",)]):
        await s.do(f"get {headers}", lambda headers=headers: s.client.get("/h", headers=headers))


async def host_of_ones_own(s: Side) -> None:
    await s.get("/h", headers={"Host": "given.test"})
    await s.get("http://elsewhere.test/h", headers={"host": "given.test:1"})


@made_with(lambda _: {"headers": {"x-mine": "1", "X-Other": "2", "accept": "application/json"}})
async def headers_of_the_client(s: Side) -> None:
    await s.get("/h")
    await s.get("/h", headers={"x-mine": "call"})


@made_with(lambda _: {"headers": {"Host": "of.the.client"}})
async def host_of_the_client(s: Side) -> None:
    await s.get("/h")
    await s.get("http://elsewhere.test/h")


@made_with(lambda _: {"headers": [("x-a", "1"), ("x-a", "2")]})
async def repeated_headers_of_the_client(s: Side) -> None:
    await s.get("/h")
    await s.get("/h", headers=[("x-a", "3"), ("x-a", "4")])


@made_with(lambda _: {"headers": {"user-agent": "mine/1"}})
async def user_agent_of_the_client(s: Side) -> None:
    await s.get("/h")


async def headers_of_the_client_changed(s: Side) -> None:
    await s.get("/h")
    s.client.headers["x-new"] = "1"
    await s.get("/h")
    s.client.headers["X-New"] = "2"
    await s.get("/h")
    s.client.headers.update({"x-more": "3"})
    await s.get("/h")
    del s.client.headers["x-new"]
    await s.get("/h")
    s.client.headers.pop("x-more")
    await s.get("/h")
    s.client.headers.setdefault("x-last", "4")
    await s.get("/h")
    s.client.headers = {"x-whole": "5"}
    await s.get("/h")
    s.client.headers = s.lib.Headers()
    await s.get("/h")
    s.client.headers.encoding = "utf-8"
    await s.get("/h")


async def header_removed_from_the_client(s: Side) -> None:
    await s.get("/h")
    del s.client.headers["accept-encoding"]
    await s.get("/h")
    s.client.headers["accept-encoding"] = "gzip"
    await s.get("/h")


async def headers_of_a_response_changed(s: Side) -> None:
    s.answers["/mine"] = answer(x_a="1")
    response = await s.bare("get", "/mine")
    response.headers["x-a"] = "changed"
    response.request.headers["x-b"] = "changed"
    response.extensions["mine"] = 1
    response.request.extensions["mine"] = 1
    response.request.extensions.get("timeout", {})["read"] = 99
    await s.do("changed", lambda: response)
    await s.get("/mine")


async def extensions(s: Side) -> None:
    for given in ({}, None, {"mine": [1]}, {"timeout": {"read": 3}}, {"target": b"/raw%41?x"},
                  {"trace": None}):  # fmt: skip
        await s.get("/e", extensions=given)
        await s.get("/e", extensions=given, timeout=4)


async def extensions_that_are_the_callers(s: Side) -> None:
    given = {"mine": [1]}
    await s.get("/e", extensions=given)
    s.note("given", given)


async def scope_keys(s: Side) -> None:
    await s.get("/e", extensions={"scope": {"root_path": "/below"}})
    await s.get("/e")
