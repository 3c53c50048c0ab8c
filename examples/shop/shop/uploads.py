"""Writing uploads to disk piece by piece, so that no upload is ever held in memory."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path

import anyio
from fastapi import UploadFile

__all__ = ("UploadTooLargeError", "append_pieces", "pieces_of", "store_pieces")

PIECE_BYTES = 64 * 1024


class UploadTooLargeError(Exception):
    """More bytes came than the shop accepts."""


async def store_pieces(pieces: AsyncIterable[bytes], target: Path, *, limit_bytes: int) -> int:
    """Write the pieces to the target file as they come, and return how many bytes they had.

    The bytes grow in a `.part` file next to the target, which takes the target's place at the
    end. When anything fails the part file goes, and an older target stays.

    Raises:
        UploadTooLargeError: as soon as the limit is passed; the rest of the pieces is not read.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        size_bytes = await _write(pieces, part, limit_bytes)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return size_bytes


async def append_pieces(
    pieces: AsyncIterable[bytes], part: Path, *, limit_bytes: int
) -> AsyncIterator[int]:
    """Write the pieces behind what the part file has, and yield its size after each of them.

    Whatever fails, the part file stays: another call goes on from there.

    Raises:
        UploadTooLargeError: as soon as the limit would be passed; the rest is not read.
    """
    async with await anyio.open_file(part, "ab", buffering=0) as file:
        size_bytes = await file.tell()
        async for piece in pieces:
            size_bytes += len(piece)
            if size_bytes > limit_bytes:
                raise UploadTooLargeError
            await file.write(piece)
            if piece:
                yield size_bytes


async def pieces_of(upload: UploadFile) -> AsyncIterator[bytes]:
    """Yield the file of a multipart form in pieces."""
    while piece := await upload.read(PIECE_BYTES):
        yield piece


async def _write(pieces: AsyncIterable[bytes], part: Path, limit_bytes: int) -> int:
    size_bytes = 0
    # Unbuffered: the pieces come from the network and are large enough.
    async with await anyio.open_file(part, "wb", buffering=0) as file:
        async for piece in pieces:
            size_bytes += len(piece)
            if size_bytes > limit_bytes:
                raise UploadTooLargeError
            await file.write(piece)
    return size_bytes
