"""Who follows the order feed, and who hears what. Nothing here knows about WebSockets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from shop.models import Account, Login
from shop.schemas import FeedEvent

__all__ = ("Follower", "OrderFeed")


class Follower:
    """One open feed: what it is about to be told waits in `events`."""

    def __init__(self, account: Account, login: Login) -> None:
        self.account = account
        self.login_digest = login.token_digest
        self.events: MemoryObjectReceiveStream[FeedEvent]
        self._sender: MemoryObjectSendStream[FeedEvent]
        self._sender, self.events = anyio.create_memory_object_stream[FeedEvent](math.inf)

    def may_see_orders_of(self, customer_id: int) -> bool:
        """Tell whether this is the customer, or somebody of the shop."""
        return self.account.is_staff or self.account.id == customer_id

    def tell(self, event: FeedEvent) -> None:
        """Add an event to those that wait."""
        self._sender.send_nowait(event)

    def end(self) -> None:
        """End `events` behind those that wait."""
        self._sender.close()


class OrderFeed:
    """All open feeds of this process. Several processes would need a message broker here."""

    def __init__(self) -> None:
        self._followers: list[Follower] = []

    @contextmanager
    def follow(self, account: Account, login: Login) -> Iterator[Follower]:
        """Tell a follower what happens for as long as the block lasts."""
        follower = Follower(account, login)
        self._followers.append(follower)
        try:
            with follower.events:
                yield follower
        finally:
            follower.end()
            self._followers = [other for other in self._followers if other is not follower]

    def tell(self, customer_id: int, event: FeedEvent) -> None:
        """Tell an order's customer and the staff what happened to it."""
        for follower in self._followers:
            if follower.may_see_orders_of(customer_id):
                follower.tell(event)

    def end(self, login_digest: str) -> None:
        """End the feeds of a browser that logged out."""
        ended = [other for other in self._followers if other.login_digest == login_digest]
        self._followers = [other for other in self._followers if other not in ended]
        for follower in ended:
            follower.end()
