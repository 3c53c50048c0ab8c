"""The response's body: what the client side has not read, and how long it may and has to be.

It finds what is wrong, as a rule's id and a sentence, and neither raises nor warns. Sources: RFC
9110 sections 8.6, 15.3.5, 15.3.6 and 15.4.5; RFC 9112 section 6.3; ASGI HTTP 2.5, "Response Start".
"""

from __future__ import annotations

import re
from typing import Final

from asgi_testkit.protocol.fields import Fault
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.types import HeaderPairs

__all__ = ("ResponseBody",)

_CONTENT_LENGTH: Final = b"content-length"
_TRANSFER_ENCODING: Final = b"transfer-encoding"
_LENGTH_CHARS: Final = len(_CONTENT_LENGTH)
_ENCODING_CHARS: Final = len(_TRANSFER_ENCODING)

_BODILESS: Final = frozenset({204, 304})
_LONGEST_LENGTH = 18  # digits
_is_length = re.compile(rb"[0-9]{1,18}").fullmatch
_NO_CONTENT = 204
_RESET_CONTENT = 205


class ResponseBody:
    """The body of one response, on its way from the app to the client side.

    Attributes:
        unread_bytes: of what the app has sent and the client side has not taken.
        in_hand_bytes: of what it has taken last and may be working on.
    """

    # Defaults of the class, since one is made for every request.
    unread_bytes = 0
    in_hand_bytes = 0
    _sent_bytes = 0
    _declared_bytes: int | None = None
    _status = 0
    _is_watched = False

    def __init__(self, *, is_dropped: bool) -> None:
        """Begin without a piece; `is_dropped`: the request was a HEAD, nothing of it is sent."""
        self._pieces: list[bytes] = []
        self._is_dropped = is_dropped

    # -- how long it has to be ----------------------------------------------------------------

    def declare(self, status: int, headers: HeaderPairs) -> tuple[HeaderPairs, list[Fault]]:
        """Take note of what status and headers say of the body.

        Returns:
            The headers without `transfer-encoding`, which is the server's to set, and what is
            wrong with `content-length`.
        """
        self._status = status
        self._declared_bytes = None  # an earlier start may have been refused
        faults: list[Fault] = []
        lengths: list[bytes] = []
        for name, value in headers:
            chars = len(name)
            if chars == _LENGTH_CHARS and name.lower() == _CONTENT_LENGTH:
                lengths.append(value)
            elif chars == _ENCODING_CHARS and name.lower() == _TRANSFER_ENCODING:
                headers = [pair for pair in headers if pair[0].lower() != _TRANSFER_ENCODING]
        if lengths:
            faults = self._read_lengths(lengths)
        has_rule = self._declared_bytes is not None or status in _BODILESS
        self._is_watched = not self._is_dropped and (has_rule or status == _RESET_CONTENT)
        return headers, faults

    def _read_lengths(self, lengths: list[bytes]) -> list[Fault]:
        if len(lengths) == 1 and self._status not in _BODILESS and _is_length(lengths[0]):
            self._declared_bytes = int(lengths[0])
            return []
        faults = [
            ("H36", f"The app sent a 'content-length' that is no number: {cut(length)}.")
            for length in lengths
            if not length.strip(b" \t").isdigit()
        ]
        if self._status == _NO_CONTENT:
            faults.append(("H40", f"The app sent 'content-length: {_shown(lengths)}' with a 204."))
        if not faults and len(set(lengths)) == 1 and self._status not in _BODILESS:
            self._declared_bytes = _read_length(lengths[0])
        if len(lengths) > 1:
            rule = "H38" if len(set(lengths)) == 1 else "H37"
            faults.append((rule, f"The app sent several 'content-length': {_shown(lengths)}."))
        return faults

    def fault(self, size_bytes: int, *, is_last: bool) -> Fault | None:
        """Return what is wrong with a next piece of this size."""
        if not self._is_watched:
            return None
        if size_bytes and self._status in _BODILESS:
            what = f"The app sent a body of {size_bytes} bytes with status {self._status}."
            return "H39", what
        if size_bytes and self._status == _RESET_CONTENT and not self._sent_bytes:
            return "H41", f"The app sent a body of {size_bytes} bytes with status 205."
        total_bytes = self._sent_bytes + size_bytes
        if self._declared_bytes is None or total_bytes == self._declared_bytes:
            return None
        return self._length_fault(total_bytes, is_last=is_last)

    def _length_fault(self, total_bytes: int, *, is_last: bool) -> Fault | None:
        declared = self._declared_bytes
        assert declared is not None
        if total_bytes > declared:
            what = f"The app declared a body of {declared} bytes and sent {total_bytes}."
            return "H34", f"{what} The length is the one of its 'content-length'."
        if is_last and total_bytes < declared:
            what = f"The app declared a body of {declared} bytes and ended it after {total_bytes}."
            return "H35", f"{what} The length is the one of its 'content-length'."
        return None

    @property
    def is_whole_on_the_wire(self) -> bool:
        """Whether the peer waits for nothing more, whatever the app has announced."""
        is_bodiless = self._is_dropped or self._status in _BODILESS
        return is_bodiless or self._sent_bytes == self._declared_bytes

    # -- its way --------------------------------------------------------------------------------

    def add(self, piece: bytes) -> None:
        """Take a piece of the app."""
        if piece and not self._is_dropped:
            self._pieces.append(piece)
            size_bytes = len(piece)
            self.unread_bytes += size_bytes
            self._sent_bytes += size_bytes

    def __bool__(self) -> bool:
        """Return whether there is something to read."""
        return bool(self._pieces)

    def hand_over(self) -> list[bytes]:
        """Return all unread pieces; they are in the client side's hands now."""
        pieces, self._pieces = self._pieces, []
        self.in_hand_bytes, self.unread_bytes = self.unread_bytes, 0
        return pieces

    def drop(self) -> None:
        """Forget what is unread: the client has left."""
        self._pieces.clear()
        self.unread_bytes = 0


def _read_length(digits: bytes) -> int:
    """Return a length; of one that nothing can have, a number that nothing reaches."""
    return int(digits.strip(b" \t").lstrip(b"0")[:_LONGEST_LENGTH] or b"0")


def _shown(lengths: list[bytes]) -> str:
    return ", ".join(length.decode("latin-1") for length in lengths)
