"""The shop, ready to run: `create_app` is a factory for servers and for `asgi-testkit`.

Its files are in the folder that `SHOP_FOLDER` names, or in a new temporary one. A new database gets
something to look at.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).parent))  # run from anywhere, installed or not

import shop
from shop.models import Account, Order, Product, Table

__all__ = ("create_app",)

OPENED_AT = 1_700_000_000  # seconds since 1970
GOODS = (("lamp", 1250), ("chair", 8900), ("clock", 4300))


def create_app() -> FastAPI:
    """Return the shop."""
    folder = Path(os.environ.get("SHOP_FOLDER") or tempfile.mkdtemp(prefix="shop-"))
    file = folder / "shop.db"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fill(f"sqlite:///{file}")
    return shop.create_app(
        database_url=f"sqlite+aiosqlite:///{file}", upload_folder=folder / "uploads"
    )


def fill(database_url: str, *, orders: int = 1000) -> None:
    """Make a database with an owner, some goods, and so many orders."""
    engine = create_engine(database_url)
    Table.metadata.create_all(engine)
    with Session(engine) as database, database.begin():
        database.add(Account(id=1, name="Ada", password_hash="", is_staff=True))
        for number, (name, price) in enumerate(GOODS, 1):
            database.add(Product(id=number, name=name, price_cents=price, stock=5))
        database.flush()
        database.add_all(map(order, range(orders)))
    engine.dispose()


def order(number: int) -> Order:
    """Return one of the orders."""
    product = number % len(GOODS)
    quantity = 1 + number % 4
    return Order(
        account_id=1,
        product_id=product + 1,
        quantity=quantity,
        total_cents=GOODS[product][1] * quantity,
        placed_at=OPENED_AT + 60 * number,
    )
