"""The endless stream that every framework sends, and what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from typing import Literal, TypeAlias, TypeVar

import anyio

__all__ = ("Feed", "Pace", "as_bytes", "as_event", "as_text")

Pace: TypeAlias = Literal["idle", "tight"]
T = TypeVar("T")


class Feed:
    """An endless stream.

    Attributes:
        seen: how its generator ended: what was raised in it, that it could await after that
            (shielded, since a framework's own cancel scope would end the wait), and that it was
            closed.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._generators: list[AsyncGenerator[object]] = []
        self.seen: list[str] = []

    def parts(self, of: Callable[[str], T]) -> AsyncGenerator[T]:
        """Return one part after the other; an idle feed waits for ever after the first."""
        generator = self._parts(of)
        self._generators.append(generator)
        return generator

    async def close(self) -> None:
        """Close the generators that a framework has left to the garbage collector."""
        for generator in self._generators:
            await generator.aclose()

    async def _parts(self, of: Callable[[str], T]) -> AsyncGenerator[T]:
        try:
            yield of("first")
            while True:
                if self._pace == "idle":
                    await anyio.Event().wait()
                yield of("next")
        except BaseException as error:
            is_cancellation = isinstance(error, anyio.get_cancelled_exc_class())
            self.seen.append("cancelled" if is_cancellation else type(error).__name__)
            raise
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.001)
                self.seen.append("awaited")
            self.seen.append("closed")


def as_text(text: str) -> str:
    return text


def as_bytes(text: str) -> bytes:
    return text.encode()


def as_event(text: str) -> bytes:
    return f"data: {text}\n\n".encode()
