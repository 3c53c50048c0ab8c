# Generated from src/asgi_testkit/httpx2/stock.py by scripts/write_httpx.py.
"""Stock methods: what must be as httpx and our clients made it, for short-cuts to be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

from asgi_testkit.httpx.spent import SpentStream

__all__ = ("StockMethods",)


class StockMethods:
    """The methods that a plain request goes through the long way, as they were when imported.

    Attributes:
        stream: what the body of a response was read from.
    """

    def __init__(
        self,
        bound: Mapping[str, object],
        inherited: Sequence[tuple[type, Sequence[str]]],
        stream: type[SpentStream],
    ) -> None:
        """Note them as they are.

        Args:
            bound: what the client's own methods have to be, by name.
            inherited: classes, and the names of those of their methods that are called on.
            stream: see above.
        """
        self.stream = stream
        self._names = frozenset(bound)
        self._bound = attrgetter(*bound)
        self._bound_methods = tuple(bound.values())
        self._inherited = [(owner, attrgetter(*names)) for owner, names in inherited]
        self._inherited_methods = [methods(owner) for owner, methods in self._inherited]

    def are_untouched(self, client: object) -> bool:
        """Return whether none of them is overridden or patched."""
        return (
            self._names.isdisjoint(vars(client))
            and self._bound(type(client)) == self._bound_methods
            and self.are_inherited()
        )

    def are_inherited(self) -> bool:
        """Return whether none of httpx's own is patched."""
        found = [methods(owner) for owner, methods in self._inherited]
        return found == self._inherited_methods
