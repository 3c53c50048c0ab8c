"""The catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select

from shop.dependencies import CurrentAccount, Database, ExistingProduct, Rates
from shop.models import Product
from shop.schemas import Number, PriceOut, ProductIn, ProductOut, problems

__all__ = ("router",)

router = APIRouter()


@router.get("/products", response_model=list[ProductOut])
async def list_products(
    database: Database,
    search: str = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Sequence[Product]:
    """List products by name, those whose name contains the search only."""
    query = select(Product).where(Product.name.contains(search, autoescape=True))
    rows = await database.scalars(query.order_by(Product.name).limit(limit))
    return rows.all()


@router.post("/products", status_code=201, response_model=ProductOut, responses=problems(400, 401))
async def create_product(
    body: ProductIn,
    request: Request,
    response: Response,
    database: Database,
    _account: CurrentAccount,
) -> Product:
    """Put a product up for sale."""
    product = Product(**body.model_dump())
    database.add(product)
    await database.commit()
    response.headers["Location"] = str(request.url_for("show_product", product_id=product.id))
    return product


@router.get("/products/{product_id}", response_model=ProductOut, responses=problems(404))
async def show_product(product: ExistingProduct) -> Product:
    """Show one product."""
    return product


@router.get("/products/{product_id}/price", responses=problems(404))
async def show_price(product: ExistingProduct, currency: str, rates: Rates) -> PriceOut:
    """Convert the price at today's rate; 404 for a currency the bank does not list."""
    if currency not in rates:
        raise HTTPException(404, f"There is no rate for {currency!r}.")
    return PriceOut(currency=currency, cents=round(product.price_cents * rates[currency]))


@router.get("/p/{product_id}", response_class=RedirectResponse)
async def follow_short_link(product_id: Number, request: Request) -> RedirectResponse:
    """Send the short link on posters to the product."""
    return RedirectResponse(request.url_for("show_product", product_id=product_id))
