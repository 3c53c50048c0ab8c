"""The shop in Starlette: plain routes, and a lifespan whose state reaches every request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from .shop import FAILURE, download, measure

__all__ = ("create_app",)


def create_app(log: list[str]) -> Starlette:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, str]]:
        log.append("startup")
        yield {"started": "yes"}
        log.append("shutdown")

    return Starlette(routes=ROUTES, lifespan=lifespan)


async def _hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def _echo(request: Request) -> Response:
    return JSONResponse(await request.json())


async def _upload(request: Request) -> Response:
    return JSONResponse(await measure(request.stream()))


async def _download(request: Request) -> Response:
    return StreamingResponse(download())


async def _fail(request: Request) -> Response:
    raise RuntimeError(FAILURE)


async def _old(request: Request) -> Response:
    return RedirectResponse("/hello")


async def _login(request: Request) -> Response:
    response = PlainTextResponse("welcome")
    response.set_cookie("session", "abc")
    return response


async def _whoami(request: Request) -> Response:
    return PlainTextResponse(request.cookies.get("session", "nobody"))


async def _started(request: Request) -> Response:
    return PlainTextResponse(getattr(request.state, "started", "no"))


async def _asgi(request: Request) -> Response:
    return PlainTextResponse(request.scope["asgi"]["version"])


ROUTES = (
    Route("/hello", _hello),
    Route("/echo", _echo, methods=["POST"]),
    Route("/upload", _upload, methods=["POST"]),
    Route("/download", _download),
    Route("/fail", _fail),
    Route("/old", _old),
    Route("/login", _login),
    Route("/whoami", _whoami),
    Route("/started", _started),
    Route("/asgi", _asgi),
)
