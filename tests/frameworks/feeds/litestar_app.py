"""The feed in Litestar."""

from __future__ import annotations

from litestar import Litestar, get
from litestar.response import ServerSentEvent, Stream

from .feed import Feed, as_bytes, as_text

__all__ = ("create_app",)


def create_app(feed: Feed) -> Litestar:
    @get("/feed")
    async def stream() -> Stream:
        return Stream(feed.parts(as_bytes))

    @get("/events")
    async def events() -> ServerSentEvent:
        return ServerSentEvent(feed.parts(as_text))

    return Litestar([stream, events], logging_config=None)
