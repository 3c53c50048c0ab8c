"""The order feed: one WebSocket per customer, for news of their orders and a word with the shop."""

from __future__ import annotations

from contextlib import suppress

import anyio
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.dependencies import CurrentAccount, CurrentLogin, Database, Feed
from shop.feed import Follower, OrderFeed
from shop.models import Order
from shop.schemas import MessageIn, MessageSent, Refused

__all__ = ("LOGGED_OUT", "router")

LOGGED_OUT = 4401  # 4000 to 4999 are ours to define; this one is a late 401

router = APIRouter()


@router.websocket("/feed")
async def follow_orders(
    websocket: WebSocket,
    database: Database,
    login: CurrentLogin,
    account: CurrentAccount,
    feed: Feed,
) -> None:
    """Tell what happens to the customer's orders, and pass messages on, until somebody leaves.

    Nobody is let in without a login: the handshake is answered 401, as any request is.
    """
    # A feed stays open for hours. It must not keep the connection that looked up the login.
    await database.commit()
    with feed.follow(account, login) as follower:
        await websocket.accept()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_send_events, websocket, follower, tasks.cancel_scope)
            async for text in websocket.iter_text():
                # A cancelled query would cost the database its connection.
                with anyio.CancelScope(shield=True):
                    await _pass_on(text, follower, database, feed)
            tasks.cancel_scope.cancel()


async def _send_events(
    websocket: WebSocket, follower: Follower, endpoint: anyio.CancelScope
) -> None:
    """Send events until they end, which is when the customer logs out."""
    with suppress(WebSocketDisconnect):  # the customer left while we were sending
        async for event in follower.events:
            await websocket.send_text(event.model_dump_json())
        await websocket.close(LOGGED_OUT, "You logged out.")
    endpoint.cancel()


async def _pass_on(text: str, follower: Follower, database: AsyncSession, feed: OrderFeed) -> None:
    """Show a message to both sides; tell the sender alone when it concerns no order of theirs."""
    try:
        message = MessageIn.model_validate_json(text)
    except ValidationError:
        follower.tell(Refused(reason="Send an order_id and a text."))
        return
    order = await database.get(Order, message.order_id)
    await database.commit()
    if order is None or not follower.may_see_orders_of(order.account_id):
        follower.tell(Refused(reason=f"You have no order {message.order_id}."))
        return
    sender = follower.account.name
    feed.tell(order.account_id, MessageSent(sender=sender, **message.model_dump()))
