"""The shop's tables.

Money is whole cents and time is whole seconds since 1970, because SQLite has neither a decimal
nor a date type.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = (
    "Account",
    "Advice",
    "AdviceToken",
    "Login",
    "Mail",
    "Manual",
    "Order",
    "OrderState",
    "Product",
    "Table",
)


class Table(DeclarativeBase):
    """What every table of the shop derives from; holds the schema as `Table.metadata`."""


class Account(Table):
    """Somebody who may log in."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    is_staff: Mapped[bool] = mapped_column(default=False)


class Login(Table):
    """One logged-in browser. Only the token's digest is stored, the cookie has the token."""

    __tablename__ = "login"

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[int]


class Product(Table):
    """Something for sale."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    price_cents: Mapped[int]
    stock: Mapped[int]
    image_type: Mapped[str | None] = mapped_column(default=None)


class Manual(Table):
    """A document that belongs to a product; its bytes lie in the upload folder."""

    __tablename__ = "manual"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    title: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int]


class OrderState(StrEnum):
    """How far an order has come."""

    PLACED = "placed"
    PACKED = "packed"
    SHIPPED = "shipped"


class Order(Table):
    """A sale. The total is what was agreed then, whatever the product costs now."""

    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
    total_cents: Mapped[int]
    placed_at: Mapped[int]
    state: Mapped[OrderState] = mapped_column(default=OrderState.PLACED)


class Mail(Table):
    """A letter that waits in the outbox for the mail program to fetch it."""

    __tablename__ = "mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]


class Advice(Table):
    """A question to the product adviser. What it has answered so far are the tokens."""

    __tablename__ = "advice"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    question: Mapped[str]
    is_done: Mapped[bool] = mapped_column(default=False)


class AdviceToken(Table):
    """A piece of an answer. The first has position 1."""

    __tablename__ = "advice_token"

    advice_id: Mapped[int] = mapped_column(ForeignKey("advice.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
