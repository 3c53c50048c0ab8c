"""Apps as their frameworks type them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.typing import (
    ASGI2Application,
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    Scope,
)
from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]
from falcon.asgi import App as Falcon
from falcon.asgi import Request, Response
from fastapi import FastAPI
from litestar import Litestar
from quart import Quart
from starlette.applications import Starlette
from starlette.types import ASGIApp as StarletteApp

import asgi_testkit
import asgi_testkit.httpx
import asgi_testkit.requests
from asgi_testkit.types import ASGIApp


async def raw3(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None: ...


async def raw3_by_asgiref(
    scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None: ...


class Raw2:
    """The double-callable form, as a class."""

    def __init__(self, scope: dict[str, Any]) -> None: ...

    async def __call__(
        self,
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None: ...


def accepted_by_everything(app: ASGIApp) -> None:
    asgi_testkit.TestClient(app)
    asgi_testkit.AsyncTestClient(app)
    asgi_testkit.SyncASGITransport(app)
    asgi_testkit.ASGITransport(app)
    asgi_testkit.LifespanManager(app)
    asgi_testkit.check(app)
    asgi_testkit.httpx.TestClient(app)
    asgi_testkit.httpx.AsyncTestClient(app)
    asgi_testkit.httpx.SyncASGITransport(app)
    asgi_testkit.httpx.ASGITransport(app)
    asgi_testkit.requests.TestClient(app)
    asgi_testkit.requests.ASGIAdapter(app)


def every_app(
    by_asgiref_3: ASGI3Application, by_asgiref_2: ASGI2Application, by_starlette: StarletteApp
) -> None:
    accepted_by_everything(Starlette())
    accepted_by_everything(FastAPI())
    accepted_by_everything(Litestar())
    accepted_by_everything(Quart("shop"))
    accepted_by_everything(get_asgi_application())
    accepted_by_everything(Falcon[Request, Response]())
    accepted_by_everything(raw3)
    accepted_by_everything(raw3_by_asgiref)
    accepted_by_everything(Raw2)
    accepted_by_everything(by_asgiref_3)
    accepted_by_everything(by_asgiref_2)
    accepted_by_everything(by_starlette)


def whole_and_part(manager: asgi_testkit.LifespanManager) -> None:
    accepted_by_everything(manager.app)
