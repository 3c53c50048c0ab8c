"""The feed in Falcon."""

from __future__ import annotations

from falcon.asgi import App, Request, Response, SSEvent

from .feed import Feed, as_bytes

__all__ = ("create_app",)


def create_app(feed: Feed) -> App[Request, Response]:
    app = App()
    app.add_route("/feed", _Stream(feed))
    app.add_route("/events", _Events(feed))
    return app


class _Stream:
    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def on_get(self, request: Request, response: Response) -> None:
        response.stream = self._feed.parts(as_bytes)


class _Events:
    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def on_get(self, request: Request, response: Response) -> None:
        response.sse = self._feed.parts(lambda text: SSEvent(text=text))
