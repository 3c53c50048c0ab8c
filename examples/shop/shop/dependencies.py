"""What endpoints ask FastAPI for: the database, the time, the customer, the product.

Everything here can be replaced in a test through the client's `override`. What asks for an
`HTTPConnection` and not for a `Request` serves WebSocket endpoints, too.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import httpx2
from fastapi import Cookie, Depends, HTTPException
from fastapi.requests import HTTPConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from shop.adviser import Adviser, CatalogueAdviser
from shop.feed import OrderFeed
from shop.models import Account, Login, Order, Product
from shop.passwords import digest_token
from shop.schemas import Number

__all__ = (
    "LOGIN_COOKIE",
    "Cleanup",
    "CurrentAccount",
    "CurrentLogin",
    "CurrentStaff",
    "Database",
    "Engine",
    "ExistingOrder",
    "ExistingProduct",
    "Feed",
    "Now",
    "ProductAdviser",
    "Rates",
    "UploadFolder",
    "adviser",
    "current_account",
    "current_login",
    "current_staff",
    "database_engine",
    "database_session",
    "exchange_rates",
    "existing_order",
    "existing_product",
    "order_feed",
    "request_cleanup",
    "unix_time",
    "upload_folder",
)

LOGIN_COOKIE = "shop_login"
RATES_URL = "https://api.frankfurter.dev/v1/latest?base=EUR"


async def database_engine(connection: HTTPConnection) -> AsyncEngine:
    """Return the engine that the lifespan opened."""
    engine: AsyncEngine = connection.state.engine
    return engine


Engine = Annotated[AsyncEngine, Depends(database_engine)]


async def database_session(engine: Engine) -> AsyncIterator[AsyncSession]:
    """Lend a session for as long as the response takes."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session


Database = Annotated[AsyncSession, Depends(database_session)]


async def upload_folder(connection: HTTPConnection) -> Path:
    """Return where uploads are kept."""
    folder: Path = connection.state.upload_folder
    return folder


UploadFolder = Annotated[Path, Depends(upload_folder)]


async def unix_time() -> int:
    """Return the whole seconds since 1970."""
    return int(time.time())


Now = Annotated[int, Depends(unix_time)]


async def exchange_rates() -> Mapping[str, float]:
    """Ask the bank what one euro is worth today, by currency."""
    async with httpx2.AsyncClient() as bank:
        response = await bank.get(RATES_URL)
    rates: dict[str, float] = response.raise_for_status().json()["rates"]
    return rates


Rates = Annotated[Mapping[str, float], Depends(exchange_rates)]


async def request_cleanup() -> AsyncIterator[AsyncExitStack]:
    """Lend a place for what must end together with the response, however that ends."""
    async with AsyncExitStack() as cleanup:
        yield cleanup


Cleanup = Annotated[AsyncExitStack, Depends(request_cleanup)]


async def order_feed(connection: HTTPConnection) -> OrderFeed:
    """Return the one feed that all customers follow."""
    feed: OrderFeed = connection.state.feed
    return feed


Feed = Annotated[OrderFeed, Depends(order_feed)]


async def adviser(database: Database) -> Adviser:
    """Return who answers questions about products."""
    return CatalogueAdviser(database)


ProductAdviser = Annotated[Adviser, Depends(adviser)]


async def current_login(
    database: Database, now: Now, token: Annotated[str | None, Cookie(alias=LOGIN_COOKIE)] = None
) -> Login:
    """Return the login of this cookie; 401 without one, or with one that is no longer good."""
    login = await database.get(Login, digest_token(token)) if token else None
    if login is None or login.expires_at <= now:
        raise HTTPException(401, "Log in first.")
    return login


CurrentLogin = Annotated[Login, Depends(current_login)]


async def current_account(login: CurrentLogin, database: Database) -> Account:
    """Return who is logged in; 401 for nobody."""
    return await database.get_one(Account, login.account_id)


CurrentAccount = Annotated[Account, Depends(current_account)]


async def current_staff(account: CurrentAccount) -> Account:
    """Return who of the shop is logged in; 403 for customers."""
    if not account.is_staff:
        raise HTTPException(403, "This is for the shop's staff.")
    return account


CurrentStaff = Annotated[Account, Depends(current_staff)]


async def existing_product(product_id: Number, database: Database) -> Product:
    """Return the product that the path names; 404 if there is none."""
    product = await database.get(Product, product_id)
    if product is None:
        raise HTTPException(404, f"There is no product {product_id}.")
    return product


ExistingProduct = Annotated[Product, Depends(existing_product)]


async def existing_order(order_id: Number, database: Database) -> Order:
    """Return the order that the path names; 404 if there is none."""
    order = await database.get(Order, order_id)
    if order is None:
        raise HTTPException(404, f"There is no order {order_id}.")
    return order


ExistingOrder = Annotated[Order, Depends(existing_order)]
