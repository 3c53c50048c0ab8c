"""Buying. A receipt goes into the outbox after the customer has the answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import anyio
from fastapi import APIRouter, BackgroundTasks, HTTPException
from fastapi.responses import StreamingResponse
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from shop.dependencies import (
    CurrentAccount,
    CurrentStaff,
    Database,
    Engine,
    ExistingOrder,
    Feed,
    Now,
)
from shop.models import Account, Mail, Order, Product
from shop.schemas import OrderIn, OrderOut, OrderStateIn, SaleOut, StateChanged, problems

__all__ = ("router",)

router = APIRouter()


@router.post("/orders", status_code=201, response_model=OrderOut, responses=problems(400, 401, 409))
async def place_order(
    body: OrderIn,
    background: BackgroundTasks,
    database: Database,
    engine: Engine,
    account: CurrentAccount,
    feed: Feed,
    now: Now,
) -> Order:
    """Sell, if there is enough in stock; 409 otherwise."""
    price_cents = await _take_from_stock(database, body)
    order = Order(
        **body.model_dump(),
        account_id=account.id,
        total_cents=price_cents * body.quantity,
        placed_at=now,
    )
    database.add(order)
    await database.commit()
    feed.tell(account.id, StateChanged(order_id=order.id, state=order.state))
    background.add_task(_queue_receipt, engine, order.id)
    return order


@router.get("/orders", response_model=list[OrderOut], responses=problems(401))
async def list_orders(database: Database, account: CurrentAccount) -> Sequence[Order]:
    """List the customer's own orders, oldest first."""
    query = select(Order).where(Order.account_id == account.id).order_by(Order.id)
    rows = await database.scalars(query)
    return rows.all()


@router.get(
    "/orders/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}}},
)
async def stream_sales(database: Database) -> StreamingResponse:
    """Tell everybody what was sold, and nobody to whom: one JSON document a line."""
    return StreamingResponse(_sale_lines(database), media_type="application/x-ndjson")


@router.put(
    "/orders/{order_id}/state", response_model=OrderOut, responses=problems(400, 401, 403, 404)
)
async def change_state(
    order: ExistingOrder,
    body: OrderStateIn,
    database: Database,
    feed: Feed,
    _staff: CurrentStaff,
) -> Order:
    """Note how far an order has come, and tell its customer; 403 for customers."""
    order.state = body.state
    await database.commit()
    feed.tell(order.account_id, StateChanged(order_id=order.id, state=order.state))
    return order


async def _sale_lines(database: AsyncSession) -> AsyncIterator[str]:
    """Yield a line per order, oldest first; fetches are shielded as those of the export."""
    query = select(Order.id, Product.name, Order.quantity).join(Product).order_by(Order.id)
    with anyio.CancelScope(shield=True):
        rows = await database.stream(query)
    while True:
        with anyio.CancelScope(shield=True):
            row = await rows.fetchone()
        if row is None:
            return
        sale = SaleOut(order_id=row.id, product=row.name, quantity=row.quantity)
        yield f"{sale.model_dump_json()}\n"


async def _take_from_stock(database: AsyncSession, wanted: OrderIn) -> int:
    """Lower the stock and return the unit price.

    One statement looks and takes, so that two customers never get the same last piece.
    """
    query = (
        update(Product)
        .where(Product.id == wanted.product_id, Product.stock >= wanted.quantity)
        .values(stock=Product.stock - wanted.quantity)
        .returning(Product.price_cents)
    )
    price_cents = await database.scalar(query)
    if price_cents is None:
        raise HTTPException(409, "There are not enough of this product.")
    return price_cents


async def _queue_receipt(engine: AsyncEngine, order_id: int) -> None:
    """Write the receipt's mail, in a session of its own: the request's is about to close."""
    query = select(Account.name).join(Order).where(Order.id == order_id)
    async with AsyncSession(engine) as database, database.begin():
        recipient = (await database.execute(query)).scalar_one()
        database.add(Mail(recipient=recipient, subject=f"Receipt for order {order_id}"))
