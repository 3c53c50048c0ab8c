"""The feed as a raw app that never receives, and so never hears of its client's leaving."""

from __future__ import annotations

from contextlib import aclosing

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App, http_app, piece, start

from .feed import Feed, as_bytes, as_event

__all__ = ("create_app",)


def create_app(feed: Feed) -> App:
    @http_app
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_stream = scope["path"] == "/feed"
        kind = b"application/octet-stream" if is_stream else b"text/event-stream"
        await start(send, headers=[(b"content-type", kind)])
        async with aclosing(feed.parts(as_bytes if is_stream else as_event)) as parts:
            async for part in parts:
                await piece(send, part)

    return app
