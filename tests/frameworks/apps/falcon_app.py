"""The shop in Falcon: one resource with a responder per route, the lifespan in a middleware."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import falcon
from falcon.asgi import App, Request, Response

from .shop import FAILURE, download, measure

__all__ = ("create_app",)

NAMES = (
    "hello",
    "echo",
    "upload",
    "download",
    "fail",
    "old",
    "login",
    "whoami",
    "started",
    "asgi",
)


def create_app(log: list[str]) -> App[Request, Response]:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""
    lifespan = _Lifespan(log)
    app = App(middleware=[lifespan])
    shop = _Shop(lifespan)
    for name in NAMES:
        app.add_route(f"/{name}", shop, suffix=name)
    return app


class _Lifespan:
    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.started = "no"

    # ASGI leaves the values of scopes and events untyped.
    async def process_startup(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self.log.append("startup")
        self.started = "yes"

    async def process_shutdown(self, scope: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self.started = "no"
        self.log.append("shutdown")


class _Shop:
    def __init__(self, lifespan: _Lifespan) -> None:
        self.lifespan = lifespan

    async def on_get_hello(self, request: Request, response: Response) -> None:
        _answer(response, "hello")

    async def on_post_echo(self, request: Request, response: Response) -> None:
        response.media = await request.get_media()

    async def on_post_upload(self, request: Request, response: Response) -> None:
        response.media = await measure(request.stream)

    async def on_get_download(self, request: Request, response: Response) -> None:
        response.content_type = "application/octet-stream"
        response.stream = download()

    async def on_get_fail(self, request: Request, response: Response) -> None:
        raise RuntimeError(FAILURE)

    async def on_get_old(self, request: Request, response: Response) -> NoReturn:
        raise falcon.HTTPFound("/hello")

    async def on_get_login(self, request: Request, response: Response) -> None:
        # Falcon's cookies are for https alone unless told otherwise.
        response.set_cookie("session", "abc", secure=False)
        _answer(response, "welcome")

    async def on_get_whoami(self, request: Request, response: Response) -> None:
        _answer(response, request.cookies.get("session", "nobody"))

    async def on_get_started(self, request: Request, response: Response) -> None:
        _answer(response, self.lifespan.started)

    async def on_get_asgi(self, request: Request, response: Response) -> None:
        _answer(response, request.scope["asgi"]["version"])


def _answer(response: Response, text: str) -> None:
    response.content_type = falcon.MEDIA_TEXT
    response.text = text
