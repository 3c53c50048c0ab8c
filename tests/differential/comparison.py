"""Where two sides differ, in words; and where they may."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ("WANTED", "assert_same", "differences")

# What our clients do otherwise on purpose: a pattern for where it is seen, and why. Nothing else
# may differ.
WANTED: Mapping[str, str] = {
    r"request(\(\))? / content: .*RequestNotRead.* and ours [\"']b": (
        "the body of a request that was sent can be looked at, as with Starlette's client: of small"
        " forms, and of the requests that the library makes for redirects"
    ),
    r"extensions: .*'asgi_testkit\.whole'": (
        "while a request is under way it bears a mark for our transport, which hooks see"
    ),
    r" / text: (.*)'Response'(.*) and ours \1'PlannedResponse'\2$": (
        "the class of a response is a derived one and has its own name"
    ),
    r"^cookies-cookie_changed_in_place": (
        "no jar can tell that a cookie which is in it was given another value"
    ),
}

_MOST_SHOWN = 10


def assert_same(stock: Any, ours: Any, where: str = "") -> None:
    """Fail with the first differences, if there are any."""
    found = differences(stock, ours, where)
    assert not found, "\n".join([f"{len(found)} differences:", *found[:_MOST_SHOWN]])


def differences(stock: Any, ours: Any, where: str = "") -> list[str]:
    """Return a line for every place where ours is not as the library's own client."""
    return [line for line in _differences(stock, ours, where) if not _is_wanted(line)]


def _is_wanted(line: str) -> bool:
    return any(re.search(pattern, line) for pattern in WANTED)


def _differences(stock: Any, ours: Any, where: str) -> Iterator[str]:
    if _are_alike(stock, ours):
        for name in stock:
            yield from _differences(stock[name], ours[name], f"{where} / {name}")
    elif _are_long(stock, ours):
        for number, (one, other) in enumerate(zip(stock, ours, strict=True)):
            yield from _differences(one, other, f"{where} / {_label(one, number)}")
    elif stock != ours or type(stock) is not type(ours):
        yield f"{where}: {stock!r} and ours {ours!r}"


def _are_alike(stock: Any, ours: Any) -> bool:
    """Return whether both are mappings with the same names in the same order."""
    return isinstance(stock, dict) and isinstance(ours, dict) and list(stock) == list(ours)


def _are_long(stock: Any, ours: Any) -> bool:
    """Return whether both are sequences of the same length, whose parts are compared."""
    kinds = (list, tuple)
    return isinstance(stock, kinds) and isinstance(ours, kinds) and len(stock) == len(ours)


def _label(part: Any, number: int) -> str:
    """Return what an observation is called, or its number."""
    if isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], str):
        return f"{number}. {part[0]}"
    return str(number)
