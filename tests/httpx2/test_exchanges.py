"""Full duplex: a request is sent piece by piece while its response is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from asgi_testkit import StallError, UsageError
from tests.apps import duplex, mirror, raw
from tests.apps.raw import Gate
from tests.modes import OpenClient
from tests.together import together

KIB = 1024
HINTS: dict[str, Any] = {"scope_extensions": {"http.response.early_hint": {}}}


async def rest_of(exchange: Any) -> list[bytes]:
    return [piece async for piece in exchange]


# -- both directions --------------------------------------------------------------------------


async def test_each_piece_is_back_before_the_next_is_sent(open_client: OpenClient) -> None:
    back: list[bytes] = []

    async with (
        open_client(duplex.echo) as client,
        client.exchange("POST", "/") as exchange,
    ):
        for piece in (b"a", b"b", b"c"):
            await exchange.send(piece)
            back.append(await anext(exchange))
        await exchange.end()
        back += await rest_of(exchange)

    assert back == [b"A", b"B", b"C", b"!"]


async def test_response_is_there_before_the_upload_has_ended(open_client: OpenClient) -> None:
    async with (
        open_client(duplex.echo) as client,
        client.exchange("POST", "/") as exchange,
    ):
        response = await exchange.response
        await exchange.send(b"late")
        await exchange.end()

        assert (response.status_code, await exchange.read()) == (200, b"LATE!")


async def test_response_is_httpx2s_and_knows_its_request(open_client: OpenClient) -> None:
    app = mirror.replies(201, [(b"x-one", b"1"), (b"x-one", b"2")], "Käse".encode())

    async with open_client(app) as client, client.exchange("PUT", "/shop") as exchange:
        await exchange.end()
        response = await exchange.response
        await response.aread()

    assert response.headers.get_list("x-one") == ["1", "2"]
    assert (response.status_code, response.text, response.request) == (
        201,
        "Käse",
        exchange.request,
    )
    assert (response.request.method, str(response.url)) == ("PUT", "http://testserver/shop")


async def test_response_is_the_same_object_each_time(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.exchange("GET", "/") as exchange:
        first, second = await exchange.response, await exchange.response

        assert first.stream is second.stream
        assert await exchange.read() == await exchange.read() == b"hello"


async def test_rest_is_read_after_some_pieces(open_client: OpenClient) -> None:
    app = mirror.sends_pieces(b"one", b"two", b"three")

    async with open_client(app) as client, client.exchange("GET", "/") as exchange:
        assert (await anext(exchange), await exchange.read()) == (b"one", b"twothree")


async def test_pieces_end_again_and_again(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.exchange("GET", "/") as exchange:
        assert [await rest_of(exchange) for _ in range(3)] == [[b"hello"], [], []]


async def test_pieces_are_over_after_the_whole_was_read(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.exchange("GET", "/") as exchange:
        whole = await exchange.read()

        assert (whole, await rest_of(exchange)) == (b"hello", [])


async def test_pieces_reach_the_app_as_they_were_sent(open_client: OpenClient) -> None:
    async with (
        open_client(raw.upload_sizes) as client,
        client.exchange("POST", "/") as exchange,
    ):
        for size in (1, 40 * KIB, 3):
            await exchange.send(bytes(size))
        await exchange.end()

        assert await exchange.read() == b"1,40960,3,0"


async def test_everything_that_is_like_bytes_can_be_sent(open_client: OpenClient) -> None:
    async with open_client(raw.echo) as client, client.exchange("POST", "/") as exchange:
        await exchange.send(bytearray(b"a"))
        await exchange.send(memoryview(b"b"))
        await exchange.end()

        assert await exchange.read() == b"ab"


async def test_text_is_refused_and_the_exchange_goes_on(open_client: OpenClient) -> None:
    async with open_client(raw.echo) as client, client.exchange("POST", "/") as exchange:
        with pytest.raises(TypeError, match=r"send\(\) got str; bytes are wanted"):
            await exchange.send("text")
        await exchange.send(b"bytes")
        await exchange.end()

        assert await exchange.read() == b"bytes"


async def test_what_is_sent_after_the_end_is_refused(open_client: OpenClient) -> None:
    async with open_client(duplex.echo) as client, client.exchange("POST", "/") as exchange:
        await exchange.end()
        with pytest.raises(UsageError, match=r"end\(\)"):
            await exchange.send(b"late")

        assert await exchange.read() == b"!"


async def test_early_answer_that_ignores_the_rest_is_whole(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.exchange("POST", "/") as exchange:
        await exchange.send(b"a")

        assert await exchange.read() == b"hello"


async def test_what_is_sent_after_the_answer_is_whole_is_dropped(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.exchange("POST", "/") as exchange:
        await exchange.read()
        for _ in range(3):
            await exchange.send(bytes(65 * KIB))
        await exchange.end()

    acts = [entry.act for entry in exchange.messages]
    assert acts == ["http.response.start", "http.response.body", "returned"]


async def test_exchange_can_do_without_reading(open_client: OpenClient) -> None:
    async with open_client(raw.echo) as client, client.exchange("POST", "/") as exchange:
        await exchange.send(b"a")
        await exchange.end()

    assert exchange.request.method == "POST"


@pytest.mark.parametrize("count", [5, 40], ids=["50 KiB", "400 KiB"])
async def test_sending_goes_on_while_another_reads(open_client: OpenClient, count: int) -> None:
    pieces = [b"%d-" % number + b"x" * 10 * KIB for number in range(count)]
    back: list[bytes] = []

    async with (
        open_client(duplex.echo, timeout=2) as client,
        client.exchange("POST", "/") as exchange,
    ):

        async def send() -> None:
            for piece in pieces:
                await exchange.send(piece)
            await exchange.end()

        async def read() -> None:
            back.extend(await rest_of(exchange))

        await together(open_client, send, read)

    assert back == [*[piece.upper() for piece in pieces], b"!"]


async def test_two_exchanges_are_open_at_once(open_client: OpenClient) -> None:
    async with (
        open_client(duplex.echo) as client,
        client.exchange("POST", "/") as left,
        client.exchange("POST", "/") as right,
    ):
        await left.send(b"l")
        await right.send(b"r")
        seen = [await anext(right), await anext(left), (await client.post("/")).content]

    assert seen == [b"R", b"L", b"!"]


# -- a side that is slow ----------------------------------------------------------------------


async def test_64_kib_are_sent_though_the_app_reads_nothing(open_client: OpenClient) -> None:
    gate = Gate()

    async with (
        open_client(duplex.reads_after(gate)) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await exchange.send(bytes(60 * KIB))
        await exchange.send(bytes(4 * KIB))
        await client.run(gate.open)
        await exchange.end()

        assert await exchange.read() == b"65536"


async def test_send_above_64_kib_waits_until_the_app_reads(open_client: OpenClient) -> None:
    gate = Gate()
    log: list[str] = []

    async with (
        open_client(duplex.reads_after(gate), timeout=2, grace=0.1) as client,
        client.exchange("POST", "/") as exchange,
    ):

        async def send() -> None:
            await exchange.send(bytes(64 * KIB))
            log.append("sent 64 KiB")
            await exchange.send(b"x")
            log.append("sent more")
            await exchange.end()

        async def open_gate() -> None:
            await client.run(open_and_note)

        async def open_and_note() -> None:
            log.append("opened")
            await gate.open()

        await together(open_client, send, open_gate)
        size = await exchange.read()

    assert (size, log.index("sent more")) == (b"65537", 2)


async def test_app_that_takes_nothing_is_a_stall_and_a_write_timeout(
    open_client: OpenClient,
) -> None:
    async with open_client(raw.never_receives([], Gate()), timeout=0.2, grace=0.01) as client:
        with pytest.raises(httpx2.WriteTimeout, match="has not taken the request") as caught:  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                await exchange.send(bytes(64 * KIB))
                await exchange.send(b"x")

    assert (isinstance(caught.value, StallError), caught.value.request.url.path) == (True, "/")


async def test_write_timeout_of_the_call_is_what_counts(open_client: OpenClient) -> None:
    timeout = httpx2.Timeout(5.0, write=0.05)

    async with open_client(raw.never_receives([], Gate()), grace=0.01) as client:
        with pytest.raises(httpx2.WriteTimeout, match=r"for 0\.05 s"):
            async with client.exchange("POST", "/", timeout=timeout) as exchange:
                await exchange.send(bytes(65 * KIB))


async def test_response_that_does_not_start_is_a_stall_and_a_read_timeout(
    open_client: OpenClient,
) -> None:
    async with open_client(raw.waits_for_ever, timeout=0.2) as client:
        with pytest.raises(httpx2.ReadTimeout, match="has sent nothing") as caught:  # noqa: PT012
            async with client.exchange("POST", "/") as exchange:
                await exchange.end()
                await exchange.response

    assert isinstance(caught.value, StallError)


async def test_piece_that_does_not_come_is_a_stall_and_a_read_timeout(
    open_client: OpenClient,
) -> None:
    async with (
        open_client(duplex.echo, timeout=0.2) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await exchange.send(b"a")
        first = await anext(exchange)
        with pytest.raises(httpx2.ReadTimeout, match="has sent nothing") as caught:
            await anext(exchange)

    assert (first, isinstance(caught.value, StallError)) == (b"A", True)


async def test_app_is_at_most_64_kib_and_two_pieces_ahead(
    open_client: OpenClient,
) -> None:
    progress = raw.Progress()
    app = raw.measured_download(progress, count=50, size=10 * KIB)

    async with open_client(app) as client, client.exchange("GET", "/") as exchange:
        async for piece in exchange:
            progress.taken += len(piece)

    assert progress.taken == 500 * KIB
    assert 10 * KIB <= progress.furthest <= 84 * KIB


# -- what else is in a response ---------------------------------------------------------------


async def test_early_hints_are_seen_before_the_response(open_client: OpenClient) -> None:
    hinted, then = Gate(), Gate()
    app = duplex.hints(b"</a.css>", b"</b.js>", hinted=hinted, then=then)

    async with open_client(app, **HINTS) as client, client.exchange("GET", "/") as exchange:
        await client.run(hinted.wait)
        seen = exchange.early_hints
        await client.run(then.open)

        assert (seen, await exchange.read()) == ([b"</a.css>", b"</b.js>"], b"done")


async def test_early_hints_are_in_the_response_too(open_client: OpenClient) -> None:
    gate = Gate()
    app = duplex.hints(b"</a.css>", hinted=Gate(), then=gate)

    async with open_client(app, **HINTS) as client, client.exchange("GET", "/") as exchange:
        await client.run(gate.open)
        response = await exchange.response

        assert response.extensions["http.response.early_hint"] == [b"</a.css>"]


async def test_trailers_are_there_after_the_body(open_client: OpenClient) -> None:
    async with (
        open_client(mirror.with_trailers) as client,
        client.exchange("GET", "/") as exchange,
    ):
        pieces = await rest_of(exchange)

        assert (pieces, exchange.trailers) == ([b"whole"], [(b"x-sum", b"5")])


async def test_there_are_no_trailers_where_none_are_declared(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.exchange("GET", "/") as exchange:
        await exchange.read()

        assert (exchange.trailers, exchange.early_hints) == (None, [])


async def test_messages_are_all_that_crossed_in_order(open_client: OpenClient) -> None:
    async with (
        open_client(duplex.echo) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await exchange.send(b"ab")
        await anext(exchange)
        await exchange.end()
        await exchange.read()

    assert [(entry.actor, entry.act, entry.size_bytes) for entry in exchange.messages] == [
        ("app", "http.response.start", -1),
        ("client", "http.request", 2),
        ("app", "http.response.body", 2),
        ("client", "http.request", 0),
        ("app", "http.response.body", 1),
        ("app", "returned", -1),
    ]


# -- the request's head -----------------------------------------------------------------------


async def test_head_of_the_request_is_the_clients_and_the_calls(open_client: OpenClient) -> None:
    async with (
        open_client(mirror.mirror, headers={"x-client": "1"}, params={"c": "1"}) as client,
        client.exchange(
            "PUT",
            "/path",
            params={"a": "b"},
            headers={"X-Call": "2"},
            auth=("ann", "secret"),
            extensions={"scope": {"user": "ann"}},
        ) as exchange,
    ):
        await exchange.end()
        seen = (await response_of(exchange)).json()

    assert (seen["method"], seen["path"], seen["query"]) == ("PUT", "/path", "c=1&a=b")
    assert (seen["body"], seen["user"]) == ("", "ann")
    assert [mirror.header_values(seen, name) for name in ("x-client", "x-call")] == [["1"], ["2"]]
    assert mirror.header_values(seen, "authorization") == ["Basic YW5uOnNlY3JldA=="]


async def test_request_has_no_length_for_its_body_of_pieces(open_client: OpenClient) -> None:
    async with (
        open_client(mirror.mirror) as client,
        client.exchange("POST", "/") as exchange,
    ):
        await exchange.end()
        seen = (await response_of(exchange)).json()

    lengths = [mirror.header_values(seen, name) for name in ("content-length", "transfer-encoding")]
    assert lengths == [[], ["chunked"]]


async def test_cookies_go_into_the_jar_and_back(open_client: OpenClient) -> None:
    app = mirror.routes({"/login": mirror.replies(200, [(b"set-cookie", b"session=abc; Path=/")])})

    async with open_client(app) as client:
        async with client.exchange("GET", "/login") as exchange:
            await exchange.end()
            await exchange.response
            kept = dict(client.cookies)
        async with client.exchange("GET", "/", cookies={"seat": "4"}) as exchange:
            await exchange.end()
            seen = (await response_of(exchange)).json()

    assert kept == {"session": "abc"}
    assert sorted(mirror.header_values(seen, "cookie")[0].split("; ")) == ["seat=4", "session=abc"]


async def test_auth_of_the_client_is_used_unless_the_call_has_its_own(
    open_client: OpenClient,
) -> None:
    seen: list[list[str]] = []

    def token(request: httpx2.Request) -> httpx2.Request:
        request.headers["authorization"] = "Bearer t"
        return request

    async with open_client(mirror.mirror, auth=("ann", "x")) as client:
        for options in ({}, {"auth": token}, {"auth": None}):
            async with client.exchange("GET", "/", **options) as exchange:
                await exchange.end()
                shown = (await response_of(exchange)).json()
                seen.append(mirror.header_values(shown, "authorization"))

    assert seen == [["Basic YW5uOng="], ["Bearer t"], []]


async def test_redirect_is_returned_and_not_followed(open_client: OpenClient) -> None:
    app = mirror.routes({"/old": mirror.redirects(307, b"/new")})

    async with open_client(app) as client, client.exchange("GET", "/old") as exchange:
        await exchange.end()
        response = await exchange.response

        assert (response.status_code, response.headers["location"]) == (307, "/new")


async def test_default_encoding_of_the_client_holds(open_client: OpenClient) -> None:
    app = mirror.replies(200, [(b"content-type", b"text/plain")], "Käse".encode("latin-1"))

    async with (
        open_client(app, default_encoding="latin-1") as client,
        client.exchange("GET", "/") as exchange,
    ):
        await exchange.end()
        text = (await response_of(exchange)).text

    assert text == "Käse"


async def test_unknown_parameter_is_named_with_those_that_exist(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client:
        with pytest.raises(TypeError, match=r"exchange\(\) got 'json'. It takes: params, .*auth"):
            client.exchange("POST", "/", json={})


async def response_of(exchange: Any) -> Any:
    """Return the response with its body read."""
    response = await exchange.response
    await response.aread()
    return response


# -- by generator, for comparison -------------------------------------------------------------


async def test_generator_in_post_gives_the_same_messages(open_client: OpenClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield from (b"a", b"b")

    async with open_client(raw.upload_sizes) as client:
        by_generator = await client.post("/", content=open_client.upload(pieces()))
        async with client.exchange("POST", "/") as exchange:
            for piece in pieces():
                await exchange.send(piece)
            await exchange.end()

            assert await exchange.read() == by_generator.content
