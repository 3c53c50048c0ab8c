"""What `assert check(app) == []` says where it fails: what was found, and not how a list prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeGuard, cast

if TYPE_CHECKING:
    from asgi_testkit.checking.violation import Violation

__all__ = ("pytest_assertrepr_compare",)

_MOST_NAMED: Final = 5
"""How many are named first: pytest shows eight lines, and all of them with `-vv`."""


def pytest_assertrepr_compare(op: str, left: object, right: object) -> Sequence[str] | None:
    """Name the violations first, and then tell all of each."""
    if op != "==":
        return None
    for found, other in ((left, right), (right, left)):
        if _are_violations(found) and other == []:
            first, *others = _named(found)
            lines = [f"check() found {_count(len(found))} {first}", *others, *_told(found)]
            return [_printable(line) for line in lines]
    return None


def _are_violations(value: object) -> TypeGuard[Sequence[Violation]]:
    module = sys.modules.get("asgi_testkit.checking.violation")
    if module is None or not isinstance(value, list) or not value:
        return False
    kind: Any = module.Violation
    return all(isinstance(each, kind) for each in cast("list[object]", value))


def _named(violations: Sequence[Violation]) -> list[str]:
    names = [str(violation).partition("\n")[0] for violation in violations[:_MOST_NAMED]]
    left = len(violations) - len(names)
    return [*names, f"... and {left} more"] if left else names


def _told(violations: Sequence[Violation]) -> list[str]:
    return ["", *(line for each in violations for line in str(each).splitlines())]


def _count(number: int) -> str:
    return "1 violation:" if number == 1 else f"{number} violations:"


def _printable(line: str) -> str:
    """Return a line whose control characters no terminal obeys: paths may be anything."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)
