"""The feed in FastAPI: the events by its own response class."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import wraps

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from .feed import Feed, as_bytes

__all__ = ("create_app",)


def create_app(feed: Feed) -> FastAPI:
    app = FastAPI()

    async def stream() -> StreamingResponse:
        return StreamingResponse(feed.parts(as_bytes))

    async def endpoint() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent()

    # FastAPI wants to see a generator function; the generator has to be one that the feed knows.
    @wraps(endpoint)
    def events() -> AsyncIterator[ServerSentEvent]:
        return feed.parts(lambda text: ServerSentEvent(raw_data=text))

    app.get("/feed")(stream)
    app.get("/events", response_class=EventSourceResponse)(events)
    return app
