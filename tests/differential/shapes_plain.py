"""Shapes: plain requests, methods, statuses, and the headers that a response may have."""

from __future__ import annotations

from tests.differential.app import Answer, answer
from tests.differential.sides import Side, made_with

__all__ = ()


async def one_url_three_times(s: Side) -> None:
    for _ in range(3):
        await s.get("/")


async def two_urls_in_turn(s: Side) -> None:
    for url in ("/a", "/b", "/a", "/b"):
        await s.get(url)


async def all_methods(s: Side) -> None:
    for name in ("get", "head", "options", "delete", "post", "put", "patch"):
        await s.call(name, "/methods")
    if hasattr(s.lib.Client, "query"):
        await s.call("query", "/methods")


async def methods_by_request(s: Side) -> None:
    for method in ("GET", "get", "gEt", "HEAD", "PURGE", "purge", "QUERY"):
        await s.call("request", method, "/requested")


async def head_with_a_length(s: Side) -> None:
    s.answers["/long"] = answer("", content_length="1234", content_type="text/html")
    await s.call("head", "/long")


async def success_statuses(s: Side) -> None:
    for status in (200, 201, 202, 203, 206, 207, 226, 299):
        s.answers["/status"] = answer("ok", status)
        await s.get("/status")


async def statuses_without_a_body(s: Side) -> None:
    for status in (204, 205, 304):
        s.answers["/empty"] = Answer(status, (), ())
        await s.get("/empty")


async def error_statuses(s: Side) -> None:
    for status in (400, 401, 404, 418, 422, 499, 500, 503, 599):
        s.answers["/status"] = answer("no", status)
        await s.get("/status")


async def status_that_nobody_knows(s: Side) -> None:
    for status in (299, 399, 600, 999):
        s.answers["/unknown"] = answer("?", status)
        await s.get("/unknown")


async def redirect_statuses_without_a_location(s: Side) -> None:
    for status in (300, 301, 302, 303, 307, 308):
        s.answers["/nowhere"] = answer("?", status)
        await s.get("/nowhere")


async def location_without_a_redirect(s: Side) -> None:
    for status in (200, 201, 300, 404):
        s.answers["/made"] = answer("made", status, location="/made/1")
        await s.get("/made")


async def answer_that_changes_between_calls(s: Side) -> None:
    told = [
        answer("one"), answer("two", 404), answer("", 204), answer('{"a": 1}', x="y"),
        answer("four", location="/", set_cookie="a=b"), answer("five"),
    ]  # fmt: skip
    for one in told:
        s.answers["/changing"] = Answer(
            one.status, one.headers, () if one.status == 204 else one.pieces
        )
        await s.get("/changing")


async def response_headers_repeated(s: Side) -> None:
    s.answers["/twice"] = answer(x_twice=["a", "b", "a"], vary="accept, cookie", x_empty="")
    await s.get("/twice")


async def response_headers_in_mixed_case(s: Side) -> None:
    pairs = ((b"Content-Type", b"Text/HTML; Charset=ISO-8859-1"), (b"X-Thing", b"v"))
    s.answers["/case"] = Answer(200, pairs, (b"caf\xe9",))
    await s.get("/case")


async def response_headers_beyond_ascii(s: Side) -> None:
    s.answers["/bytes"] = Answer(
        200, ((b"x-latin", b"caf\xe9"), (b"x-utf8", "\u4e2d".encode())), (b"",)
    )
    await s.get("/bytes")


async def response_without_headers(s: Side) -> None:
    s.answers["/bare"] = Answer(200, (), (b"bare",))
    await s.get("/bare")


async def link_headers(s: Side) -> None:
    links = '<http://testserver/2>; rel="next", </9>; rel=last; title="the \\"end\\""'
    s.answers["/links"] = answer(link=[links, "</x>"])
    s.answers["/broken"] = answer(link="<>;;; rel,")
    await s.get("/links")
    await s.get("/broken")


async def old_fashioned_cookie_header(s: Side) -> None:
    s.answers["/old"] = answer(set_cookie2='a="1"; Version="1"')
    await s.get("/old")


async def empty_body(s: Side) -> None:
    s.answers["/none"] = Answer(200, ((b"content-length", b"0"),), ())
    await s.get("/none")


async def body_in_many_pieces(s: Side) -> None:
    s.answers["/pieces"] = answer([b"a\r", b"\nb\n", b"\xe4\xb8", b"\xad\x85", b"c"])
    await s.get("/pieces")


async def large_body(s: Side) -> None:
    s.answers["/large"] = answer([b"x" * 70_000, b"y" * 70_000])
    await s.get("/large")


async def app_that_raises(s: Side) -> None:
    s.answers["/raises"] = ValueError("the app's own")
    await s.get("/raises")
    s.answers["/raises"] = answer("well again")
    await s.get("/raises")


async def app_that_raises_on_a_known_url(s: Side) -> None:
    s.answers["/fine"] = answer("fine")
    await s.get("/fine")
    s.answers["/fine"] = LookupError("gone")
    await s.get("/fine")
    await s.post("/fine")


@made_with(lambda _: {"follow_redirects": False})
async def built_and_sent(s: Side) -> None:
    request = s.client.build_request("GET", "/built", params={"a": 1}, headers={"x": "y"})
    s.note("built", request)
    await s.call("send", request)
    await s.call("send", request)
    s.note("sent twice", request)


async def built_by_hand(s: Side) -> None:
    request = s.lib.Request("POST", "http://testserver/by-hand", content=b"bytes")
    await s.call("send", request)
    await s.call("send", s.lib.Request("GET", "http://testserver/by-hand"), auth=("a", "b"))
    await s.call("send", s.lib.Request("GET", "/relative"))


async def sent_with_options(s: Side) -> None:
    s.answers["/away"] = answer("", 302, location="/there")
    for options in ({"follow_redirects": False}, {"follow_redirects": True}, {"auth": None}):
        request = s.client.build_request("GET", "/away")
        await s.call("send", request, **options)


async def options_that_are_wrong(s: Side) -> None:
    await s.get("/wrong")
    await s.get("/wrong", nonsense=1)
    await s.get("/wrong", auth=3)
    await s.get("/wrong", headers=3)
    await s.do("get(None)", lambda: s.client.get(None))
    await s.do("get(3)", lambda: s.client.get(3))
    await s.do("get(url=)", lambda: s.client.get(url="/wrong"))


async def timeouts(s: Side) -> None:
    for timeout in (None, 3, 2.5, (1, 2, 3, 4), s.lib.Timeout(5, read=None), s.lib.Timeout(None)):
        await s.get("/timed", timeout=timeout)


async def timeout_of_the_client_changed(s: Side) -> None:
    for timeout in (7, s.lib.Timeout(3, pool=1), None):
        s.client.timeout = timeout
        await s.get("/timed")
        await s.get("/timed")


@made_with(lambda s: {"timeout": s.lib.Timeout(4, connect=1)})
async def timeout_of_the_client(s: Side) -> None:
    await s.get("/timed")
    await s.get("/timed")
