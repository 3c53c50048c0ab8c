"""The shop in Lilya: paths, and a lifespan whose state reaches every request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from lilya.apps import Lilya
from lilya.logging import StandardLoggingConfig
from lilya.requests import Request
from lilya.responses import (
    JSONResponse,
    PlainText,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from lilya.routing import Path

from .shop import FAILURE, download, measure

__all__ = ("create_app",)


def create_app(log: list[str]) -> Lilya:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""

    @asynccontextmanager
    async def lifespan(app: Lilya) -> AsyncIterator[dict[str, str]]:
        log.append("startup")
        yield {"started": "yes"}
        log.append("shutdown")

    # Without the flag every app would set the root logger to DEBUG, with a handler of its own.
    logging = StandardLoggingConfig(skip_setup_configure=True)
    return Lilya(routes=PATHS, lifespan=lifespan, logging_config=logging)


async def _hello(request: Request) -> Response:
    return PlainText("hello")


async def _echo(request: Request) -> Response:
    return JSONResponse(await request.json())


async def _upload(request: Request) -> Response:
    return JSONResponse(await measure(request.stream()))


async def _download(request: Request) -> Response:
    return StreamingResponse(download())


async def _fail(request: Request) -> Response:
    raise RuntimeError(FAILURE)


async def _old(request: Request) -> Response:
    return RedirectResponse("/hello", status_code=302)


async def _login(request: Request) -> Response:
    response = PlainText("welcome")
    response.set_cookie("session", "abc")
    return response


async def _whoami(request: Request) -> Response:
    return PlainText(request.cookies.get("session", "nobody"))


async def _started(request: Request) -> Response:
    return PlainText(getattr(request.state, "started", "no"))


async def _asgi(request: Request) -> Response:
    return PlainText(request.scope["asgi"]["version"])


PATHS = (
    Path("/hello", _hello),
    Path("/echo", _echo, methods=["POST"]),
    Path("/upload", _upload, methods=["POST"]),
    Path("/download", _download),
    Path("/fail", _fail),
    Path("/old", _old),
    Path("/login", _login),
    Path("/whoami", _whoami),
    Path("/started", _started),
    Path("/asgi", _asgi),
)
