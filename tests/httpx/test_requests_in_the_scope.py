# Generated from tests/client/test_requests_in_the_scope.py by scripts/write_httpx.py.
"""What the scope tells about a request, and what comes back in a response, in every mode."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from asgi_testkit import UsageError
from asgi_testkit.httpx import additions
from tests.apps import mirror
from tests.apps.mirror import header_values, redirects, replies, routes
from tests.httpx.modes import OpenClient

# -- the URL ----------------------------------------------------------------------------------


async def test_base_url_with_a_path_stands_before_relative_urls(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror, base_url="https://api.test:8443/v1") as client:
        relative = (await client.get("/items")).json()
        absolute = (await client.get("http://other.test/items")).json()

    assert (relative["raw_path"], relative["scheme"]) == ("/v1/items", "https")
    assert (relative["server"], header_values(relative, "host")) == (
        ["api.test", 8443],
        ["api.test:8443"],
    )
    assert (absolute["raw_path"], absolute["server"]) == ("/items", ["other.test", 80])


async def test_encoded_path_is_decoded_once_and_kept_raw(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/a%2Fb/%C3%BC%2520?q=%2F")).json()

    assert (seen["path"], seen["raw_path"], seen["query"]) == (
        "/a/b/ü%20",
        "/a%2Fb/%C3%BC%2520",
        "q=%2F",
    )


async def test_fragment_does_not_reach_the_app(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/page?a=1#part")).json()

    assert (seen["raw_path"], seen["query"]) == ("/page", "a=1")


async def test_root_path_stands_beside_the_path(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror, root_path="/mount") as client:
        seen = (await client.get("/x")).json()

    assert (seen["root_path"], seen["path"], seen["raw_path"]) == ("/mount", "/x", "/x")


# -- options of the client that the scope shows -----------------------------------------------


async def test_scope_shows_the_defaults_of_the_client(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.get("/")).json()

    assert (seen["client"], seen["server"]) == (["testclient", 50000], ["testserver", 80])
    assert (seen["http_version"], seen["scheme"], seen["state"]) == ("1.1", "http", {})


async def test_server_and_client_are_what_the_options_say(open_client: OpenClient) -> None:
    options: dict[str, Any] = {"server": ("10.0.0.1", 8000), "client": None}

    async with open_client(mirror.mirror, **options) as client:
        seen = (await client.get("http://elsewhere/")).json()

    assert (seen["server"], seen["client"]) == (["10.0.0.1", 8000], None)


async def test_http_version_is_in_scope_and_response(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror, http_version="2") as client:
        response = await client.get("/")

    assert (response.json()["http_version"], response.http_version) == ("2", "HTTP/2")


async def test_state_of_the_client_is_copied_into_each_scope(open_client: OpenClient) -> None:
    state = {"db": "in memory"}

    async with open_client(mirror.mirror, state=state) as client:
        seen = (await client.get("/")).json()

    assert (seen["state"], state) == ({"db": "in memory"}, {"db": "in memory"})


async def test_scope_extension_of_a_call_sets_scope_keys(open_client: OpenClient) -> None:
    extensions = {"scope": {"user": "x", "client": ["1.2.3.4", 5]}}

    async with open_client(mirror.mirror) as client:
        with_user = (await client.get("/", extensions=extensions)).json()
        without = (await client.get("/")).json()

    assert (with_user["user"], with_user["client"]) == ("x", ["1.2.3.4", 5])
    assert "user" not in without
    assert extensions == {"scope": {"user": "x", "client": ["1.2.3.4", 5]}}


# -- raw targets ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"*", "*", ""),
        (b"/a/../b", "/a/../b", ""),
        (b"/./a//", "/./a//", ""),
        (b"//x", "//x", ""),
        (b"/\xfc?\xff=1", "/\ufffd", "\xff=1"),
        (b"/\xc3\xbc", "/ü", ""),
        (b"http://proxy.test/x?y", "http://proxy.test/x", "y"),
    ],
)
async def test_raw_target_reaches_the_app_as_it_is(
    open_client: OpenClient, target: bytes, path: str, query: str
) -> None:
    async with open_client(mirror.mirror) as client:
        seen = (await client.options("/", extensions={"target": target})).json()

    assert seen["raw_path"].encode("latin-1") == target.partition(b"?")[0]
    assert (seen["method"], seen["path"], seen["query"]) == ("OPTIONS", path, query)


async def test_raw_target_is_for_the_first_request_of_a_redirect_chain(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    app = routes({"//x": redirects(302, b"/b"), "/b": redirects(307, b"/c")})

    async with open_client(mirror.logs_requests(log, app)) as client:
        await client.get("/a", extensions={"target": b"//x"})

    assert log == ["GET //x", "GET /b", "GET /c"]


async def test_raw_target_is_kept_in_the_retry_of_digest_auth(open_client: OpenClient) -> None:
    log: list[str] = []
    app = mirror.logs_requests(log, mirror.digest_guarded)
    auth = httpx.DigestAuth("ann", "secret")

    async with open_client(app) as client:
        response = await client.get("/a", auth=auth, extensions={"target": b"/x/../a"})

    assert (response.status_code, log) == (200, ["GET /x/../a", "GET /x/../a"])


async def test_extensions_of_the_caller_serve_for_two_calls(open_client: OpenClient) -> None:
    extensions = {"target": b"//x"}

    async with open_client(mirror.mirror) as client:
        paths = [
            (await client.get("/", extensions=extensions)).json()["raw_path"] for _ in range(2)
        ]

    assert (paths, extensions) == (["//x", "//x"], {"target": b"//x"})


async def test_raw_target_of_text_is_refused(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        with pytest.raises(UsageError, match=r"extensions\['target'\] is '/x'; bytes are wanted"):
            await client.get("/", extensions={"target": "/x"})


async def test_url_that_is_neither_http_nor_https_is_refused(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror) as client:
        with pytest.raises(UsageError, match="its scheme must be http or https"):
            await client.get("ftp://testserver/")


# -- headers ----------------------------------------------------------------------------------


async def test_default_headers_are_httpxs_with_our_user_agent(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror, headers={"X-Own": "1"}) as client:
        seen = (await client.get("/", headers={"X-Call": "2"})).json()

    names = ["host", "accept", "accept-encoding", "connection", "user-agent", "x-own", "x-call"]
    assert [name for name, _ in seen["headers"]] == names
    assert header_values(seen, "user-agent") == ["testclient"]


async def test_user_agent_of_the_caller_is_kept(open_client: OpenClient) -> None:
    async with open_client(mirror.mirror, headers={"User-Agent": "own"}) as client:
        seen = (await client.get("/")).json()

    assert header_values(seen, "user-agent") == ["own"]


@pytest.mark.parametrize("value", [b"caf\xe9", "café".encode(), "雪".encode()])
async def test_header_bytes_are_not_re_encoded_either_way(
    open_client: OpenClient, value: bytes
) -> None:
    app = routes({"/back": replies(headers=[(b"x-word", value)])})

    async with open_client(app) as client:
        seen = (await client.get("/", headers=[(b"X-Word", value)])).json()
        back = await client.get("/back")

    assert header_values(seen, "x-word") == [value.decode("latin-1")]
    assert back.headers.raw == [(b"x-word", value)]


async def test_duplicate_headers_keep_their_order_both_ways(open_client: OpenClient) -> None:
    pairs = [(b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3")]
    app = routes({"/back": replies(headers=pairs)})

    async with open_client(app) as client:
        seen = (await client.get("/", headers=pairs)).json()
        back = await client.get("/back")

    assert [tuple(pair) for pair in seen["headers"] if pair[0].startswith("x-")] == [
        ("x-a", "1"),
        ("x-b", "2"),
        ("x-a", "3"),
    ]
    assert back.headers.raw == pairs


# -- what comes back --------------------------------------------------------------------------


async def test_gzip_is_decoded_whole_and_in_streams(open_client: OpenClient) -> None:
    packed = gzip.compress(b"long " * 100)
    app = replies(headers=[(b"content-encoding", b"gzip")], body=packed)

    async with open_client(app) as client:
        whole = await client.get("/")
        async with client.stream("GET", "/") as response:
            raw = b"".join([piece async for piece in response.aiter_raw()])

    assert (whole.content, raw) == (b"long " * 100, packed)
    assert whole.num_bytes_downloaded == len(packed)


async def test_broken_gzip_is_a_decoding_error(open_client: OpenClient) -> None:
    app = replies(headers=[(b"content-encoding", b"gzip")], body=b"no gzip at all")

    async with open_client(app) as client:
        with pytest.raises(httpx.DecodingError, match="incorrect header check"):
            await client.get("/")


async def test_head_has_the_headers_of_get_and_no_body(open_client: OpenClient) -> None:
    app = replies(headers=[(b"content-length", b"5")], body=b"hello")

    async with open_client(app) as client:
        response = await client.head("/")

    assert (response.headers["content-length"], response.content) == ("5", b"")


async def test_stream_gives_raw_pieces_as_the_app_sent_them(open_client: OpenClient) -> None:
    app = mirror.sends_pieces(b"one", b"two")

    async with open_client(app) as client, client.stream("GET", "/") as response:
        pieces = [piece async for piece in response.aiter_raw()]

    assert (pieces, response.num_bytes_downloaded) == ([b"one", b"two"], 6)


async def test_stream_gives_text_across_cut_characters(open_client: OpenClient) -> None:
    app = mirror.sends_pieces(b"a\xc3", b"\xbcb")

    async with open_client(app) as client, client.stream("GET", "/") as response:
        texts = [text async for text in response.aiter_text()]

    assert "".join(texts) == "aüb"


async def test_stream_gives_lines_across_pieces(open_client: OpenClient) -> None:
    app = mirror.sends_pieces(b"one\ntw", b"o\r\nthr", b"ee")

    async with open_client(app) as client, client.stream("GET", "/") as response:
        lines = [line async for line in response.aiter_lines()]

    assert lines == ["one", "two", "three"]


async def test_stream_that_was_closed_cannot_be_read(open_client: OpenClient) -> None:
    async with open_client(mirror.sends_pieces(b"one")) as client:
        async with client.stream("GET", "/") as response:
            pass

        with pytest.raises(httpx.StreamClosed, match="has been closed"):
            await response.aread()


async def first_three(events: AsyncIterator[additions.ServerSentEvent]) -> list[str]:
    taken: list[str] = []
    async for event in events:
        taken.append(f"{event.event} {event.id}: {event.data}")
        if len(taken) == 3:
            break
    return taken


# httpx leaves its nested generators to the garbage collector, of which trio warns.
async def test_leaving_an_endless_event_stream_disconnects_the_app(
    open_client: OpenClient,
) -> None:
    log: list[str] = []

    async with open_client(mirror.endless_events(log)) as client:
        async with client.sse("/events") as events:
            taken = await first_three(events)

        assert taken == ["tick 0: 0", "tick 1: 1", "tick 2: 2"]
        assert log == ["http.disconnect"]


async def test_event_source_refuses_another_content_type(open_client: OpenClient) -> None:
    async with open_client(mirror.sends_pieces(b"plain")) as client, client.sse("/") as events:
        with pytest.raises(httpx.TransportError, match="content type 'text/plain"):
            await first_three(events)


async def test_trailers_are_an_extension_of_the_response(open_client: OpenClient) -> None:
    async with open_client(mirror.with_trailers) as client:
        responses = [await client.get("/") for _ in range(2)]

    trailers = [response.extensions["http.response.trailers"] for response in responses]
    assert trailers == [[(b"x-sum", b"5")], [(b"x-sum", b"5")]]


async def test_trailers_are_there_when_the_stream_has_ended(open_client: OpenClient) -> None:
    async with open_client(mirror.with_trailers) as client:
        async with client.stream("GET", "/") as response:
            assert await response.aread() == b"whole"

        assert response.extensions["http.response.trailers"] == [(b"x-sum", b"5")]


async def test_debug_message_is_template_and_context_of_the_response(
    open_client: OpenClient,
) -> None:
    async with open_client(mirror.with_debug) as client:
        response: Any = await client.get("/")

    assert (response.template, response.context) == ("page.html", {"user": "ann"})
    assert set(response.extensions["http.response.debug"]) == {"template", "context"}
