"""Request bodies that come in pieces, pulled one at a time in the caller's own thread and task."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from typing import Protocol

from asgi_testkit.errors import UsageTypeError

__all__ = ("AsyncPieces", "BodyPieces", "SyncPieces")


class BodyPieces(Protocol):
    """A request body of which nothing is read ahead."""

    async def next_piece(self) -> bytes | None:
        """Return the next piece that is not empty; `None` after the last."""
        ...

    async def close(self) -> None:
        """Close the generator behind it, if there is one."""
        ...


class SyncPieces:
    """The pieces of a plain iterable."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._iterator = iter(pieces)

    async def next_piece(self) -> bytes | None:
        """Return the next piece that is not empty; `None` after the last."""
        for piece in self._iterator:
            if checked := _checked(piece):
                return checked
        return None

    async def close(self) -> None:
        """Close the generator behind it, if there is one."""
        if isinstance(self._iterator, Generator):
            self._iterator.close()


class AsyncPieces:
    """The pieces of an async iterable."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._iterator = aiter(pieces)

    async def next_piece(self) -> bytes | None:
        """Return the next piece that is not empty; `None` after the last."""
        async for piece in self._iterator:
            if checked := _checked(piece):
                return checked
        return None

    async def close(self) -> None:
        """Close the generator behind it, if there is one."""
        if isinstance(self._iterator, AsyncGenerator):
            await self._iterator.aclose()


def _checked(piece: object) -> bytes:
    if isinstance(piece, bytes | bytearray | memoryview):
        return bytes(piece)
    raise UsageTypeError(
        f"A piece of the request body is {type(piece).__name__}, not bytes: {piece!r:.80}.\n"
        "Yield bytes: encode text first."
    )
