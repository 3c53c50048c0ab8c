"""Request bodies that come in pieces, pulled one at a time in the caller's own thread and task."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import Protocol

from asgi_testkit.errors import UsageTypeError
from asgi_testkit.protocol.fields import is_bytes_like

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
        close: Callable[[], object] | None = getattr(self._iterator, "close", None)
        if close is not None:
            close()


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
        aclose: Callable[[], Awaitable[object]] | None = getattr(self._iterator, "aclose", None)
        if aclose is not None:
            await aclose()


def _checked(piece: object) -> bytes:
    if is_bytes_like(piece):
        return bytes(piece)
    raise UsageTypeError(
        f"A piece of the request body is {type(piece).__name__}, not bytes: {piece!r:.80}.\n"
        "Yield bytes: encode text first."
    )
