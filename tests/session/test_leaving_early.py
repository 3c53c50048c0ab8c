"""Leaving an endless stream early ends the app's generator: gently where the app listens.

The app hears `http.disconnect` and has its grace time. What a framework then does to its own
tasks and generators is its affair; the task in which we call the app is cancelled only when the
grace time has run out.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import anyio
import pytest

from asgi_testkit import ASGITaskLeakWarning
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, http_app, piece, start
from tests.frameworks.feeds.feed import Feed, Pace
from tests.frameworks.feeds.table import SOURCES, Source
from tests.modes import OpenClient

PATIENT = 10.0  # seconds of grace that no app needs which listens
SHORT = 0.1


def over(pace: Pace, *, deaf: bool) -> pytest.MarkDecorator:
    """Run a test once for each source that is deaf at this pace, or not, in each of its modes."""
    combinations = [
        pytest.param(source, mode, id=f"{source.name}-{source.kind}-{mode}")
        for source in SOURCES
        for mode in source.modes
        if (pace in source.deaf) is deaf and pace not in source.unsteady
    ]
    return pytest.mark.parametrize(
        ("source", "open_client"), combinations, indirect=["open_client"]
    )


def watched(app: Any, ends: list[str]) -> App:
    """Return the app, noting how each HTTP call of it ends."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        try:
            await app(scope, receive, send)
        except anyio.get_cancelled_exc_class():
            ends.append("cancelled")
            raise
        except BaseException as error:
            ends.append(repr(error))
            raise
        ends.append("returned")

    return call


async def read_one_and_leave(client: Any, source: Source) -> str:
    """Read the first part of the feed, by `stream()` or `sse()`, and leave."""
    if source.kind == "events":
        async with client.sse("/events") as events:
            async for event in events:
                return str(event.data)
    async with (
        client.stream("GET", "/feed") as response,
        aclosing(response.aiter_bytes()) as pieces,
    ):
        return bytes(await anext(pieces)).decode()


def reports(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "asgi_testkit"]


@over("idle", deaf=False)
async def test_waiting_generator_is_ended_by_its_framework_without_our_cancellation(
    open_client: OpenClient, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    feed, ends = Feed("idle"), list[str]()

    async with open_client(
        watched(source.create_app(feed), ends), grace=PATIENT, ignore_rules=source.breaks
    ) as client:
        first = await read_one_and_leave(client, source)
        seen = feed.seen.copy()

    assert (first, seen) == ("first", ["cancelled", "awaited", "closed"])
    assert (ends, reports(caplog)) == (["returned"], [])


@over("tight", deaf=False)
async def test_busy_generator_is_ended_by_its_framework_without_our_cancellation(
    open_client: OpenClient, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    feed, ends = Feed("tight"), list[str]()

    async with open_client(
        watched(source.create_app(feed), ends), grace=PATIENT, ignore_rules=source.breaks
    ) as client:
        first = await read_one_and_leave(client, source)
        seen = feed.seen.copy()
        await client.run(feed.close)

    closed = ["GeneratorExit", "awaited", "closed"]
    assert (first, seen) == ("first", closed if source.closes_its_generator else [])
    assert (feed.seen, ends, reports(caplog)) == (closed, ["returned"], [])


# On trio, a generator of FastAPI's own that it leaves to the garbage collector is warned of.
@pytest.mark.parametrize("open_client", ["thread", "inline", "asyncio", "uvloop"], indirect=True)
async def test_busy_events_of_fastapi_end_without_our_cancellation_and_nothing_is_raised(
    open_client: OpenClient,
) -> None:
    (source,) = (source for source in SOURCES if source.unsteady)
    feed, ends = Feed("tight"), list[str]()

    async with open_client(
        watched(source.create_app(feed), ends), grace=PATIENT, ignore_rules=source.breaks
    ) as client:
        first = await read_one_and_leave(client, source)
        await client.run(feed.close)

    assert (first, feed.seen) == ("first", ["GeneratorExit", "awaited", "closed"])
    assert (len(ends), "cancelled" in ends) == (1, False)


@over("idle", deaf=True)
async def test_waiting_generator_of_a_deaf_app_is_ended_by_the_cancellation(
    open_client: OpenClient, source: Source
) -> None:
    feed, ends = Feed("idle"), list[str]()

    async with open_client(
        watched(source.create_app(feed), ends), grace=SHORT, ignore_rules=source.breaks
    ) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled") as warned:
            first = await read_one_and_leave(client, source)
        seen = feed.seen.copy()

    assert (first, seen) == ("first", ["cancelled", "awaited", "closed"])
    assert (ends, len(warned)) == (["cancelled"], 1)


@over("tight", deaf=True)
async def test_busy_generator_of_a_deaf_app_is_ended_by_the_cancellation(
    open_client: OpenClient, source: Source
) -> None:
    feed, ends = Feed("tight"), list[str]()

    async with open_client(
        watched(source.create_app(feed), ends), grace=SHORT, ignore_rules=source.breaks
    ) as client:
        with pytest.warns(ASGITaskLeakWarning, match="had to be cancelled") as warned:
            first = await read_one_and_leave(client, source)
        seen = feed.seen.copy()
        await client.run(feed.close)

    closed = ["GeneratorExit", "awaited", "closed"]
    assert (first, seen) == ("first", closed if source.closes_its_generator else [])
    assert (feed.seen, ends, len(warned)) == (closed, ["cancelled"], 1)


async def test_rules_that_were_broken_before_a_cancellation_are_notes_on_its_warning(
    open_client: OpenClient,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await start(send, headers=[(b"X-A", b"1")])
        await piece(send, b"one")
        await anyio.sleep_forever()

    async with open_client(http_app(app), grace=0.01) as client:
        with pytest.raises(ASGITaskLeakWarning, match="had to be cancelled") as caught:
            async with client.stream("GET", "/"):
                pass

    (note,) = getattr(caught.value, "__notes__", [])
    assert "Rule H27 (" in note
