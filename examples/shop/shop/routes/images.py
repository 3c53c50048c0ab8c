"""Product images, sent as the bare body of a PUT."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import FileResponse

from shop.dependencies import CurrentAccount, Database, ExistingProduct, UploadFolder
from shop.schemas import problems
from shop.uploads import UploadTooLargeError, store_pieces

__all__ = ("IMAGE_LIMIT_BYTES", "router")

IMAGE_LIMIT_BYTES = 1024 * 1024

router = APIRouter()


@router.put("/products/{product_id}/image", responses=problems(401, 404, 413, 415))
async def put_image(
    product: ExistingProduct,
    request: Request,
    database: Database,
    folder: UploadFolder,
    _account: CurrentAccount,
    content_type: Annotated[str, Header()],
) -> dict[str, int]:
    """Write the body to disk while it arrives, and answer with its size."""
    if not content_type.startswith("image/"):
        raise HTTPException(415, "Send an image.")
    target = _image_path(folder, product.id)
    try:
        size_bytes = await store_pieces(request.stream(), target, limit_bytes=IMAGE_LIMIT_BYTES)
    except UploadTooLargeError:
        raise HTTPException(413, f"Send at most {IMAGE_LIMIT_BYTES} bytes.") from None
    product.image_type = content_type
    await database.commit()
    return {"size_bytes": size_bytes}


@router.get("/products/{product_id}/image", response_class=FileResponse, responses=problems(404))
async def show_image(product: ExistingProduct, folder: UploadFolder) -> FileResponse:
    """Send the image as it was uploaded; 404 before that."""
    if product.image_type is None:
        raise HTTPException(404, f"Product {product.id} has no image.")
    return FileResponse(_image_path(folder, product.id), media_type=product.image_type)


def _image_path(folder: Path, product_id: int) -> Path:
    return folder / f"{product_id}.image"
