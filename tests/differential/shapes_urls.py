"""Shapes: URLs, usual and odd; parameters; and base URLs that change."""

from __future__ import annotations

from tests.differential.sides import Side, made_with

__all__ = ()

_ODD = (
    "", "?a", "?", "#part", "/x#part", "//x/y", "//testserver/y", "/a/../b", "/./a", "/a//b",
    "/%2F", "/%2f%41", "/a%20b", "/a b", "/caf\u00e9", "/\u4e2d?\u4e2d=\u00e9", "/a;b=c",
    "/a?b=c?d", "/a?b=%", "/%zz", "x", "x/y", "../x", "./x", "/:x", "/@x", "/a?b=c&b=d&e",
    "/a?b=c+d%2B", "/x/", "/~a!$&'()*+,;=", "/[x]", "/a\\b", "/a|b", '/"q"', "/a?q='x'", "/a?b#c?d",
)  # fmt: skip


async def odd_urls(s: Side) -> None:
    for url in _ODD:
        await s.get(url)


@made_with(lambda _: {"base_url": "http://testserver/v1/"})
async def odd_urls_below_a_path(s: Side) -> None:
    for url in _ODD:
        await s.get(url)


async def new_urls_one_after_the_other(s: Side) -> None:
    for number in range(6):
        await s.get(f"/items/{number}?q={number}")
    await s.get("/items/1?q=1")
    for url in _ODD[:12]:
        await s.get(url)


async def new_urls_after_a_change(s: Side) -> None:
    changes: tuple[tuple[str, object], ...] = (
        ("headers", {"x-late": "1"}), ("timeout", 7.0), ("base_url", "http://b.test/v2"),
        ("base_url", "http://testserver:81"), ("params", {"a": "1"}), ("params", {}),
    )  # fmt: skip
    for name, value in changes:
        for number in range(3):
            await s.get(f"/before/{name}/{number}")
        setattr(s.client, name, value)
        for number in range(3):
            await s.get(f"/after/{name}/{number}")
    s.client.headers["x-later"] = "2"
    await s.get("/one-more")
    s.client.timeout.read = 3.0
    await s.get("/and-one-more")


async def urls_that_are_refused(s: Side) -> None:
    for url in ("/a\nb", "/a\x00b", "http://", "http://[::1", "http://x:99999/", "/" * 70_000,
                "ftp://testserver/x", "mailto:x", "http:///x", "x" * 70_000):  # fmt: skip
        await s.do(f"get {url[:20]!r}", lambda url=url: s.client.get(url))


async def absolute_urls(s: Side) -> None:
    for url in (
        "http://testserver/x", "HTTP://TestServer/x", "http://testserver:80/x", "http://testserver",
        "http://testserver:8080/x", "https://testserver/x", "http://elsewhere.test/x?a=1",
        "http://[::1]/x", "http://[::1]:8000/x", "http://127.0.0.1/x", "http://b\u00fccher.test/x",
    ):  # fmt: skip
        await s.get(url)


async def url_objects(s: Side) -> None:
    for url in ("/x", "http://testserver/x?a=1", "http://elsewhere.test", ""):
        await s.get(s.lib.URL(url))
        await s.get(s.lib.URL(url))


async def url_of_a_derived_string(s: Side) -> None:
    class Path(str):
        def __str__(self) -> str:
            return "/another"

    await s.get(Path("/x"))
    await s.get("/x")
    await s.get(Path("/x"))


async def base_urls(s: Side) -> None:
    for base in ("http://testserver/v1", "http://testserver/v1/", "http://testserver:81",
                 "https://elsewhere.test/a/b", "http://testserver/?q=1"):  # fmt: skip
        s.client.base_url = base
        for url in ("/x", "x", "", "http://testserver/x"):
            await s.get(url)
    s.client.base_url = s.lib.URL("http://testserver")
    await s.get("/x")


async def base_url_of_the_same_text(s: Side) -> None:
    await s.get("/x")
    s.client.base_url = str(s.client.base_url)
    await s.get("/x")


async def params(s: Side) -> None:
    for value in (
        {"a": "1"}, {"a": ["1", "2"]}, {"a": None, "b": True, "c": 2.5}, [("a", "1"), ("a", "2")],
        "a=1&b=2", b"a=1", {}, [], "", None, s.lib.QueryParams("x=1&x=2"), {"\u00e9": "&= +%"},
        {"a": ("x", "y")}, {"a": ""}, (("t", 1),),
    ):  # fmt: skip
        await s.get("/p", params=value)
        await s.get("/p?old=1#part", params=value)


@made_with(lambda _: {"params": {"client": "1", "both": "c"}})
async def params_of_the_client(s: Side) -> None:
    await s.get("/p")
    await s.get("/p?own=1")
    await s.get("/p", params={"both": "call", "more": "2"})
    await s.get("/p", params=None)


async def params_of_the_client_changed(s: Side) -> None:
    await s.get("/p")
    for value in ({"a": "1"}, "b=2", None, {}):
        s.client.params = value
        await s.get("/p")
        await s.get("/p?x=1")


async def params_that_are_wrong(s: Side) -> None:
    for value in (3, object(), [("a",)], {"a": {}}):
        await s.do("get with params", lambda value=value: s.client.get("/p", params=value))
