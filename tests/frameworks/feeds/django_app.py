"""The feed in Django. Its settings are those of the shop; a middleware brings its own URLs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.test import override_settings
from django.urls import path
from django.utils.decorators import async_only_middleware

from tests.frameworks.apps import django_app  # configures Django, once per process

from .feed import Feed, as_bytes, as_event

__all__ = ("create_app",)

_Answer = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


def create_app(feed: Feed) -> Any:  # Django is untyped
    with override_settings(MIDDLEWARE=[f"{__name__}.with_feed"]):
        handler = django_app.create_app([])

    async def app(scope: Any, receive: Any, send: Any) -> None:  # ASGI leaves them open
        await handler({**scope, "feed": feed}, receive, send)

    return app


@async_only_middleware
def with_feed(get_response: _Answer) -> _Answer:
    """Give a request the URLs of this module."""

    async def answer(request: HttpRequest) -> HttpResponseBase:
        request.urlconf = __name__
        return await get_response(request)

    return answer


async def stream(request: Any) -> StreamingHttpResponse:  # `scope` is the ASGI request's alone
    return StreamingHttpResponse(request.scope["feed"].parts(as_bytes))


async def events(request: Any) -> StreamingHttpResponse:
    parts = request.scope["feed"].parts(as_event)
    return StreamingHttpResponse(parts, content_type="text/event-stream")


urlpatterns = [path("feed", stream), path("events", events)]
