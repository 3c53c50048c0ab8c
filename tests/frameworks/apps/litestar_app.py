"""The shop in Litestar: its own handlers, streams and state.

Litestar reads annotations at run time: the types of a handler's parameters stay importable here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, Stream

from .shop import FAILURE, download, measure

__all__ = ("create_app",)


def create_app(log: list[str]) -> Litestar:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        log.append("startup")
        app.state.started = "yes"
        yield
        app.state.started = "no"
        log.append("shutdown")

    # Without `logging_config=None` every app would configure the process's logging anew.
    return Litestar(HANDLERS, lifespan=[lifespan], logging_config=None, openapi_config=None)


@get("/hello", media_type=MediaType.TEXT)
async def hello() -> str:
    return "hello"


@post("/echo", status_code=200)
async def echo(data: JSONBody[Any]) -> Any:  # any JSON there is
    return data


@post("/upload", status_code=200)
async def upload(request: Request[Any, Any, Any]) -> dict[str, int]:
    return await measure(request.stream())


@get("/download")
async def stream_download() -> Stream:
    return Stream(download())


@get("/fail")
async def fail() -> None:
    raise RuntimeError(FAILURE)


@get("/old", status_code=302)
async def old() -> Redirect:
    return Redirect("/hello")


@get("/login", media_type=MediaType.TEXT)
async def login() -> Response[str]:
    response = Response("welcome")
    response.set_cookie("session", "abc")
    return response


@get("/whoami", media_type=MediaType.TEXT)
async def whoami(request: Request[Any, Any, Any]) -> str:
    return request.cookies.get("session", "nobody")


@get("/started", media_type=MediaType.TEXT)
async def started(request: Request[Any, Any, Any]) -> str:
    answer: str = request.app.state.get("started", "no")
    return answer


@get("/asgi", media_type=MediaType.TEXT)
async def asgi(request: Request[Any, Any, Any]) -> str:
    return request.scope["asgi"]["version"]


HANDLERS = (
    hello,
    echo,
    upload,
    stream_download,
    fail,
    old,
    login,
    whoami,
    started,
    asgi,
)
