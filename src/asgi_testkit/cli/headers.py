"""Headers of the command line, refused where no client could send them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ("HeaderError", "sendable_header")

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class HeaderError(ValueError):
    """A header cannot be sent."""


def sendable_header(name: str, value: str) -> tuple[str, str]:
    """Return name and value, without spaces around them.

    Raises:
        HeaderError: the name is no token, or the value not of printable ASCII.
    """
    name, value = name.strip(), value.strip()
    if not _TOKEN.fullmatch(name):
        raise HeaderError(f"The header's name {name!r} may hold letters, digits and - _ . alone.")
    if not value.replace("\t", " ").isascii() or not value.replace("\t", " ").isprintable():
        raise HeaderError(f"The header {name!r} is {value!r:.80}; its value must be in ASCII.")
    return name, value
