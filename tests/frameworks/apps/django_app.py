"""The shop in Django: settings, URLs and views in one module, the database in memory.

Importing this module configures Django, once per process. Django has no lifespan: its handler
raises `ValueError` for any scope but "http", so `log` stays empty.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import path

from .shop import FAILURE, PIECE_BYTES, download, measure

__all__ = ("create_app",)

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[f"{__package__}.catalog"],
    LOGGING_CONFIG=None,
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for tests",
    USE_TZ=True,
)
django.setup()

from .catalog import views  # noqa: E402 - models need the settings above


def create_app(log: list[str]) -> Any:  # Django is untyped
    """Return a new handler; `log` is what other shops report their lifespan to."""
    return get_asgi_application()


def hello(request: HttpRequest) -> HttpResponse:
    return _text("hello")


def echo(request: HttpRequest) -> HttpResponse:
    return JsonResponse(json.loads(request.body), safe=False)


async def upload(request: HttpRequest) -> HttpResponse:
    return JsonResponse(await measure(_body(request)))


async def stream_download(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(download())


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(FAILURE)


def old(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect("/hello")


def login(request: HttpRequest) -> HttpResponse:
    response = _text("welcome")
    response.set_cookie("session", "abc")
    return response


def whoami(request: HttpRequest) -> HttpResponse:
    return _text(request.COOKIES.get("session", "nobody"))


def started(request: HttpRequest) -> HttpResponse:
    return _text("no")


def asgi(request: HttpRequest) -> HttpResponse:
    return _text(request.scope["asgi"]["version"])


async def _body(request: HttpRequest) -> AsyncIterator[bytes]:
    # Django has the whole body in a file before the view begins.
    while piece := await sync_to_async(request.read)(PIECE_BYTES):
        yield piece


def _text(content: str) -> HttpResponse:
    return HttpResponse(content, content_type="text/plain; charset=utf-8")


urlpatterns = [
    path("hello", hello),
    path("echo", echo),
    path("upload", upload),
    path("download", stream_download),
    path("fail", fail),
    path("old", old),
    path("login", login),
    path("whoami", whoami),
    path("started", started),
    path("asgi", asgi),
    path("books", views.books),
    path("async-books", views.async_books),
]
