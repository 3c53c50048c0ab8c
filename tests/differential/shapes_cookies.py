"""Shapes: cookies. Of the client, of a call, set by the app, changed in between."""

from __future__ import annotations

from http.cookiejar import CookieJar
from typing import Any

from tests.differential.app import answer
from tests.differential.sides import Side, made_with

__all__ = ()


def _jar(library: Any) -> CookieJar:
    jar = CookieJar()
    cookies = library.Cookies()
    cookies.set("jarred", "1", domain="testserver.local", path="/")
    cookies.set("everywhere", "2")
    for cookie in cookies.jar:
        jar.set_cookie(cookie)
    return jar


@made_with(lambda _: {"cookies": {"a": "1", "b": "2"}})
async def cookies_of_the_client(s: Side) -> None:
    await s.get("/c")
    await s.get("/c", cookies={"c": "3"})
    await s.get("http://elsewhere.test/c")
    await s.post("/c")


@made_with(lambda s: {"cookies": _jar(s.lib)})
async def jar_of_the_client(s: Side) -> None:
    await s.get("/c")
    await s.get("/c")
    s.client.cookies.set("more", "3")
    await s.get("/c")


@made_with(lambda s: {"cookies": [("a", "1"), ("a", "2"), ("b", "")]})
async def cookies_as_a_list(s: Side) -> None:
    await s.get("/c")


@made_with(lambda s: {"cookies": s.lib.Cookies({"z": "26", "y": "25"})})
async def cookies_as_an_object(s: Side) -> None:
    await s.get("/c")
    await s.get("/c", cookies=s.lib.Cookies({"x": "24"}))


@made_with(lambda s: {"headers": {"cookie": "by=hand"}})
async def cookie_header_of_the_client(s: Side) -> None:
    await s.get("/c")
    s.client.cookies.set("a", "1")
    await s.get("/c")
    s.client.cookies.clear()
    await s.get("/c")


async def cookie_header_of_a_call(s: Side) -> None:
    await s.get("/c", headers={"cookie": "by=hand"})
    s.client.cookies.set("a", "1")
    await s.get("/c", headers={"cookie": "by=hand"})
    s.client.cookies.clear()


async def cookies_of_a_call(s: Side) -> None:
    await s.get("/c", cookies={"once": "1"})
    await s.get("/c")


async def cookies_changed_between_calls(s: Side) -> None:
    for url in ("/c", "/d"):
        await s.get(url)
        s.client.cookies["a"] = "1"
        await s.get(url)
        s.client.cookies["a"] = "2"
        s.client.cookies.set("b", "3", domain="testserver.local", path="/c")
        await s.get(url)
        del s.client.cookies["a"]
        await s.get(url)
        s.client.cookies.update({"c": "4"})
        await s.get(url)
        s.client.cookies.delete("c")
        await s.get(url)
        s.client.cookies.clear()
        await s.get(url)


async def cookies_replaced_between_calls(s: Side) -> None:
    await s.get("/c")
    for cookies in ({"n": "1"}, s.lib.Cookies({"m": "2"}), _jar(s.lib), {}):
        s.client.cookies = cookies
        await s.get("/c")
        await s.get("/c")


async def cookies_changed_through_the_jar(s: Side) -> None:
    await s.get("/c")
    other = s.lib.Cookies({"j": "1", "k": "2"})
    for cookie in other.jar:
        s.client.cookies.jar.set_cookie(cookie)
    await s.get("/c")
    s.client.cookies.jar.clear("", "/", "j")
    await s.get("/c")
    s.client.cookies.jar.clear_session_cookies()
    await s.get("/c")
    s.client.cookies.jar = type(s.client.cookies.jar)()
    await s.get("/c")
    s.client.cookies.jar.set_cookie(cookie)
    await s.get("/c")
    s.client.cookies.clear()


async def cookie_changed_in_place(s: Side) -> None:
    s.client.cookies["a"] = "1"
    await s.get("/c")
    await s.get("/c")
    for cookie in s.client.cookies.jar:
        cookie.value = "2"
    await s.get("/c")
    s.client.cookies["b"] = "1"
    await s.get("/c")
    s.client.cookies.clear()


async def cookie_by_cookie_names(s: Side) -> None:
    s.client.cookies.set("same", "1", domain="testserver.local")
    s.client.cookies.set("same", "2", domain="")
    await s.get("/c")
    await s.do("conflict", lambda: s.client.cookies["same"])
    await s.do("delete of none", lambda: s.client.cookies.delete("no"))
    s.client.cookies.clear()


async def cookies_set_by_the_app(s: Side) -> None:
    s.answers["/set"] = answer(set_cookie=["a=1", "b=2; Path=/", "c=3; HttpOnly; SameSite=Lax"])
    await s.get("/before")
    await s.get("/set")
    await s.get("/before")
    await s.get("/set")
    await s.get("http://elsewhere.test/before")
    s.client.cookies.clear()
    await s.get("/before")


async def cookies_with_a_path(s: Side) -> None:
    s.answers["/deep/set"] = answer(set_cookie=["a=1; Path=/deep", "b=2", "c=3; Path=/other"])
    await s.get("/deep/set")
    for url in ("/deep/x", "/deep", "/deeper", "/", "/other/x"):
        await s.get(url)


async def cookies_with_a_domain(s: Side) -> None:
    domains = ("testserver", ".testserver", "testserver.local", "elsewhere.test", "")
    s.answers["/set"] = answer(
        set_cookie=[f"d{number}=1; Domain={domain}" for number, domain in enumerate(domains)]
    )
    await s.get("/set")
    await s.get("/after")
    s.answers["/sub"] = answer(set_cookie=["s=1; Domain=.elsewhere.test", "t=2"])
    await s.get("http://www.elsewhere.test/sub")
    await s.get("http://elsewhere.test/after")
    await s.get("http://api.elsewhere.test/after")
    s.client.cookies.clear()


async def cookies_that_are_secure(s: Side) -> None:
    s.answers["/set"] = answer(set_cookie=["a=1; Secure", "b=2"])
    await s.get("/set")
    await s.get("/after")
    await s.get("https://testserver/after")


async def cookies_that_expire(s: Side) -> None:
    s.answers["/set"] = answer(
        set_cookie=[
            "a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "b=2; Max-Age=3600", "c=3",
            "d=4; Expires=Wed, 21 Oct 2015 07:28:00 GMT", "e=5; Max-Age=0", "f=6; Expires=soon",
        ]
    )  # fmt: skip
    await s.get("/set")
    await s.get("/after")
    await s.get("/after")
    for cookie in s.client.cookies.jar:
        cookie.expires = 1_000_000
    await s.get("/after")
    await s.get("/after")


async def cookies_deleted_by_the_app(s: Side) -> None:
    s.answers["/set"] = answer(set_cookie=["a=1", "b=2"])
    s.answers["/delete"] = answer(set_cookie="a=; Max-Age=0; Path=/")
    await s.get("/set")
    await s.get("/after")
    await s.get("/delete")
    await s.get("/after")


async def cookies_that_are_odd(s: Side) -> None:
    s.answers["/odd"] = answer(
        set_cookie=['q="quoted; text"', "empty=", "nameonly", "=valueonly", "a=b=c", "x=\xe9", ""]
    )
    await s.get("/odd")
    await s.get("/after")


async def cookie_that_changes_each_time(s: Side) -> None:
    for number in range(3):
        s.answers["/session"] = answer(set_cookie=f"session={number}; Path=/")
        await s.get("/session")
        await s.get("/session")
    s.client.cookies.clear()


async def cookies_in_redirects(s: Side) -> None:
    s.answers["/login"] = answer("", 302, location="/home", set_cookie="session=1")
    s.answers["/logout"] = answer("", 302, location="/home", set_cookie="session=; Max-Age=0")
    await s.post("/login", data={"user": "ada"})
    await s.get("/home")
    await s.get("/logout")
    await s.get("/home")
    await s.get("/login", follow_redirects=False)


async def cookies_beside_a_cookie_of_a_call(s: Side) -> None:
    s.answers["/set"] = answer(set_cookie="kept=1")
    await s.get("/set", cookies={"once": "1"})
    await s.get("/after")
    s.client.cookies.clear()


async def new_urls_and_cookies_for_some_paths(s: Side) -> None:
    for number in range(3):
        await s.get(f"/plain/{number}")
    s.client.cookies.set("one", "1", path="/some")
    for path in ("/some/a", "/other/a", "/some/b", "/other/b", "/some/c", "/other/c"):
        await s.get(path)
    s.client.cookies.clear()
    for path in ("/some/d", "/other/d", "/some/e"):
        await s.get(path)
