"""What the owner looks at: the export and the sales report."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import anyio
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.dependencies import Database, Now
from shop.models import Order, Product
from shop.schemas import ReportOut

__all__ = ("router",)

DAY_SECONDS = 24 * 60 * 60

router = APIRouter()


@router.get(
    "/export.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}}},
)
async def export_products(database: Database) -> StreamingResponse:
    """Send the catalogue as CSV, row by row from the database to the client.

    The session belongs to the request and not to the generator: it is closed when the client
    leaves halfway, too.
    """
    return StreamingResponse(_csv_lines(database), media_type="text/csv")


@router.get("/report")
async def report_sales(database: Database, now: Now, days: int = 7) -> ReportOut:
    """Count the sales of the last days.

    Nobody thought of `days=0`: a bug on purpose, the tests show how it comes to light.
    """
    query = select(func.coalesce(func.sum(Order.quantity), 0))
    recent = query.where(Order.placed_at > now - days * DAY_SECONDS)
    units_sold: int = (await database.execute(recent)).scalar_one()
    return ReportOut(units_sold=units_sold, units_per_day=units_sold / days)


async def _csv_lines(database: AsyncSession) -> AsyncIterator[str]:
    """Yield the header, then one line per row.

    Starlette cancels this generator when the client leaves. A cancelled fetch would cost the
    database its connection, so each fetch is shielded and the export ends between two rows.
    """
    yield _csv_line("id", "name", "price_cents", "stock")
    query = select(Product.id, Product.name, Product.price_cents, Product.stock)
    with anyio.CancelScope(shield=True):
        rows = await database.stream(query.order_by(Product.id))
    while True:
        with anyio.CancelScope(shield=True):
            row = await rows.fetchone()
        if row is None:
            return
        yield _csv_line(*row)


def _csv_line(*cells: object) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
