"""Putting the application together: settings, lifespan, routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypedDict

import anyio
from fastapi import FastAPI, Request, Response
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import ClientDisconnect

from shop.database import open_database
from shop.feed import OrderFeed
from shop.routes import (
    accounts,
    advice,
    feed,
    images,
    manuals,
    orders,
    products,
    reports,
    videos,
)

__all__ = ("ShopState", "create_app")


class ShopState(TypedDict):
    """The lifespan state: what every request finds in `request.state`."""

    engine: AsyncEngine
    feed: OrderFeed
    upload_folder: Path
    password_cost: int


def create_app(*, database_url: str, upload_folder: Path, password_cost: int = 2**14) -> FastAPI:
    """Return a shop. It opens nothing before its lifespan starts.

    Args:
        database_url: SQLAlchemy's, with an asynchronous driver: `sqlite+aiosqlite:///shop.db`.
        upload_folder: is made at startup if it is missing.
        password_cost: scrypt's `n`; tests take a small one.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[ShopState]:
        await anyio.Path(upload_folder).mkdir(parents=True, exist_ok=True)
        engine = await open_database(database_url)
        # For code that has no request: jobs, a console, tests.
        app.state.engine = engine
        try:
            yield {
                "engine": engine,
                "feed": OrderFeed(),
                "upload_folder": upload_folder,
                "password_cost": password_cost,
            }
        finally:
            await engine.dispose()

    app = FastAPI(title="Shop", lifespan=lifespan)
    for routes in (accounts, products, images, videos, manuals, orders, feed, advice, reports):
        app.include_router(routes.router)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    return app


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    """End a request whose client left while sending: no bug of ours, nothing to report."""
    return Response(status_code=400)
