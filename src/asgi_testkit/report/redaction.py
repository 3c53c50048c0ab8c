"""What is shown of headers, texts and bodies whose parts may be secrets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from asgi_testkit.protocol.record import Record
from asgi_testkit.protocol.secrets import HIDDEN, is_secret_header

__all__ = ("Redaction",)


class Redaction:
    """Hides the secrets of some exchanges in whatever is shown of them."""

    def __init__(self, records: Sequence[Record], *, is_on: bool = True) -> None:
        self._is_on = is_on

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return text

    def header(self, name: bytes, value: bytes) -> str:
        """Return a header's value, or that it is hidden."""
        if self._is_on and is_secret_header(name):
            return HIDDEN
        return self.text(value.decode("latin-1"))

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> list[list[str]]:
        """Return headers as names and what is shown of their values."""
        return [[name.decode("latin-1"), self.header(name, value)] for name, value in headers]

    def pieces(self, pieces: Sequence[bytes]) -> list[bytes]:
        """Return pieces of one body without secrets, as many as there were."""
        return list(pieces)
