"""Progress of a download: how much has come, in one line on a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Final, Self

import click

__all__ = ("Progress",)

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")
_THOUSAND: Final = 1000
_WIDTH: Final = 20


class Progress:
    """Says how much has come, where standard error is a terminal.

    Args:
        is_wanted: `False`: not even there.
    """

    def __init__(self, *, is_wanted: bool) -> None:
        self._is_shown = is_wanted and sys.stderr.isatty()
        self._last = ""

    def show(self, size_bytes: int) -> None:
        """Write the line anew, if it has changed."""
        line = f"\r{_size(size_bytes):<{_WIDTH}}"
        if self._is_shown and line != self._last:
            click.echo(line, err=True, nl=False)
            self._last = line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._last:
            click.echo(err=True)


def _size(size_bytes: int) -> str:
    size, units = float(size_bytes), list(_UNITS)
    while size >= _THOUSAND and len(units) > 1:
        size /= _THOUSAND
        del units[0]
    return f"{size_bytes} B" if units[0] == "B" else f"{size:.1f} {units[0]}"
