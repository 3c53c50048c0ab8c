"""Product manuals, sent as multipart forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, UploadFile
from fastapi.responses import FileResponse
from sqlalchemy import select

from shop.dependencies import CurrentAccount, Database, ExistingProduct, UploadFolder
from shop.models import Manual
from shop.schemas import ManualOut, Number, problems
from shop.uploads import UploadTooLargeError, pieces_of, store_pieces

__all__ = ("router",)

MANUAL_LIMIT_BYTES = 10 * 1024 * 1024

router = APIRouter()


@router.post(
    "/products/{product_id}/manuals",
    status_code=201,
    response_model=ManualOut,
    responses=problems(400, 401, 404, 413),
)
async def add_manual(
    product: ExistingProduct,
    title: Annotated[str, Form()],
    file: UploadFile,
    database: Database,
    folder: UploadFolder,
    _account: CurrentAccount,
) -> Manual:
    """Keep a document under a title of the sender's choice."""
    manual = Manual(
        product_id=product.id, title=title, file_name=file.filename or "manual", size_bytes=0
    )
    database.add(manual)
    await database.flush()
    path = _manual_path(folder, manual.id)
    try:
        manual.size_bytes = await store_pieces(
            pieces_of(file), path, limit_bytes=MANUAL_LIMIT_BYTES
        )
    except UploadTooLargeError:
        raise HTTPException(413, f"Send at most {MANUAL_LIMIT_BYTES} bytes.") from None
    await database.commit()
    return manual


@router.get(
    "/products/{product_id}/manuals", response_model=list[ManualOut], responses=problems(404)
)
async def list_manuals(product: ExistingProduct, database: Database) -> Sequence[Manual]:
    """List a product's manuals, oldest first."""
    query = select(Manual).where(Manual.product_id == product.id).order_by(Manual.id)
    rows = await database.scalars(query)
    return rows.all()


@router.get("/manuals/{manual_id}", response_class=FileResponse, responses=problems(404))
async def download_manual(
    manual_id: Number, database: Database, folder: UploadFolder
) -> FileResponse:
    """Send a manual under the name it was uploaded with."""
    manual = await database.get(Manual, manual_id)
    if manual is None:
        raise HTTPException(404, f"There is no manual {manual_id}.")
    return FileResponse(_manual_path(folder, manual.id), filename=manual.file_name)


def _manual_path(folder: Path, manual_id: int) -> Path:
    return folder / f"{manual_id}.manual"
