"""What users do with a client over HTTP, spelled alike for every library."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.apps import mirror, raw
from tests.apps.mirror import header_values, redirects, replies, routes
from tests.scenarios.libraries import OpenAnyClient

COOKIES = [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Path=/; HttpOnly")]


# -- what a request carries -------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
async def test_every_method_reaches_the_app(open_client: OpenAnyClient, method: str) -> None:
    log: list[str] = []

    async with open_client(mirror.logs_requests(log, mirror.mirror)) as client:
        response = await getattr(client, method)("/shelf")

    assert (log, response.status_code) == ([f"{method.upper()} /shelf"], 200)


async def test_request_sends_a_method_of_any_name(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        response = await client.request("DELETE", "/shelf", content=b"which")
        other = await client.request("PROPFIND", "/shelf")

    assert (response.json()["method"], response.json()["body"]) == ("DELETE", "which")
    assert other.json()["method"] == "PROPFIND"


async def test_params_are_encoded_into_the_query(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/", params={"a": "1", "b": ["2", "ü &"]})).json()

    assert (seen["query"], seen["raw_path"]) == ("a=1&b=2&b=%C3%BC+%26", "/")


async def test_params_of_the_client_go_with_each_request(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror, params={"a": "1"}) as client:
        plain = (await client.get("/")).json()
        merged = (await client.get("/", params={"b": "2"})).json()

    assert (plain["query"], merged["query"]) == ("a=1", "a=1&b=2")


async def test_params_meet_the_query_of_the_url_as_ever(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/?a=1", params={"b": "2"})).json()
        alone = (await client.get("/?a=1")).json()

    merged = "b=2" if open_client.library.params_replace_the_query else "a=1&b=2"
    assert (seen["query"], alone["query"]) == (merged, "a=1")


async def test_path_is_decoded_once_and_kept_raw_beside_it(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/a%2Fb/c%20d#part")).json()

    assert (seen["path"], seen["raw_path"]) == ("/a/b/c d", "/a%2Fb/c%20d")


@pytest.mark.in_process_only("addresses and scheme of the scope are the server's")
@pytest.mark.parametrize(
    ("url", "host", "server"),
    [
        ("/items", "api.test:8443", ["api.test", 8443]),
        ("items", "api.test:8443", ["api.test", 8443]),
        ("http://other.test/items", "other.test", ["other.test", 80]),
    ],
)
async def test_relative_urls_are_joined_to_base_url(
    open_client: OpenAnyClient, url: str, host: str, server: list[Any]
) -> None:
    async with open_client(mirror.mirror, base_url="https://api.test:8443") as client:
        seen = (await client.get(url)).json()

    assert (header_values(seen, "host"), seen["server"]) == ([host], server)
    assert seen["raw_path"] == "/items"


@pytest.mark.parametrize("base_url", ["http://testserver/v1", "http://testserver/v1/"])
async def test_path_of_base_url_stands_before_relative_urls(
    open_client: OpenAnyClient, base_url: str
) -> None:
    async with open_client(mirror.mirror, base_url=base_url) as client:
        paths = [(await client.get(url)).json()["raw_path"] for url in ("/items", "items?a=1")]

    assert paths == ["/v1/items", "/v1/items"]


@pytest.mark.in_process_only("addresses and scheme of the scope are the server's")
async def test_scope_says_who_asks_and_how(open_client: OpenAnyClient) -> None:
    options: dict[str, Any] = {"client": ("10.0.0.1", 5), "http_version": "2"}

    async with open_client(mirror.mirror, root_path="/mount", **options) as client:
        seen = (await client.get("/x")).json()

    assert (seen["root_path"], seen["path"], seen["client"]) == ("/mount", "/x", ["10.0.0.1", 5])
    assert (seen["http_version"], seen["scheme"]) == ("2", "http")


async def test_headers_of_client_and_call_are_sent(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror, headers={"X-Client": "1", "X-Both": "client"}) as client:
        seen = (await client.get("/", headers={"X-Own": "2", "X-Both": "call"})).json()

    names = ("x-client", "x-own", "x-both", "user-agent", "host")
    assert [header_values(seen, name) for name in names] == [
        *(["1"], ["2"], ["call"], ["testclient"], ["testserver"]),
    ]


async def test_headers_of_the_client_can_be_changed_later(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror, headers={"Authorization": "Bearer t0"}) as client:
        before = (await client.get("/")).json()
        client.headers["Authorization"] = "Bearer t1"
        after = (await client.get("/")).json()

    sent = [header_values(seen, "authorization") for seen in (before, after)]
    assert sent == [["Bearer t0"], ["Bearer t1"]]


async def test_header_bytes_pass_as_they_are(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/", headers={"X-Raw": b"caf\xe9"})).json()

    assert header_values(seen, "x-raw") == ["café"]


@pytest.mark.in_process_only("a connection has buffers of its own")
async def test_large_content_arrives_in_pieces_of_64_kib(open_client: OpenAnyClient) -> None:
    async with open_client(raw.upload_sizes) as client:
        small = await client.post("/", content=bytes(64 * 1024))
        large = await client.post("/", content=bytes(130 * 1024))

    assert (small.text, large.text) == ("65536", "65536,65536,2048")


async def test_json_arrives_with_its_content_type(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.post("/", json={"a": [1, None]})).json()

    assert json.loads(seen["body"]) == {"a": [1, None]}
    assert header_values(seen, "content-type") == ["application/json"]


async def test_form_arrives_encoded(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.put("/", data={"a": "1", "b": ["2", "3 4"]})).json()

    assert seen["body"] == "a=1&b=2&b=3+4"
    assert header_values(seen, "content-type") == ["application/x-www-form-urlencoded"]


@pytest.mark.parametrize("content", [b"raw bytes", "raw bytes"])
async def test_content_arrives_as_it_is_with_its_length(
    open_client: OpenAnyClient, content: str | bytes
) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.patch("/", content=content)).json()

    assert (seen["body"], header_values(seen, "content-length")) == ("raw bytes", ["9"])


async def test_files_and_fields_arrive_as_multipart(open_client: OpenAnyClient) -> None:
    files = [("one", ("a.txt", b"first", "text/plain")), ("one", ("b.bin", b"\x00\xff"))]

    async with open_client(mirror.mirror) as client:
        seen = (await client.post("/", files=files, data={"field": "v"})).json()

    assert mirror.multipart_parts(seen) == [
        ("field", None, b"v"),
        ("one", "a.txt", b"first"),
        ("one", "b.bin", b"\x00\xff"),
    ]


# -- cookies ----------------------------------------------------------------------------------


async def test_cookies_of_the_client_and_of_later_are_sent(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror, cookies={"a": "1"}) as client:
        first = (await client.get("/")).json()
        client.cookies.set("b", "2")
        second = (await client.get("/")).json()

    shown = [header_values(seen, "cookie") for seen in (first, second)]
    assert shown == [["a=1"], ["a=1; b=2"]]


async def test_cookies_of_the_app_are_kept_and_sent_back(open_client: OpenAnyClient) -> None:
    async with open_client(routes({"/login": replies(headers=COOKIES)})) as client:
        response = await client.get("/login")
        seen = (await client.get("/")).json()

    assert dict(response.cookies) == {"a": "1", "b": "2"} == dict(client.cookies)
    assert header_values(seen, "cookie") == ["a=1; b=2"]


async def test_cookie_is_sent_below_its_path_only(open_client: OpenAnyClient) -> None:
    app = routes({"/set": replies(headers=[(b"set-cookie", b"a=1; Path=/shop")])})

    async with open_client(app) as client:
        await client.get("/set")
        inside = (await client.get("/shop/list")).json()
        outside = (await client.get("/other")).json()

    shown = [header_values(seen, "cookie") for seen in (inside, outside)]
    assert shown == [["a=1"], []]


async def test_cookie_that_the_app_lets_expire_is_forgotten(open_client: OpenAnyClient) -> None:
    gone = [(b"set-cookie", b"a=; Max-Age=0; Path=/")]
    app = routes({"/in": replies(headers=COOKIES), "/out": replies(headers=gone)})

    async with open_client(app) as client:
        await client.get("/in")
        await client.get("/out")
        seen = (await client.get("/")).json()

    assert (header_values(seen, "cookie"), dict(client.cookies)) == (["b=2"], {"b": "2"})


# -- auth -------------------------------------------------------------------------------------


async def test_basic_auth_of_client_and_call_is_sent(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror, auth=("ann", "secret")) as client:
        of_client = (await client.get("/")).json()
        of_call = (await client.get("/", auth=("bob", "other"))).json()

    sent = [header_values(seen, "authorization") for seen in (of_client, of_call)]
    assert sent == [["Basic YW5uOnNlY3JldA=="], ["Basic Ym9iOm90aGVy"]]


async def test_user_and_password_in_the_url_are_basic_auth(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("http://ann:secret@testserver/")).json()

    assert header_values(seen, "authorization") == ["Basic YW5uOnNlY3JldA=="]
    assert header_values(seen, "host") == ["testserver"]


async def test_digest_auth_answers_the_challenge(open_client: OpenAnyClient) -> None:
    auth = open_client.library.digest("ann", "secret")

    async with open_client(mirror.digest_guarded) as client:
        response = await client.post("/in", content=b"hello", auth=auth)

    assert (response.status_code, response.json()["body"]) == (200, "hello")
    assert [earlier.status_code for earlier in response.history] == [401]


async def test_auth_may_be_a_function_that_signs_the_request(open_client: OpenAnyClient) -> None:
    def sign(request: Any) -> Any:
        request.headers["X-Signed"] = f"{request.method} by ann"
        return request

    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/", auth=sign)).json()

    assert header_values(seen, "x-signed") == ["GET by ann"]


# -- redirects --------------------------------------------------------------------------------


async def test_redirects_are_followed_with_their_history(open_client: OpenAnyClient) -> None:
    app = routes({"/a": redirects(301, b"/b"), "/b": redirects(307, b"/c?x=1")})

    async with open_client(app) as client:
        response = await client.get("/a")

    assert (response.json()["raw_path"], str(response.url)) == ("/c", "http://testserver/c?x=1")
    assert [(r.status_code, r.text, str(r.url)) for r in response.history] == [
        (301, "moved", "http://testserver/a"),
        (307, "moved", "http://testserver/b"),
    ]


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", ""), (302, "GET", ""), (303, "GET", ""), (307, "POST", "x"), (308, "POST", "x")],
)
async def test_redirect_of_a_post_changes_the_method_by_status(
    open_client: OpenAnyClient, status: int, method: str, body: str
) -> None:
    async with open_client(routes({"/a": redirects(status, b"/b")})) as client:
        seen = (await client.post("/a", content=b"x")).json()

    assert (seen["method"], seen["body"]) == (method, body)


async def test_redirects_are_not_followed_where_the_call_says_so(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(routes({"/a": redirects(302, b"/b")})) as client:
        response = await client.get("/a", follow_redirects=False)

    assert (response.status_code, response.headers["location"], response.text) == (
        *(302, "/b", "moved"),
    )
    assert (response.is_redirect, list(response.history)) == (True, [])


async def test_client_that_follows_no_redirects_does_where_the_call_says_so(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(routes({"/a": redirects(302, b"/b")}), follow_redirects=False) as client:
        stayed = await client.get("/a")
        followed = await client.get("/a", follow_redirects=True)

    assert (stayed.status_code, followed.json()["raw_path"]) == (302, "/b")


async def test_redirect_of_head_is_followed_as_the_library_does(
    open_client: OpenAnyClient,
) -> None:
    async with open_client(routes({"/a": redirects(302, b"/b")})) as client:
        response = await client.head("/a")

    expected = 200 if open_client.library.head_follows_redirects else 302
    assert response.status_code == expected


async def test_endless_redirect_ends_with_the_librarys_error(open_client: OpenAnyClient) -> None:
    log: list[str] = []
    app = mirror.logs_requests(log, redirects(302, b"/again"))

    async with open_client(app, max_redirects=2) as client:
        with pytest.raises(open_client.library.too_many_redirects, match="Exceeded"):
            await client.get("/")

    assert log == ["GET /", "GET /again", "GET /again"]


async def test_cookie_set_by_a_redirect_is_sent_to_its_target(open_client: OpenAnyClient) -> None:
    moved = replies(303, [(b"location", b"/home"), *COOKIES])

    async with open_client(routes({"/login": moved})) as client:
        seen = (await client.post("/login", data={"name": "ann"})).json()

    assert (seen["method"], seen["path"]) == ("GET", "/home")
    assert header_values(seen, "cookie") == ["a=1; b=2"]


@pytest.mark.in_process_only("addresses and scheme of the scope are the server's")
async def test_redirect_to_another_host_drops_the_authorization(
    open_client: OpenAnyClient,
) -> None:
    app = routes({"/a": redirects(302, b"http://elsewhere:81/b")})

    async with open_client(app) as client:
        seen = (await client.get("/a", auth=("ann", "secret"))).json()

    assert (header_values(seen, "authorization"), seen["server"]) == ([], ["elsewhere", 81])


# -- responses --------------------------------------------------------------------------------


async def test_response_has_status_headers_and_body(open_client: OpenAnyClient) -> None:
    headers = [(b"x-one", b"1"), (b"x-many", b"1"), (b"x-many", b"2")]

    async with open_client(replies(201, headers, b'{"a": 1}')) as client:
        response = await client.post("/")

    assert (response.status_code, response.content, response.text) == (201, b'{"a": 1}', '{"a": 1}')
    assert (response.json(), response.headers["X-One"]) == ({"a": 1}, "1")
    assert response.headers["x-many"] == "1, 2"


async def test_response_knows_its_request_and_its_time(open_client: OpenAnyClient) -> None:
    async with open_client(raw.hello) as client:
        response = await client.post("/shelf", content=b"x")

    assert (response.request.method, str(response.request.url)) == (
        *("POST", "http://testserver/shelf"),
    )
    assert response.elapsed.total_seconds() > 0


@pytest.mark.parametrize("status", [404, 500])
async def test_error_status_is_raised_when_asked(open_client: OpenAnyClient, status: int) -> None:
    async with open_client(replies(status)) as client:
        response = await client.get("/lost")

    with pytest.raises(open_client.library.status_error, match=str(status)) as caught:
        response.raise_for_status()
    assert caught.value.response is response


async def test_good_status_is_not_raised(open_client: OpenAnyClient) -> None:
    async with open_client(replies(204)) as client:
        response = await client.delete("/shelf")
        response.raise_for_status()

    assert (response.status_code, response.content) == (204, b"")


async def test_text_is_decoded_by_the_charset(open_client: OpenAnyClient) -> None:
    headers = [(b"content-type", b"text/plain; charset=latin-1")]

    async with open_client(replies(headers=headers, body=b"caf\xe9")) as client:
        response = await client.get("/")

    assert (response.text, response.content) == ("café", b"caf\xe9")


async def test_gzip_is_decoded(open_client: OpenAnyClient) -> None:
    packed = gzip.compress(b"a whale")

    async with open_client(
        replies(headers=[(b"content-encoding", b"gzip")], body=packed)
    ) as client:
        response = await client.get("/")

    assert response.text == "a whale"


async def test_response_of_head_has_no_body(open_client: OpenAnyClient) -> None:
    async with open_client(replies(headers=[(b"content-length", b"5")], body=b"12345")) as client:
        response = await client.head("/")

    assert (response.headers["content-length"], response.content) == ("5", b"")


@pytest.mark.in_process_only("no server offers http.response.debug")
async def test_template_and_context_are_on_the_response(open_client: OpenAnyClient) -> None:
    async with open_client(mirror.with_debug) as client:
        response: Any = await client.get("/")

    assert (response.template, response.context) == ("page.html", {"user": "ann"})
