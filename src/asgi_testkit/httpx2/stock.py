"""Stock methods: what must be as httpx2 and our clients made it, for short-cuts to be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asgi_testkit.httpx2.spent import SpentStream

__all__ = ("StockMethods", "methods_of")


def methods_of(owner: type, names: Sequence[str]) -> list[tuple[type, str, object]]:
    """Return methods of a class as they are now, each with the class and its name."""
    return [(owner, name, getattr(owner, name)) for name in names]


@dataclass(frozen=True, slots=True)
class StockMethods:
    """The methods that a plain request goes through the long way, as they were when imported.

    They are compared by identity: what is put in the place of one may say that it equals it.

    Attributes:
        bound: what the client's own methods have to be, by name.
        inherited: classes, names and functions that those methods call on.
        stream: what the body of a response was read from.
    """

    bound: Mapping[str, object]
    inherited: Sequence[tuple[type, str, object]]
    stream: type[SpentStream]

    def are_untouched(self, client: object) -> bool:
        """Return whether none of them is overridden or patched."""
        kind, own = type(client), vars(client)
        for name, method in self.bound.items():
            if name in own or getattr(kind, name) is not method:
                return False
        return self.are_inherited()

    def are_inherited(self) -> bool:
        """Return whether none of httpx2's own is patched."""
        for owner, name, method in self.inherited:  # noqa: SIM110 - `all` takes twice as long
            if getattr(owner, name) is not method:
                return False
        return True
