"""Shapes: redirects, followed or not, here or elsewhere, once or for ever."""

from __future__ import annotations

from tests.differential.app import answer
from tests.differential.sides import Side, made_with

__all__ = ()

_STATUSES = (301, 302, 303, 307, 308)


async def all_statuses_and_methods(s: Side) -> None:
    for status in _STATUSES:
        s.answers["/from"] = answer("moved", status, location="/to")
        for name in ("get", "head", "post", "delete"):
            await s.call(name, "/from")


@made_with(lambda _: {"follow_redirects": False})
async def not_followed_by_the_client(s: Side) -> None:
    s.answers["/from"] = answer("moved", 302, location="/to?a=1#part")
    await s.get("/from")
    await s.get("/from", follow_redirects=True)
    await s.post("/from", content=b"body")


async def not_followed_for_once(s: Side) -> None:
    for status in _STATUSES:
        s.answers["/from"] = answer("moved", status, location="/to")
        await s.get("/from", follow_redirects=False)


async def next_request_sent(s: Side) -> None:
    s.answers["/from"] = answer("", 302, location="/to")
    response = await s.bare("get", "/from", follow_redirects=False)
    s.note("next", response.next_request)
    await s.call("send", response.next_request)
    response = await s.bare("post", "/from", follow_redirects=False, content=b"x")
    await s.call("send", response.next_request)


async def locations(s: Side) -> None:
    for location in (
        "to", "./to", "../to", "?a=1", "#part", "//testserver/to", "http://testserver/to",
        "http://testserver:80/to", "http://testserver:8080/to", "https://testserver/to",
        "http://elsewhere.test/to", "/t\xf6", "/with space", "", "http://", "ftp://testserver/to",
        "http://[::1", "/a/../b", "HTTP://TESTSERVER/TO",
    ):  # fmt: skip
        s.answers["/deep/from"] = answer("", 302, location=location)
        await s.get("/deep/from")


async def fragment_is_kept(s: Side) -> None:
    s.answers["/from"] = answer("", 302, location="/to")
    await s.get("/from#part")
    s.answers["/from"] = answer("", 302, location="/to#other")
    await s.get("/from#part")


async def chain(s: Side) -> None:
    for number in range(4):
        s.answers[f"/{number}"] = answer(f"n{number}", 302, location=f"/{number + 1}")
    await s.get("/0")
    await s.get("/2")


async def loop_of_one(s: Side) -> None:
    s.answers["/round"] = answer("", 302, location="/round")
    await s.get("/round")


@made_with(lambda _: {"max_redirects": 2})
async def too_many(s: Side) -> None:
    for number in range(4):
        s.answers[f"/{number}"] = answer("", 302, location=f"/{number + 1}")
    await s.get("/0")
    await s.get("/2")


@made_with(lambda _: {"max_redirects": 0})
async def none_allowed(s: Side) -> None:
    s.answers["/from"] = answer("", 302, location="/to")
    await s.get("/from")
    await s.get("/to")


async def known_url_begins_to_redirect(s: Side) -> None:
    s.answers["/u"] = answer("here")
    await s.get("/u")
    await s.get("/u")
    s.answers["/u"] = answer("", 301, location="/v")
    await s.get("/u")
    s.answers["/u"] = answer("here again")
    await s.get("/u")


async def headers_on_the_way(s: Side) -> None:
    s.answers["/from"] = answer("", 307, location="http://elsewhere.test/to")
    headers = {"x-mine": "1", "host": "given.test", "cookie": "a=b", "content-type": "x/y"}
    await s.post("/from", headers=headers, content=b"abc")
    s.answers["/from"] = answer("", 303, location="/to")
    await s.post("/from", headers=headers, content=b"abc")


async def extensions_on_the_way(s: Side) -> None:
    s.answers["/from"] = answer("", 302, location="/to")
    await s.get("/from", timeout=3, extensions={"mine": 1})


@made_with(lambda _: {"params": {"p": "1"}})
async def parameters_on_the_way(s: Side) -> None:
    s.answers["/from"] = answer("", 302, location="/to")
    await s.get("/from", params={"q": "2"})


async def app_that_raises_behind_a_redirect(s: Side) -> None:
    s.answers["/from"] = answer("", 302, location="/raises")
    s.answers["/raises"] = LookupError("behind")
    await s.get("/from")
    await s.get("/from")
