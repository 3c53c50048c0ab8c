"""What is asked for: method and path out of the words of a command."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

__all__ = ("Target", "target_of")

_METHOD: Final = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes.

    Attributes:
        method: as it was given; `None`: it follows from the rest.
        path: or a whole URL; `*` for `OPTIONS *`.
        items: the words behind it.
    """

    method: str | None
    path: str
    items: tuple[str, ...]

    def url(self, query: Sequence[tuple[str, str]]) -> str:
        """Return the URL, with parameters behind those that it has."""
        path = "/" if self.path == "*" else self.path
        if "://" not in path and not path.startswith("/"):
            path = f"/{path}"
        if not query:
            return path
        return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"

    @property
    def extensions(self) -> dict[str, Any]:
        """The raw target, where no URL can say it."""
        return {"target": b"*"} if self.path == "*" else {}


def target_of(words: Sequence[str], *, has_method: bool = False) -> Target | None:
    """Return what `[METHOD] PATH [ITEMS]` say; `None`: there is no path.

    A first word of letters alone is a method, if another follows it.

    Args:
        words: the arguments.
        has_method: the method was given otherwise, and none of these is one.
    """
    if not words:
        return None
    if not has_method and len(words) > 1 and _METHOD.fullmatch(words[0]):
        return Target(words[0].upper(), words[1], tuple(words[2:]))
    return Target(None, words[0], tuple(words[1:]))
