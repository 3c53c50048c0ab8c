# Generated from tests/httpx2/test_events.py by scripts/write_httpx.py.
"""Server-sent events: live, left at any time, checked, and connecting again."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from asgi_testkit import ClientStateError, StallError
from asgi_testkit.errors import UsageTypeError, UsageValueError
from asgi_testkit.httpx import additions
from tests.apps import events as apps
from tests.apps import raw
from tests.apps.raw import Gate
from tests.httpx.event_streams import BROKEN
from tests.httpx.modes import OpenClient

HEADERS = {"content-type": "text/event-stream"}


async def first_event(events: Any) -> additions.ServerSentEvent:
    """Read one event and leave the stream."""
    async with aclosing(aiter(events)) as stream:
        event: additions.ServerSentEvent = await anext(stream)
        return event


async def data_of(events: Any) -> list[str]:
    return [event.data async for event in events]


# -- live -------------------------------------------------------------------------------------


async def test_event_is_in_hand_while_the_app_waits(open_client: OpenClient) -> None:
    gate = Gate()
    app = apps.two_events_with_a_gate_between(gate)

    async with open_client(app) as client, client.sse("/") as events:
        stream = aiter(events)
        first = await anext(stream)
        await client.run(gate.open)

        assert [first.data, *[event.data async for event in stream]] == ["one", "two"]


async def test_block_is_entered_before_the_first_event(open_client: OpenClient) -> None:
    async with open_client(apps.endless([])) as client, client.sse("/") as events:
        assert (events.response.status_code, events.last_event_id) == (200, "")


async def test_events_come_to_a_client_that_is_not_entered(open_client: OpenClient) -> None:
    log: list[str] = []
    client = open_client.without_entering(apps.endless(log))

    async with client.sse("/") as events:
        async for event in events:
            if event.data == "2":
                break

    assert log == ["http.disconnect", "ended"]


async def test_event_has_all_its_fields(open_client: OpenClient) -> None:
    text = b'event: price\ndata: {"eur":\ndata:  3}\nid: 7\nretry: 20\n\n'

    async with open_client(apps.sends(text)) as client, client.sse("/") as events:
        event = await first_event(events)

        assert event == additions.ServerSentEvent("price", '{"eur":\n 3}', "7", 20)
        assert (event.json(), events.last_event_id) == ({"eur": 3}, "7")


async def test_event_cut_into_bytes_arrives_whole(open_client: OpenClient) -> None:
    text = "data: Käse\r\n\r\ndata: 2\r\n\r\n".encode()
    pieces = [bytes([byte]) for byte in text]

    async with open_client(apps.sends(*pieces)) as client, client.sse("/") as events:
        assert await data_of(events) == ["Käse", "2"]


async def test_leaving_ends_an_endless_stream(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(apps.endless(log)) as client:
        async with client.sse("/") as events:
            assert (await first_event(events)).data == "1"

        assert log == ["http.disconnect", "ended"]


async def test_break_out_of_the_loop_ends_an_endless_stream(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(apps.endless(log)) as client:
        async with client.sse("/") as events:
            async for event in events:
                if event.data == "3":
                    break

        assert log == ["http.disconnect", "ended"]


async def test_iteration_that_outlives_its_block_says_so(open_client: OpenClient) -> None:
    async with open_client(apps.silent) as client:
        async with client.sse("/") as events:
            stream = aiter(events)
            await anext(stream)

        if open_client.is_blocking:
            with pytest.raises(ClientStateError, match="was left before its end"):
                await anext(stream)
        else:
            with pytest.raises(StopAsyncIteration):
                await anext(stream)


async def test_test_that_fails_amid_the_events_keeps_its_exception(
    open_client: OpenClient,
) -> None:
    log: list[str] = []
    exception = KeyError("mine")

    async with open_client(apps.endless(log)) as client:
        with pytest.raises(KeyError, match="mine") as caught:  # noqa: PT012
            async with client.sse("/") as events:
                async for _ in events:
                    raise exception

    assert (caught.value is exception, log[-1]) == (True, "ended")


async def test_exception_amid_the_events_arrives_as_itself_after_them(
    open_client: OpenClient,
) -> None:
    exception = ValueError("mine")
    seen: list[str] = []

    async with open_client(apps.raises_after(exception, b"data: 1\n\n")) as client:
        with pytest.raises(ValueError, match="mine") as caught:  # noqa: PT012
            async with client.sse("/") as events:
                async for event in events:
                    seen.append(event.data)  # noqa: PERF401 - kept when it raises

    assert (caught.value is exception, seen) == (True, ["1"])


async def test_exception_before_the_events_arrives_on_entering(open_client: OpenClient) -> None:
    exception = ValueError("mine")

    async with open_client(raw.raises_before_start(exception)) as client:
        with pytest.raises(ValueError, match="mine") as caught:
            async with client.sse("/"):
                pytest.fail("entered")

    assert caught.value is exception


async def test_cut_stream_is_a_protocol_error_where_nothing_is_raised(
    open_client: OpenClient,
) -> None:
    app = apps.raises_after(ValueError("mine"), b"data: 1\n\n")

    async with open_client(app, raise_server_exceptions=False) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="before its response was whole"):
            async with client.sse("/") as events:
                await data_of(events)


async def test_silent_stream_is_a_stall_and_a_read_timeout(open_client: OpenClient) -> None:
    seen: list[str] = []

    async with open_client(apps.silent, timeout=0.05) as client:
        with pytest.raises(  # noqa: PT012
            httpx.ReadTimeout, match=r"for 0\.05 s the app has sent nothing"
        ) as caught:
            async with client.sse("/") as events:
                async for event in events:
                    seen.append(event.data)  # noqa: PERF401 - kept when it raises

    assert (isinstance(caught.value, StallError), seen) == (True, ["one"])


async def test_stall_ends_at_the_timeout_of_the_call(open_client: OpenClient) -> None:
    async with open_client(apps.silent) as client:
        with pytest.raises(StallError, match=r"for 0\.05 s"):
            async with client.sse("/", timeout=0.05) as events:
                await data_of(events)


# -- what is no event stream ------------------------------------------------------------------


async def test_other_content_type_is_refused_and_its_body_can_be_read(
    open_client: OpenClient,
) -> None:
    app = apps.sends(b"nobody here", headers=[(b"content-type", b"text/plain")], status=404)

    async with open_client(app) as client, client.sse("/feed") as events:
        with pytest.raises(additions.SSEError, match=r"GET /feed answered 404 .* 'text/plain'"):
            await first_event(events)

        assert events.response.status_code == 404


async def test_missing_content_type_is_refused(open_client: OpenClient) -> None:
    async with (
        open_client(apps.sends(b"data: 1\n\n", headers=())) as client,
        client.sse("/") as events,
    ):
        with pytest.raises(additions.SSEError, match="content type ''"):
            await first_event(events)


async def test_content_type_may_have_capitals_and_a_charset(open_client: OpenClient) -> None:
    headers = [(b"content-type", b"Text/Event-Stream; charset=utf-8")]

    async with (
        open_client(apps.sends(b"data: 1\n\n", headers=headers)) as client,
        client.sse("/") as events,
    ):
        assert await data_of(events) == ["1"]


async def test_response_that_is_not_iterated_is_not_refused(open_client: OpenClient) -> None:
    async with open_client(raw.hello) as client, client.sse("/") as events:
        assert events.response.status_code == 200


async def test_no_content_is_a_stream_without_events(open_client: OpenClient) -> None:
    async with open_client(apps.connections([])) as client, client.sse("/") as events:
        assert await data_of(events) == []


# -- broken events ----------------------------------------------------------------------------


@pytest.mark.parametrize(("stream", "text"), BROKEN.values(), ids=BROKEN)
async def test_broken_event_is_refused(open_client: OpenClient, stream: bytes, text: str) -> None:
    async with open_client(apps.sends(stream)) as client, client.sse("/") as events:
        with pytest.raises(additions.SSEError, match=text):
            await data_of(events)


@pytest.mark.parametrize(("stream", "text"), BROKEN.values(), ids=BROKEN)
async def test_broken_event_is_passed_over_as_by_httpx_when_not_strict(
    open_client: OpenClient, stream: bytes, text: str
) -> None:
    whole = b"data: before\n\n" + stream
    response = httpx.Response(
        200, headers=HEADERS, content=whole, request=httpx.Request("GET", "http://testserver/")
    )

    async with open_client(apps.sends(whole), strict=False) as client, client.sse("/") as events:
        seen = [event async for event in events]

    assert seen == list(additions.EventSource(response))


async def test_events_before_a_broken_one_are_in_hand(open_client: OpenClient) -> None:
    app = apps.sends(b"data: 1\n\ndata: 2\n\nbroken\n\n")

    async with open_client(app) as client, client.sse("/") as events:
        stream = aiter(events)
        seen = [(await anext(stream)).data, (await anext(stream)).data]
        with pytest.raises(additions.SSEError, match=r"Line 5 .* begins with no field: 'broken'"):
            await anext(stream)

    assert seen == ["1", "2"]


async def test_broken_event_leaves_the_client_usable(open_client: OpenClient) -> None:
    async with open_client(apps.sends(b"broken\n\n")) as client:
        for _ in range(2):
            async with client.sse("/") as events:
                with pytest.raises(additions.SSEError, match="begins with no field"):
                    await first_event(events)


# -- connecting again -------------------------------------------------------------------------


def last_event_ids(requests: list[Any]) -> list[bytes | None]:
    return [dict(scope["headers"]).get(b"last-event-id") for scope in requests]


async def test_stream_that_ends_is_connected_again_as_often_as_asked(
    open_client: OpenClient,
) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, *[b"data: %d\n\n" % number for number in range(5)])

    async with open_client(app) as client, client.sse("/", reconnects=2) as events:
        seen = await data_of(events)

    assert (seen, len(requests)) == (["0", "1", "2"], 3)


async def test_stream_that_ends_is_not_connected_again_unasked(open_client: OpenClient) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, b"data: 0\n\n", b"data: 1\n\n")

    async with open_client(app) as client, client.sse("/") as events:
        assert await data_of(events) == ["0"]

    assert len(requests) == 1


async def test_last_event_id_is_sent_when_connecting_again(open_client: OpenClient) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, b"id: a\ndata: 1\n\n", b"data: 2\n\n", b"id: b\ndata: 3\n\n")

    async with open_client(app) as client, client.sse("/", reconnects=2) as events:
        await data_of(events)
        last = events.last_event_id

    assert (last_event_ids(requests), last) == ([None, b"a", b"a"], "b")


async def test_empty_id_resets_the_last_event_id(open_client: OpenClient) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, b"id: a\ndata: 1\n\nid\ndata: 2\n\n", b"data: 3\n\n")

    async with open_client(app) as client, client.sse("/", reconnects=1) as events:
        await data_of(events)

        assert (last_event_ids(requests), events.last_event_id) == ([None, None], "")


async def test_retry_is_waited_for_before_connecting_again(open_client: OpenClient) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, b"retry: 30\ndata: 1\n\n", b"data: 2\n\n")

    async with open_client(app) as client, client.sse("/", reconnects=1) as events:
        assert await data_of(events) == ["1", "2"]

    assert 0.028 <= requests[1]["at"] - requests[0]["at"] < 1  # uvloop counts milliseconds


@pytest.mark.parametrize("retry", [b"-30", b"0"])
async def test_retry_that_is_not_positive_is_not_waited_for(
    open_client: OpenClient, retry: bytes
) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, b"retry: " + retry + b"\ndata: 1\n\n", b"data: 2\n\n")

    async with (
        open_client(app, strict=False) as client,
        client.sse("/", reconnects=1) as events,
    ):
        assert await data_of(events) == ["1", "2"]


async def test_no_content_ends_connecting_again(open_client: OpenClient) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, b"data: 1\n\n", None, b"data: 3\n\n")

    async with open_client(app) as client, client.sse("/", reconnects=5) as events:
        assert await data_of(events) == ["1"]
        assert events.response.status_code == 204

    assert len(requests) == 2


async def test_request_is_the_same_when_connecting_again(open_client: OpenClient) -> None:
    requests: list[Any] = []
    app = apps.connections(requests, b"data: 1\n\n", b"data: 2\n\n")
    same: dict[str, Any] = {"params": {"a": "b"}, "headers": {"x-mine": "1"}, "json": [1]}

    async with (
        open_client(app) as client,
        client.sse("/feed", method="POST", reconnects=1, **same) as events,
    ):
        await data_of(events)

    first, second = (
        [scope[name] for name in ("method", "path", "query_string", "headers", "body")]
        for scope in requests
    )
    assert (first, first[4]) == (second, b"[1]")


async def test_cookie_of_the_first_connection_comes_with_the_second(
    open_client: OpenClient,
) -> None:
    cookies: list[str] = []

    @raw.http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        cookies.append(dict(scope["headers"]).get(b"cookie", b"").decode())
        headers = [*apps.EVENT_STREAM, (b"set-cookie", b"seat=4")]
        await raw.answer(send, b"data: 1\n\n", headers=headers)

    async with open_client(app) as client, client.sse("/", reconnects=1) as events:
        await data_of(events)

    assert cookies == ["", "seat=4"]


async def test_second_connection_that_is_left_ends_its_app(open_client: OpenClient) -> None:
    log: list[str] = []
    endless = apps.endless(log)

    @raw.http_app
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if b"last-event-id" in dict(scope["headers"]):
            await endless(scope, receive, send)
        else:
            await raw.answer(send, b"id: 1\ndata: x\n\n", headers=apps.EVENT_STREAM)

    async with open_client(app) as client:
        async with client.sse("/", reconnects=1) as events:
            async for event in events:
                if event.data == "2":
                    break

        assert log == ["http.disconnect", "ended"]


# -- httpx's parameters ----------------------------------------------------------------------

PARAMETERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "params": {"params": {"a": ["1", "2"]}},
    "headers": {"headers": {"X-Mine": "yes", "Accept": "text/*"}},
    "cookies": {"cookies": {"seat": "4"}},
    "auth": {"auth": ("ann", "secret")},
    "method and json": {"method": "POST", "json": {"a": 1}},
    "method and content": {"method": "PUT", "content": b"abc"},
    "method and data": {"method": "POST", "data": {"a": "1"}},
    "target": {"extensions": {"target": b"/raw%2Fpath?x"}},
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
@pytest.mark.filterwarnings("ignore:Setting per-request cookies:DeprecationWarning")
async def test_parameters_mean_what_they_mean_to_httpx(
    open_client: OpenClient, parameters: dict[str, Any]
) -> None:
    async with open_client(apps.shows_the_request) as client:
        async with client.sse("/feed", **parameters) as events:
            shown = (await first_event(events)).json()
        method = parameters.get("method", "GET")
        others = {name: value for name, value in parameters.items() if name != "method"}
        own = {"accept": "text/event-stream", "cache-control": "no-store"}
        others["headers"] = {**own, **httpx.Headers(parameters.get("headers"))}
        response = await client.request(method, "/feed", **others)

    assert shown == json.loads(response.text.removeprefix("data: "))


async def test_redirects_are_followed_unless_told_otherwise(open_client: OpenClient) -> None:
    async with open_client(apps.shows_the_request) as client:
        async with client.sse("/old") as events:
            followed = json.loads((await first_event(events)).data)["target"]
        async with client.sse("/old", follow_redirects=False) as events:
            status = events.response.status_code

    assert (followed, status) == ("/new?", 307)


async def test_event_above_max_event_size_is_refused(open_client: OpenClient) -> None:
    app = apps.sends(b"data: 1\n\n", b"data: " + bytes(20).hex().encode() + b"\n\n")

    async with open_client(app) as client, client.sse("/", max_event_size=20) as events:
        stream = aiter(events)
        assert (await anext(stream)).data == "1"
        with pytest.raises(additions.SSEError, match="exceeded the 20 byte limit"):
            await anext(stream)


async def test_max_event_size_holds_after_connecting_again(open_client: OpenClient) -> None:
    app = apps.connections([], b"data: 1\n\n", b"data: 12345678901234567890\n\n")

    async with (
        open_client(app) as client,
        client.sse("/", reconnects=1, max_event_size=20) as events,
    ):
        with pytest.raises(additions.SSEError, match="exceeded the 20 byte limit"):
            await data_of(events)


async def test_unknown_parameter_is_a_type_error(open_client: OpenClient) -> None:
    async with open_client(apps.silent) as client:
        with pytest.raises(UsageTypeError, match=r"sse\(\) got 'colour'. It takes: .*, reconnects"):
            async with client.sse("/", colour="red"):
                pytest.fail("entered")


@pytest.mark.parametrize("reconnects", [-1, "1", None])
async def test_wrong_reconnects_are_refused(open_client: OpenClient, reconnects: object) -> None:
    async with open_client(apps.silent) as client:
        with pytest.raises(UsageValueError, match=r"reconnects is .*; a number from 0 up"):
            await client.sse("/", reconnects=reconnects).__aenter__()
