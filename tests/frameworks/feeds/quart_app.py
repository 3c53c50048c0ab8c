"""The feed in Quart."""

from __future__ import annotations

from quart import Quart, Response

from .feed import Feed, as_bytes, as_event

__all__ = ("create_app",)


def create_app(feed: Feed) -> Quart:
    app = Quart(__name__)

    async def stream() -> Response:
        return Response(feed.parts(as_bytes))

    async def events() -> Response:
        return Response(feed.parts(as_event), mimetype="text/event-stream")

    app.get("/feed")(stream)
    app.get("/events")(events)
    return app
