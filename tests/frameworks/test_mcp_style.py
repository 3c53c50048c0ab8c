"""What MCP servers do: answers as events, a stream of events open beside them, pings.

The server is the real `mcp` package's. Its own client takes an httpx2 client, and ours is one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from tests.apps.raw import Gate
from tests.frameworks.mcp_app import create_app
from tests.modes import OpenClient

PROTOCOL = "2025-11-25"
JSON_OR_EVENTS = {"accept": "application/json, text/event-stream"}
LIST_CHANGED = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}


# -- JSON-RPC by hand -------------------------------------------------------------------------


def call(method: str, number: int | None = None, **params: Any) -> dict[str, Any]:
    """Return a request, or without a number a notification."""
    numbered = {} if number is None else {"id": number}
    return {"jsonrpc": "2.0", "method": method, "params": params, **numbered}


def call_tool(number: int, name: str, *, token: str = "", **arguments: Any) -> dict[str, Any]:
    meta = {"_meta": {"progressToken": token}} if token else {}
    return call("tools/call", number, name=name, arguments=arguments, **meta)


INITIALIZE = call(
    "initialize",
    0,
    protocolVersion=PROTOCOL,
    capabilities={},
    clientInfo={"name": "test", "version": "1"},
)


class ByHand:
    """A session of an MCP client, made of single requests."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.headers = {**JSON_OR_EVENTS, "mcp-protocol-version": PROTOCOL}

    async def begin(self) -> Any:
        """Initialize the session and return the server's answer."""
        async with self.events_of(INITIALIZE) as events:
            self.headers["mcp-session-id"] = events.response.headers["mcp-session-id"]
            (answer,) = [event.json() async for event in events]
        await self.notify("notifications/initialized")
        return answer

    async def notify(self, method: str) -> Any:
        return await self.post(call(method))

    async def post(self, message: Mapping[str, Any]) -> Any:
        return await self._client.post("/mcp", json=message, headers=self.headers)

    async def talk(self, message: Mapping[str, Any]) -> list[Any]:
        """Return the messages that come as events."""
        async with self.events_of(message) as events:
            return [event.json() async for event in events]

    def events_of(self, message: Mapping[str, Any]) -> Any:
        return self._client.sse("/mcp", method="POST", json=message, headers=self.headers)

    def feed(self) -> Any:
        """Open the stream on which the server speaks unasked."""
        return self._client.sse("/mcp", headers=self.headers)

    async def end(self) -> Any:
        return await self._client.delete("/mcp", headers=self.headers)


def text_of(answer: Any) -> str:
    return str(answer["result"]["content"][0]["text"])


# -- the real server, both clients ------------------------------------------------------------


async def test_initialize_is_answered_by_an_event_and_a_session_id(
    open_client: OpenClient,
) -> None:
    async with open_client(create_app()) as client:
        session = ByHand(client)
        answer = await session.begin()

    assert answer["result"]["protocolVersion"] == PROTOCOL
    assert len(session.headers["mcp-session-id"]) == 32


async def test_notification_is_accepted_without_a_body(open_client: OpenClient) -> None:
    async with open_client(create_app()) as client:
        session = ByHand(client)
        await session.begin()
        response = await session.notify("notifications/initialized")

    assert (response.status_code, response.content) == (202, b"")


async def test_progress_comes_before_the_answer_as_events(open_client: OpenClient) -> None:
    async with open_client(create_app()) as client:
        session = ByHand(client)
        await session.begin()
        *progress, answer = await session.talk(call_tool(1, "count", token="t", to=3))

    assert [message["params"]["progress"] for message in progress] == [1, 2, 3]
    assert (answer["id"], text_of(answer)) == (1, "counted")


async def test_answer_may_be_json_instead(open_client: OpenClient) -> None:
    async with open_client(create_app(answers_json=True)) as client:
        session = ByHand(client)
        begun = await session.post(INITIALIZE)
        session.headers["mcp-session-id"] = begun.headers["mcp-session-id"]
        await session.notify("notifications/initialized")
        response = await session.post(call_tool(1, "add", a=1, b=2))

    assert response.headers["content-type"] == "application/json"
    assert text_of(response.json()) == "3"


async def test_feed_is_open_while_posts_go_on(open_client: OpenClient) -> None:
    async with open_client(create_app()) as client:
        session = ByHand(client)
        await session.begin()
        async with session.feed() as feed:
            news = aiter(feed)
            seen: list[Any] = []
            for number in (1, 2, 3):
                (answer,) = await session.talk(call_tool(number, "announce"))
                seen += [text_of(answer), (await anext(news)).json()]

    assert seen == ["announced", LIST_CHANGED] * 3


async def test_second_feed_is_refused_until_the_first_is_left(open_client: OpenClient) -> None:
    async with open_client(create_app()) as client:
        session = ByHand(client)
        await session.begin()
        async with (
            session.feed(),
            session.feed() as second,
        ):
            refused = second.response.status_code
        async with session.feed() as third:
            accepted = third.response.status_code

    assert (refused, accepted) == (409, 200)


async def test_delete_ends_the_session_and_its_feed(open_client: OpenClient) -> None:
    async with open_client(create_app()) as client:
        session = ByHand(client)
        await session.begin()
        async with session.feed() as feed:
            ended = await session.end()
            rest = [event async for event in feed]
        after = await session.post(call_tool(1, "add", a=1, b=2))

    assert (ended.status_code, rest, after.status_code) == (200, [], 404)


async def test_sessions_of_two_clients_do_not_mix(open_client: OpenClient) -> None:
    async with open_client(create_app()) as client:
        ann, bob = ByHand(client), ByHand(client.new_client())
        await ann.begin()
        await bob.begin()
        async with ann.feed() as anns_feed, bob.feed() as bobs_feed:
            await bob.talk(call_tool(1, "announce"))
            bobs_news = (await anext(aiter(bobs_feed))).json()
            await ann.end()
            anns_news = [event async for event in anns_feed]

    assert (bobs_news, anns_news) == (LIST_CHANGED, [])


async def test_app_without_its_lifespan_says_so(open_client: OpenClient) -> None:
    client = open_client.without_entering(create_app())

    with pytest.raises(RuntimeError, match="Task group is not initialized") as caught:
        await ByHand(client).post(INITIALIZE)

    assert "has not run the app's lifespan" in caught.value.__notes__[0]


# -- the real client --------------------------------------------------------------------------

# On trio mcp's client leaves generators of httpx2 to the garbage collector, which is warned of.
CLIENT_MODES = pytest.mark.parametrize("open_client", ["asyncio", "uvloop"], indirect=True)


@CLIENT_MODES
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_mcps_own_client_talks_through_ours(open_client: OpenClient, mode: str) -> None:
    steps: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        steps.append(progress)

    async with open_client(create_app()) as client:
        transport = streamable_http_client("http://testserver/mcp", http_client=client)
        async with Client(transport, mode=mode) as mcp_client:
            tools = await mcp_client.list_tools()
            added = await mcp_client.call_tool("add", {"a": 1, "b": 2})
            await mcp_client.call_tool("count", {"to": 3}, progress_callback=on_progress)

    assert {tool.name for tool in tools.tools} == {"add", "count", "announce"}
    assert (added.structured_content, steps) == ({"result": 3}, [1, 2, 3])


@CLIENT_MODES
async def test_mcps_own_client_hears_the_feed_while_it_calls(open_client: OpenClient) -> None:
    heard = anyio.Event()

    async def on_message(message: Any) -> None:
        if type(message).__name__ == "ToolListChangedNotification":
            heard.set()

    async with open_client(create_app()) as client:
        transport = streamable_http_client("http://testserver/mcp", http_client=client)
        async with Client(transport, mode="legacy", message_handler=on_message) as mcp_client:
            await mcp_client.call_tool("announce", {})
            with anyio.move_on_after(5):
                await heard.wait()

    assert heard.is_set()


@CLIENT_MODES
async def test_mcps_own_client_ends_its_session_on_leaving(open_client: OpenClient) -> None:
    requests: list[str] = []

    async def note(request: httpx2.Request) -> None:
        requests.append(request.method)

    async with open_client(create_app(), event_hooks={"request": [note]}) as client:
        transport = streamable_http_client("http://testserver/mcp", http_client=client)
        async with Client(transport, mode="legacy"):
            pass

    assert requests[-1] == "DELETE"


# -- sse-starlette ----------------------------------------------------------------------------


def gated(gate: Gate) -> Starlette:
    """Return an app whose stream sends one event, waits at the gate, and sends another."""

    async def events(request: Request) -> EventSourceResponse:
        async def parts() -> AsyncIterator[Any]:
            yield ServerSentEvent(data="one", id="1", event="step", retry=10)
            await gate.wait()
            yield {"data": "two\nlines", "id": "2"}

        return EventSourceResponse(parts())

    return Starlette(routes=[Route("/events", events)])


def pinged(log: list[str], *, after: int, every: float = 0.01) -> Starlette:
    """Return an app that sends one event, so many pings, and another event."""

    async def events(request: Request) -> EventSourceResponse:
        enough = anyio.Event()

        def ping() -> ServerSentEvent:
            log.append("ping")
            if len(log) >= after:
                enough.set()
            return ServerSentEvent(comment="ping")

        async def on_close(message: Any) -> None:
            log.append("the client has gone")

        async def parts() -> AsyncIterator[dict[str, str]]:
            yield {"data": "one"}
            await enough.wait()
            yield {"data": "two"}

        return EventSourceResponse(
            parts(),
            ping=every,
            ping_message_factory=ping,
            client_close_handler_callable=on_close,
        )

    return Starlette(routes=[Route("/events", events)])


async def test_sse_starlettes_events_arrive_live(open_client: OpenClient) -> None:
    gate = Gate()

    async with open_client(gated(gate)) as client, client.sse("/events") as events:
        stream = aiter(events)
        first = await anext(stream)
        await client.run(gate.open)
        rest = [event async for event in stream]

    assert first == httpx2.ServerSentEvent("step", "one", "1", 10)
    assert rest == [httpx2.ServerSentEvent("message", "two\nlines", "2")]


async def test_pings_are_no_events(open_client: OpenClient) -> None:
    log: list[str] = []

    async with open_client(pinged(log, after=3)) as client, client.sse("/events") as events:
        seen = [event.data async for event in events]

    assert (seen, log[:3]) == (["one", "two"], ["ping"] * 3)


async def test_pings_keep_a_silent_stream_from_stalling(open_client: OpenClient) -> None:
    silence = 0.25  # seconds, of which the app is 0.3 silent but for its pings

    async with (
        open_client(pinged([], after=30), timeout=silence) as client,
        client.sse("/events") as events,
    ):
        assert [event.data async for event in events] == ["one", "two"]


async def test_stream_between_two_pings_is_left_at_once(open_client: OpenClient) -> None:
    log: list[str] = []

    async with (
        open_client(pinged(log, after=1_000_000, every=1000.0), grace=10.0) as client,
        client.sse("/events") as events,
    ):
        async for event in events:
            assert event.data == "one"
            break

    assert log == ["the client has gone"]
