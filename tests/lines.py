"""Finding lines of test apps, as reports name them."""

from __future__ import annotations

from pathlib import Path

__all__ = ("line_of",)


def line_of(file: str, source: str, function: str) -> str:
    """Return `path:line in function` of the only line of `file` that has `source` in it."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    (number,) = (at for at, line in enumerate(lines, 1) if source in line)
    return f"{Path(file).relative_to(Path.cwd())}:{number} in {function}"
