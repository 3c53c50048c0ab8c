"""The feed in Starlette."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from .feed import Feed, as_bytes, as_event

__all__ = ("create_app",)


def create_app(feed: Feed) -> Starlette:
    async def stream(request: Request) -> StreamingResponse:
        return StreamingResponse(feed.parts(as_bytes))

    async def events(request: Request) -> StreamingResponse:
        return StreamingResponse(feed.parts(as_event), media_type="text/event-stream")

    return Starlette(routes=[Route("/feed", stream), Route("/events", events)])
