"""A Starlette app with a route of each kind, to be wrapped in Starlette's middlewares."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    BaseUser,
    SimpleUser,
)
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

__all__ = ("MIDDLEWARES", "PATHS", "SOCKETS", "create_app")

PATHS = ("/", "/missing", "/stream", "/upload", "/form", "/visits", "/static/wrapped.py")
SOCKETS = ("/talk",)


def create_app(*middlewares: Middleware) -> Starlette:
    """Return a new app in these middlewares."""
    return Starlette(routes=_ROUTES, middleware=list(middlewares))


async def _hello(request: Request) -> Response:
    return PlainTextResponse("hello " * 200)


async def _stream(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1000

    return StreamingResponse(pieces())


async def _upload(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _form(request: Request) -> Response:
    async with request.form() as form:
        return PlainTextResponse(str(len(form)))


async def _visits(request: Request) -> Response:
    if "session" in request.scope:
        request.session["visits"] = request.session.get("visits", 0) + 1
    return PlainTextResponse("visited")


async def _talk(websocket: WebSocket) -> None:
    await websocket.accept("v1.asgi-testkit" if websocket.scope["subprotocols"] else None)
    while (await websocket.receive())["type"] != "websocket.disconnect":
        await websocket.send_text("heard")


_ROUTES = (
    Route("/", _hello),
    Route("/stream", _stream),
    Route("/upload", _upload, methods=["POST"]),
    Route("/form", _form, methods=["POST"]),
    Route("/visits", _visits),
    WebSocketRoute("/talk", _talk),
    Mount("/static", StaticFiles(directory=Path(__file__).parent)),
)


class _Everybody(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser]:
        return AuthCredentials(["shop"]), SimpleUser("kim")


async def _stamped(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers["x-stamp"] = "blue"
    return response


MIDDLEWARES: Mapping[str, Middleware] = MappingProxyType(
    {
        "authentication": Middleware(AuthenticationMiddleware, backend=_Everybody()),
        "base": Middleware(BaseHTTPMiddleware, dispatch=_stamped),
        "body_limit": Middleware(RequestBodyLimitMiddleware, max_body_size=20),
        "cors": Middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True),
        "errors": Middleware(ServerErrorMiddleware, debug=True),
        "exceptions": Middleware(ExceptionMiddleware),
        "gzip": Middleware(GZipMiddleware, minimum_size=10),
        "httpsredirect": Middleware(HTTPSRedirectMiddleware),
        "sessions": Middleware(SessionMiddleware, secret_key="only for tests"),
        "trustedhost": Middleware(TrustedHostMiddleware, allowed_hosts=["testserver"]),
    }
)
"""All of Starlette's own but OpenTelemetry's, which needs its SDK, and the deprecated WSGI one."""
