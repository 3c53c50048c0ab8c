"""The request body on its way to the app: pieces that wait, and how the client side is asked.

Pure state; the exchange says when a piece may still be taken.
"""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ("PIECE_BYTES", "RequestBody")

PIECE_BYTES: Final = 64 * 1024
"""A request body given as bytes reaches the app in pieces of this size."""


class RequestBody:
    """The pieces that the app has not taken yet.

    Each of the two byte counts has one writer, so that the client side may be in another thread.

    Attributes:
        is_pushed: pieces come when the test sends them.
        is_awaited: the app waits for a piece.
        is_wanted: the app waits for a piece that the client side is to pull.
        is_whole: the last piece is here.
    """

    __slots__ = (
        "_pieces",
        "_rest",
        "_rest_at",
        "_sent_bytes",
        "_taken_bytes",
        "is_awaited",
        "is_pushed",
        "is_wanted",
        "is_whole",
    )

    def __init__(self, body: bytes | None, *, is_pushed: bool = False) -> None:
        """Begin.

        Args:
            body: the whole body; `None`: pieces come by `add`.
            is_pushed: pieces come when the test sends them, and nobody is asked for them.
        """
        self.is_pushed = is_pushed
        self._pieces: deque[tuple[bytes, bool]] = deque()
        self._sent_bytes = 0  # written by the client side
        self._taken_bytes = 0  # written by the app side
        self.is_awaited = self.is_wanted = False
        self.is_whole = body is not None
        self._rest = body
        self._rest_at = 0

    def take(self) -> tuple[bytes, bool] | None:
        """Return the next piece and whether more follow; `None`: there is none yet."""
        if (rest := self._rest) is not None:
            if self._rest_at or len(rest) > PIECE_BYTES:
                return self._take_rest(rest)
            self._rest, self._taken_bytes = None, len(rest)
            return rest, False
        if self._pieces:
            piece = self._pieces.popleft()
            self._taken_bytes += len(piece[0])
            return piece
        self.is_awaited = not self.is_whole
        self.is_wanted = self.is_awaited and not self.is_pushed
        return None

    def _take_rest(self, body: bytes) -> tuple[bytes, bool]:
        """Take the next piece of a body that was given whole, cut here: copies cost time."""
        at, self._rest_at = self._rest_at, self._rest_at + PIECE_BYTES
        more = self._rest_at < len(body)
        piece = body[at : self._rest_at]
        self._taken_bytes += len(piece)
        if not more:
            self._rest = None
        return piece, more

    def add(self, piece: bytes, *, more: bool) -> None:
        """Queue a piece for the app."""
        self.is_awaited = self.is_wanted = False
        self.is_whole = not more
        self._pieces.append((piece, more))

    def count(self, size_bytes: int) -> None:
        """Count what the client side pushes."""
        self._sent_bytes += size_bytes

    @property
    def unread_bytes(self) -> int:
        """How much was pushed and not taken."""
        return self._sent_bytes - self._taken_bytes

    @property
    def is_taken(self) -> bool:
        """Whether the app is not behind: at most the last piece of a whole body waits for it."""
        if self._rest is not None:
            return len(self._rest) - self._rest_at <= PIECE_BYTES
        if self.is_whole:
            return len(self._pieces) <= 1
        return self.is_pushed and not self._pieces
