"""The bodies the shop accepts and answers with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shop.models import OrderState

__all__ = (
    "AccountOut",
    "Amount",
    "Credentials",
    "FeedEvent",
    "ManualOut",
    "MessageIn",
    "MessageSent",
    "Number",
    "OrderIn",
    "OrderOut",
    "OrderStateIn",
    "PriceOut",
    "Problem",
    "ProductIn",
    "ProductOut",
    "Refused",
    "ReportOut",
    "SaleOut",
    "StateChanged",
    "problems",
)

Name = Annotated[str, Field(min_length=1, max_length=100)]

# The number of a row. A greater one is not exact in JSON, and soon fits no column of SQLite.
Number = Annotated[int, Field(ge=1, le=2**53 - 1)]
Amount = Annotated[int, Field(ge=0, le=10**9)]


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


# Any: FastAPI's own type for what documents an answer.
def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document the statuses with which an endpoint refuses a request."""
    return {status: {"model": Problem} for status in statuses}


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
    price_cents: Annotated[Amount, Field(gt=0)]
    stock: Amount = 0


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

    product_id: Number
    quantity: Annotated[Amount, Field(gt=0)] = 1


class OrderOut(Row):
    """A sale as its customer sees it."""

    id: int
    product_id: int
    quantity: int
    total_cents: int
    state: OrderState


class SaleOut(BaseModel):
    """A sale as everybody may see it: without the customer."""

    order_id: int
    product: str
    quantity: int


class OrderStateIn(BaseModel):
    """How far the shop has come with an order."""

    state: OrderState


class StateChanged(BaseModel):
    """Tells on the feed how far an order has come."""

    event: Literal["state"] = "state"
    order_id: int
    state: OrderState


class MessageIn(BaseModel):
    """What customer and shop send to each other on the feed."""

    order_id: Number
    text: Annotated[str, Field(min_length=1, max_length=1000)]


class MessageSent(BaseModel):
    """Tells both sides on the feed what one of them wrote."""

    event: Literal["message"] = "message"
    order_id: int
    sender: str
    text: str


class Refused(BaseModel):
    """Tells the sender on the feed that a message went nowhere."""

    event: Literal["refused"] = "refused"
    reason: str


FeedEvent = StateChanged | MessageSent | Refused


class ReportOut(BaseModel):
    """How the shop is doing."""

    units_sold: int
    units_per_day: float
