# Generated from tests/client/test_requests.py by scripts/write_httpx.py.
"""What an httpx client can send, and how it goes on from an answer, works in every mode."""

from __future__ import annotations

import io
from collections.abc import Generator
from typing import Any

import httpx
import pytest

from tests.apps import mirror
from tests.apps.mirror import header_values, redirects, replies, routes
from tests.httpx.modes import OpenClient

# -- authentication ---------------------------------------------------------------------------


async def test_basic_auth_of_the_client_and_of_a_call(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror, auth=("ann", "secret")) as client:
        of_client = (await client.get("/")).json()
        of_call = (await client.get("/", auth=("bob", "pw"))).json()
        without = (await client.get("/", auth=None)).json()

    shown = [header_values(seen, "authorization") for seen in (of_client, of_call, without)]
    assert shown == [["Basic YW5uOnNlY3JldA=="], ["Basic Ym9iOnB3"], []]


async def test_user_and_password_in_the_url_are_basic_auth(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("http://ann:secret@testserver/")).json()

    assert header_values(seen, "authorization") == ["Basic YW5uOnNlY3JldA=="]


async def test_digest_auth_answers_the_challenge_with_the_same_body(
    open_client: OpenClient,
) -> None:
    auth = httpx.DigestAuth("ann", "secret")

    async with open_client(mirror.digest_guarded) as client:
        response = await client.post("/in", content=b"hello", auth=auth)

    assert (response.status_code, response.json()["body"]) == (200, "hello")
    assert [earlier.status_code for earlier in response.history] == [401]


async def test_digest_auth_with_a_wrong_password_ends_with_the_401(
    open_client: OpenClient,
) -> None:
    async with open_client(mirror.digest_guarded) as client:
        response = await client.get("/", auth=httpx.DigestAuth("ann", "wrong"))

    assert (response.status_code, response.text) == (401, "who?")


async def test_auth_callable_changes_the_request(open_client: OpenClient) -> None:
    def sign(request: httpx.Request) -> httpx.Request:
        request.headers["x-signed"] = request.url.path
        return request

    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/page", auth=sign)).json()

    assert header_values(seen, "x-signed") == ["/page"]


async def test_auth_flow_may_send_a_request_of_its_own(open_client: OpenClient) -> None:
    class Token(httpx.Auth):
        requires_response_body = True

        def auth_flow(
            self, request: httpx.Request
        ) -> Generator[httpx.Request, httpx.Response, None]:
            token = yield httpx.Request("POST", "http://testserver/token")
            request.headers["x-token"] = token.text
            yield request

    async with open_client(routes({"/token": replies(200, body=b"t0")})) as client:
        response = await client.get("/page", auth=Token())

    assert header_values(response.json(), "x-token") == ["t0"]


# -- cookies ----------------------------------------------------------------------------------


async def test_cookies_of_the_client_and_of_later_reach_the_app(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror, cookies={"a": "1"}) as client:
        first = (await client.get("/")).json()
        client.cookies.set("b", "2")
        second = (await client.get("/")).json()

    shown = [header_values(seen, "cookie") for seen in (first, second)]
    assert shown == [["a=1"], ["a=1; b=2"]]


async def test_cookies_of_the_app_are_kept_and_sent_back(open_client: OpenClient) -> None:
    set_both = [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2; Path=/")]

    async with open_client(routes({"/set": replies(headers=set_both)})) as client:
        response = await client.get("/set")
        seen = (await client.get("/")).json()

    assert dict(response.cookies) == {"a": "1", "b": "2"} == dict(client.cookies)
    assert header_values(seen, "cookie") == ["a=1; b=2"]


async def test_cookie_is_sent_back_below_its_path_only(open_client: OpenClient) -> None:
    app = routes({"/set": replies(headers=[(b"set-cookie", b"a=1; Path=/shop")])})

    async with open_client(app) as client:
        await client.get("/set")
        inside = (await client.get("/shop/list")).json()
        outside = (await client.get("/other")).json()

    assert header_values(inside, "cookie") == ["a=1"]
    assert header_values(outside, "cookie") == []


async def test_cookie_that_the_app_lets_expire_is_forgotten(open_client: OpenClient) -> None:
    app = routes({"/out": replies(headers=[(b"set-cookie", b"a=; Max-Age=0; Path=/")])})

    async with open_client(app) as client:
        client.cookies.set("a", "1", domain="testserver.local")
        before = (await client.get("/")).json()
        await client.get("/out")
        after = (await client.get("/")).json()

    shown = [header_values(seen, "cookie") for seen in (before, after)]
    assert shown == [["a=1"], []]


async def test_cookie_set_by_a_redirect_is_sent_to_its_target(open_client: OpenClient) -> None:
    moved = [(b"location", b"/home"), (b"set-cookie", b"in=yes; Path=/")]

    async with open_client(routes({"/login": replies(303, moved)})) as client:
        response = await client.post("/login")

    assert header_values(response.json(), "cookie") == ["in=yes"]


# -- redirects --------------------------------------------------------------------------------


async def test_redirects_are_followed_with_their_history(open_client: OpenClient) -> None:
    app = routes({"/a": redirects(301, b"/b"), "/b": redirects(307, b"/c?x=1")})

    async with open_client(app) as client:
        response = await client.get("/a")

    assert (response.json()["raw_path"], str(response.url)) == ("/c", "http://testserver/c?x=1")
    assert [(r.status_code, r.text, r.url.path) for r in response.history] == [
        (301, "moved", "/a"),
        (307, "moved", "/b"),
    ]


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", "x"), (308, "POST", "x")],
)
async def test_redirect_of_a_post_changes_the_method_by_status(
    open_client: OpenClient, status: int, method: str, body: str
) -> None:
    async with open_client(routes({"/a": redirects(status, b"/b")})) as client:
        seen = (await client.post("/a", content=b"x")).json()

    assert (seen["method"], seen["body"]) == (method, body)


async def test_put_that_is_answered_by_303_becomes_a_get_and_head_stays(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    app = mirror.logs_requests(log, routes({"/a": redirects(303, b"/b")}))

    async with open_client(app) as client:
        await client.put("/a", content=b"x")
        await client.head("/a")

    assert log == ["PUT /a", "GET /b", "HEAD /a", "HEAD /b"]


async def test_too_many_redirects_raise_after_the_allowed_ones(open_client: OpenClient) -> None:
    log: list[str] = []
    app = mirror.logs_requests(log, redirects(302, b"/again"))

    async with open_client(app, max_redirects=2) as client:
        with pytest.raises(httpx.TooManyRedirects, match="Exceeded maximum"):
            await client.get("/")

    assert log == ["GET /", "GET /again", "GET /again"]


async def test_redirect_that_is_not_followed_has_the_next_request(
    open_client: OpenClient,
) -> None:
    async with open_client(routes({"/a": redirects(302, b"/b")})) as client:
        response = await client.get("/a", follow_redirects=False)
        following = await client.send(response.next_request)

    assert (response.status_code, response.has_redirect_location) == (302, True)
    assert (response.text, following.json()["raw_path"]) == ("moved", "/b")


async def test_client_without_follow_redirects_follows_where_the_call_says_so(
    open_client: OpenClient,
) -> None:
    app = routes({"/a": redirects(302, b"/b")})

    async with open_client(app, follow_redirects=False) as client:
        stayed = await client.get("/a")
        followed = await client.get("/a", follow_redirects=True)

    assert (stayed.status_code, followed.json()["raw_path"]) == (302, "/b")


async def test_redirect_to_another_host_drops_the_authorization(open_client: OpenClient) -> None:
    app = routes({"/a": redirects(302, b"http://elsewhere:81/b")})

    async with open_client(app, auth=("ann", "secret")) as client:
        seen = (await client.get("/a")).json()

    assert header_values(seen, "authorization") == []
    assert (header_values(seen, "host"), seen["server"]) == (["elsewhere:81"], ["elsewhere", 81])


async def test_stream_follows_redirects(open_client: OpenClient) -> None:
    app = routes({"/a": redirects(302, b"/b")}, mirror.sends_pieces(b"one", b"two"))

    async with open_client(app) as client, client.stream("GET", "/a") as response:
        body = await response.aread()

    assert (body, len(response.history)) == (b"onetwo", 1)


# -- what a request carries -------------------------------------------------------------------


async def test_params_of_client_and_call_are_merged_and_replace_the_urls(
    open_client: OpenClient,
) -> None:
    async with open_client(mirror.mirror, params={"a": "1"}) as client:
        merged = (await client.get("/", params={"b": ["2", "ü &"]})).json()
        alone = (await client.get("/?c=3")).json()

    assert merged["query"] == "a=1&b=2&b=%C3%BC+%26"
    assert (merged["raw_path"], alone["query"]) == ("/", "a=1")


async def test_json_form_and_text_bodies_have_their_content_types(
    open_client: OpenClient,
) -> None:
    async with open_client(mirror.mirror) as client:
        as_json = (await client.post("/", json={"a": [1, None]})).json()
        form = (await client.put("/", data={"a": "1", "b": ["2", "3 4"]})).json()
        text = (await client.patch("/", content="ü")).json()

    assert (as_json["body"], header_values(as_json, "content-type")) == (
        '{"a":[1,null]}',
        ["application/json"],
    )
    assert (form["body"], header_values(form, "content-type")) == (
        "a=1&b=2&b=3+4",
        ["application/x-www-form-urlencoded"],
    )
    assert (text["body"], header_values(text, "content-length")) == ("Ã¼", ["2"])


async def test_several_files_and_fields_arrive_as_multipart(open_client: OpenClient) -> None:
    files = [
        ("one", ("a.txt", b"first", "text/plain")),
        ("one", ("b.bin", io.BytesIO(b"\x00\xff"))),
        ("two", b"bare"),
    ]

    async with open_client(mirror.mirror) as client:
        seen = (await client.post("/", files=files, data={"field": "v"})).json()

    assert mirror.multipart_parts(seen) == [
        ("field", None, b"v"),
        ("one", "a.txt", b"first"),
        ("one", "b.bin", b"\x00\xff"),
        ("two", "upload", b"bare"),
    ]


async def test_generator_body_is_chunked(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        response = await client.post("/", content=open_client.upload([b"one", b"", b"two"]))

    seen = response.json()
    assert seen["body"] == "onetwo"
    assert header_values(seen, "transfer-encoding") == ["chunked"]
    assert header_values(seen, "content-length") == []


async def test_body_of_the_wrong_kind_is_refused_as_httpx_does(open_client: OpenClient) -> None:
    async def for_async() -> Any:
        yield b"x"

    wrong = for_async() if open_client.is_blocking else iter([b"x"])

    async with open_client(mirror.mirror) as client:
        with pytest.raises(RuntimeError, match=r"Attempted to send an? a?sync request"):
            await client.post("/", content=wrong)


async def test_file_object_is_the_body_with_its_length(open_client: OpenClient) -> None:
    class AsyncFile(io.BytesIO):
        __iter__ = None  # type: ignore[assignment]

        def __aiter__(self) -> Any:
            raise NotImplementedError

        async def aread(self, size: int) -> bytes:
            return self.read(size)

    kind = io.BytesIO if open_client.is_blocking else AsyncFile

    async with open_client(mirror.mirror) as client:
        seen = (await client.post("/", content=kind(b"x" * 70_000))).json()

    assert seen["body"] == "x" * 70_000
    expected = ["70000"] if open_client.is_blocking else []
    assert header_values(seen, "content-length") == expected


async def test_every_method_reaches_the_app_by_its_name(open_client: OpenClient) -> None:
    names = ("get", "options", "post", "put", "patch", "delete", "query")

    async with open_client(mirror.mirror) as client:
        seen = [(await getattr(client, name)("/")).json()["method"] for name in names]
        own = (await client.request("PURGE", "/")).json()["method"]

    assert [*seen, own] == [*map(str.upper, names), "PURGE"]


async def test_query_has_a_body(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.query("/", json={"find": "it"})).json()

    assert (seen["method"], seen["body"]) == ("QUERY", '{"find":"it"}')


# -- event hooks ------------------------------------------------------------------------------


def hooks(open_client: OpenClient, log: list[str]) -> dict[str, list[Any]]:
    """Return hooks that note what they see, plain or async as the mode's client wants them."""

    def on_request(request: httpx.Request) -> None:
        log.append(f"{request.method} {request.url.path}")
        request.headers["x-hooked"] = "yes"

    def on_response(response: httpx.Response) -> None:
        log.append(str(response.status_code))

    async def on_request_async(request: httpx.Request) -> None:
        on_request(request)

    async def on_response_async(response: httpx.Response) -> None:
        log.append((await response.aread()).decode()[:5])
        on_response(response)

    if open_client.is_blocking:
        return {"request": [on_request], "response": [on_response]}
    return {"request": [on_request_async], "response": [on_response_async]}


async def test_event_hooks_see_every_request_of_a_redirect_chain(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    app = routes({"/a": redirects(302, b"/b"), "/b": replies(200, body=b"there")})

    async with open_client(app, event_hooks=hooks(open_client, log)) as client:
        await client.get("/a")

    bodies = [] if open_client.is_blocking else ["moved", "there"]
    assert [line for line in log if line not in bodies] == ["GET /a", "302", "GET /b", "200"]
    assert [line for line in log if line in bodies] == bodies


async def test_request_hook_changes_what_the_app_sees(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        await client.get("/")
        client.event_hooks.update(hooks(open_client, []))
        seen = (await client.get("/")).json()

    assert header_values(seen, "x-hooked") == ["yes"]


async def test_exception_of_a_response_hook_arrives_and_the_client_goes_on(
    open_client: OpenClient,
) -> None:
    def refuse(response: httpx.Response) -> None:
        response.raise_for_status()

    async def refuse_async(response: httpx.Response) -> None:
        refuse(response)

    hook = refuse if open_client.is_blocking else refuse_async
    app = routes({"/no": replies(403)})

    async with open_client(app, event_hooks={"response": [hook]}) as client:
        with pytest.raises(httpx.HTTPStatusError, match="403 Forbidden"):
            await client.get("/no")

        assert (await client.get("/")).status_code == 200
