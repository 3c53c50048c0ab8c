"""The shop in FastAPI: `def` endpoints where a user would write them, `async def` for streams.

FastAPI reads annotations at run time: the types of an endpoint's parameters stay importable here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Body, Cookie, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse

from .shop import FAILURE, download, measure

__all__ = ("create_app",)

router = APIRouter()


def create_app(log: list[str]) -> FastAPI:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        log.append("startup")
        yield {"started": "yes"}
        log.append("shutdown")

    app = FastAPI(lifespan=lifespan)
    app.include_router(router)
    return app


@router.get("/hello", response_class=PlainTextResponse)
def hello() -> str:
    return "hello"


@router.post("/echo")
def echo(content: Annotated[Any, Body()]) -> Any:  # any JSON there is
    return content


@router.post("/upload")
async def upload(request: Request) -> dict[str, int]:
    return await measure(request.stream())


@router.get("/download")
async def stream_download() -> StreamingResponse:
    return StreamingResponse(download())


@router.get("/fail")
def fail() -> None:
    raise RuntimeError(FAILURE)


@router.get("/old")
def old() -> RedirectResponse:
    return RedirectResponse("/hello")


@router.get("/login", response_class=PlainTextResponse)
def login(response: Response) -> str:
    response.set_cookie("session", "abc")
    return "welcome"


@router.get("/whoami", response_class=PlainTextResponse)
def whoami(session: Annotated[str, Cookie()] = "nobody") -> str:
    return session


@router.get("/started", response_class=PlainTextResponse)
async def started(request: Request) -> str:
    return getattr(request.state, "started", "no")


@router.get("/asgi", response_class=PlainTextResponse)
async def asgi(request: Request) -> str:
    version: str = request.scope["asgi"]["version"]
    return version
