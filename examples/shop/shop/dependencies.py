"""What endpoints ask FastAPI for: the database, the time, the customer, the product.

Everything here can be replaced in a test through the client's `override`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Annotated

import httpx2
from fastapi import Cookie, Depends, HTTPException, Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from shop.models import Account, Login, Product
from shop.passwords import digest_token

__all__ = (
    "LOGIN_COOKIE",
    "CurrentAccount",
    "Database",
    "Engine",
    "ExistingProduct",
    "Now",
    "Rates",
    "UploadFolder",
    "current_account",
    "database_engine",
    "database_session",
    "exchange_rates",
    "existing_product",
    "unix_time",
    "upload_folder",
)

LOGIN_COOKIE = "shop_login"
RATES_URL = "https://api.frankfurter.dev/v1/latest?base=EUR"


async def database_engine(request: Request) -> AsyncEngine:
    """Return the engine that the lifespan opened."""
    engine: AsyncEngine = request.state.engine
    return engine


Engine = Annotated[AsyncEngine, Depends(database_engine)]


async def database_session(engine: Engine) -> AsyncIterator[AsyncSession]:
    """Lend a session for as long as the response takes."""
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session


Database = Annotated[AsyncSession, Depends(database_session)]


async def upload_folder(request: Request) -> Path:
    """Return where uploads are kept."""
    folder: Path = request.state.upload_folder
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


async def current_account(
    database: Database, now: Now, token: Annotated[str | None, Cookie(alias=LOGIN_COOKIE)] = None
) -> Account:
    """Return whose cookie this is; 401 without one, or with one that is no longer good."""
    login = await database.get(Login, digest_token(token)) if token else None
    if login is None or login.expires_at <= now:
        raise HTTPException(401, "Log in first.")
    return await database.get_one(Account, login.account_id)


CurrentAccount = Annotated[Account, Depends(current_account)]


async def existing_product(product_id: int, database: Database) -> Product:
    """Return the product that the path names; 404 if there is none."""
    product = await database.get(Product, product_id)
    if product is None:
        raise HTTPException(404, f"There is no product {product_id}.")
    return product


ExistingProduct = Annotated[Product, Depends(existing_product)]
