"""What must not be shown: headers whose values may be secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, cast

__all__ = ("HIDDEN", "header_names", "is_secret_header")

HIDDEN: Final = "(hidden)"

_SECRET: Final = re.compile(rb"auth|cookie|key|passw|secret|token", re.IGNORECASE)


def is_secret_header(name: bytes) -> bool:
    """Return whether the value of a header of this name is hidden."""
    return _SECRET.search(name) is not None


def header_names(headers: object) -> str:
    """Return what may be shown of headers in a message: their names, as far as there are any."""
    if not isinstance(headers, list | tuple):
        return repr(type(headers))
    names = map(_name, cast("Sequence[object]", headers))
    return f"[{', '.join(names)}]"


def _name(pair: object) -> str:
    if not isinstance(pair, Iterable) or isinstance(pair, str | bytes):
        return repr(type(pair))
    return repr(next(iter(cast("Iterable[object]", pair)), None))
