"""Product videos: large uploads that are acknowledged on the way, and resumed after a break."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Annotated

import anyio
from fastapi import APIRouter, Header, HTTPException, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from shop.dependencies import CurrentAccount, ExistingProduct, UploadFolder
from shop.schemas import problems
from shop.uploads import UploadTooLargeError, append_pieces

__all__ = ("VIDEO_LIMIT_BYTES", "router")

VIDEO_LIMIT_BYTES = 8 * 1024 * 1024

router = APIRouter()


class DuplexResponse(StreamingResponse):
    """Answers while the request still comes in.

    To notice that the client leaves, a `StreamingResponse` calls `receive` itself, and swallows
    pieces of the request. Here the content reads the request, and notices it.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


@router.patch(
    "/products/{product_id}/video",
    response_class=DuplexResponse,
    responses={200: {"content": {"application/jsonl": {}}}, **problems(401, 404, 409)},
)
async def upload_video(
    product: ExistingProduct,
    request: Request,
    folder: UploadFolder,
    upload_offset: Annotated[int, Header(ge=0)],
    _account: CurrentAccount,
) -> DuplexResponse:
    """Take the video's bytes from the offset on, and answer each piece with the next offset.

    The video is complete when the request ends. When it breaks off, `HEAD` tells from where to
    go on; 409 for any other offset.
    """
    part = _part_path(folder, product.id)
    stored_bytes = await _size_bytes(part)
    if upload_offset != stored_bytes:
        headers = {"Upload-Offset": str(stored_bytes)}
        raise HTTPException(409, f"Go on at {stored_bytes}.", headers=headers)
    lines = _acknowledge(request.stream(), part, _video_path(folder, product.id))
    return DuplexResponse(lines, media_type="application/jsonl")


@router.head("/products/{product_id}/video", response_class=Response, responses=problems(401, 404))
async def show_offset(
    product: ExistingProduct, folder: UploadFolder, _account: CurrentAccount
) -> Response:
    """Tell how much of an unfinished upload the shop has."""
    stored_bytes = await _size_bytes(_part_path(folder, product.id))
    return Response(headers={"Upload-Offset": str(stored_bytes)})


@router.get("/products/{product_id}/video", response_class=FileResponse, responses=problems(404))
async def show_video(product: ExistingProduct, folder: UploadFolder) -> FileResponse:
    """Send the video; 404 before it is complete."""
    path = _video_path(folder, product.id)
    if not await anyio.Path(path).exists():
        raise HTTPException(404, f"Product {product.id} has no video.")
    return FileResponse(path, media_type="video/mp4")


async def _acknowledge(pieces: AsyncIterable[bytes], part: Path, video: Path) -> AsyncIterator[str]:
    """Store the pieces, and yield a line of JSON for each one that is on disk."""
    try:
        async for offset in append_pieces(pieces, part, limit_bytes=VIDEO_LIMIT_BYTES):
            yield _line(offset=offset)
    except ClientDisconnect:
        return
    except UploadTooLargeError:
        await anyio.Path(part).unlink()
        yield _line(refused=f"Send at most {VIDEO_LIMIT_BYTES} bytes.")
    else:
        await anyio.Path(part).replace(video)
        yield _line(complete=True)


async def _size_bytes(path: Path) -> int:
    try:
        return (await anyio.Path(path).stat()).st_size
    except FileNotFoundError:
        return 0


def _part_path(folder: Path, product_id: int) -> Path:
    return folder / f"{product_id}.video.part"


def _video_path(folder: Path, product_id: int) -> Path:
    return folder / f"{product_id}.video"


def _line(**values: object) -> str:
    return json.dumps(values) + "\n"
