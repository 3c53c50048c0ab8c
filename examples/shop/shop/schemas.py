"""The bodies the shop accepts and answers with."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = (
    "AccountOut",
    "Credentials",
    "ManualOut",
    "OrderIn",
    "OrderOut",
    "PriceOut",
    "ProductIn",
    "ProductOut",
    "ReportOut",
)

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Row(BaseModel):
    """An answer that is read from the attributes of a table row."""

    model_config = ConfigDict(from_attributes=True)


class Credentials(BaseModel):
    """What somebody signs up and logs in with."""

    name: Name
    password: Annotated[str, Field(min_length=8)]


class AccountOut(Row):
    """An account as others may see it: without the password's hash."""

    id: int
    name: str


class ProductIn(BaseModel):
    """A product to put up for sale."""

    name: Name
    price_cents: Annotated[int, Field(gt=0)]
    stock: Annotated[int, Field(ge=0)] = 0


class ProductOut(Row):
    """A product on sale."""

    id: int
    name: str
    price_cents: int
    stock: int
    image_type: str | None


class PriceOut(BaseModel):
    """A price in the customer's own money."""

    currency: str
    cents: int


class ManualOut(Row):
    """A manual, without its bytes."""

    id: int
    title: str
    file_name: str
    size_bytes: int


class OrderIn(BaseModel):
    """What a customer wants to buy."""

    product_id: int
    quantity: Annotated[int, Field(gt=0)] = 1


class OrderOut(Row):
    """A sale as its customer sees it."""

    id: int
    product_id: int
    quantity: int
    total_cents: int


class ReportOut(BaseModel):
    """How the shop is doing."""

    units_sold: int
    units_per_day: float
