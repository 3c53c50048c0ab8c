"""The product adviser: it answers token by token, and can take up an answer that broke off.

`CatalogueAdviser` needs no network and knows the catalogue only. A language model is called the
same way.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Protocol

import anyio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.models import Product

__all__ = ("Adviser", "AdviserLostError", "CatalogueAdviser")


class AdviserLostError(Exception):
    """The adviser broke off; asked again, it would go on."""


class Adviser(Protocol):
    """Somebody who answers questions about products."""

    def __call__(self, question: str, so_far: str) -> AsyncGenerator[str]:
        """Yield the tokens that come after those of the answer so far.

        Raises:
            AdviserLostError: before the end.
        """


class CatalogueAdviser:
    """Recommends what the question names, else the cheapest product there is."""

    def __init__(self, database: AsyncSession) -> None:
        self._database = database

    async def __call__(self, question: str, so_far: str) -> AsyncGenerator[str]:
        answer = await self._answer(question)
        for token in re.findall(r"\S+\s*", answer.removeprefix(so_far)):
            yield token

    async def _answer(self, question: str) -> str:
        query = select(Product).order_by(Product.price_cents, Product.id)
        # A cancelled query would cost the database its connection.
        with anyio.CancelScope(shield=True):
            products = (await self._database.scalars(query)).all()
            await self._database.commit()
        if not products:
            return "The shelves are empty."
        named = [product for product in products if product.name.lower() in question.lower()]
        best = (named or products)[0]
        return f"Take the {best.name}: it costs {best.price_cents / 100:.2f} only."
