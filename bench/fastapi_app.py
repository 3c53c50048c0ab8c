"""The FastAPI app of the `fastapi` scenarios; import it only where FastAPI is installed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI
from pydantic import BaseModel

__all__ = ("app",)


class Page(BaseModel):
    """Which part of a list is wanted."""

    start: int = 0
    size: int = 10


class Item(BaseModel):
    """What both endpoints answer with."""

    number: int
    name: str
    page: Page


async def wanted_page(start: int = 0, size: int = 10) -> Page:
    """Read the page from the query."""
    return Page(start=start, size=size)


app = FastAPI(openapi_url=None)


@app.get("/items/{number}")
async def read_item(number: int, page: Annotated[Page, Depends(wanted_page)]) -> Item:
    """Answer in the event loop."""
    return Item(number=number, name="lamp", page=page)


@app.get("/blocking-items/{number}")
def read_item_in_a_thread(number: int) -> Item:
    """Answer in a worker thread, as every `def` endpoint does."""
    return Item(number=number, name="lamp", page=Page())
