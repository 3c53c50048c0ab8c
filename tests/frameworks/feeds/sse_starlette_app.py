"""The feed by sse-starlette, which has events alone."""

from __future__ import annotations

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from .feed import Feed

__all__ = ("create_app",)


def create_app(feed: Feed) -> Starlette:
    async def events(request: Request) -> EventSourceResponse:
        return EventSourceResponse(feed.parts(lambda text: ServerSentEvent(data=text)))

    return Starlette(routes=[Route("/events", events)])
