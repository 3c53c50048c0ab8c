"""What is shown on a terminal: JSON in lines and colours, heads of requests and responses."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import click

__all__ = ("Look", "formatted", "look_of", "paint_json", "show_head")

_TOKEN: Final = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>true|false|null)"
)
_COLOURS: Final = {"key": "blue", "string": "green", "number": "cyan", "word": "magenta"}


@dataclass(frozen=True, slots=True)
class Look:
    """How output is shown.

    Attributes:
        is_formatted: JSON gets lines and indents, and what is binary is not shown.
        is_coloured: colours are used.
    """

    is_formatted: bool
    is_coloured: bool


def look_of(pretty: str | None, *, is_terminal: bool) -> Look:
    """Return the look of output: everything on terminals, nothing elsewhere.

    Args:
        pretty: `"all"`, `"colors"`, `"format"` or `"none"`; `None`: by the terminal. Then
            `NO_COLOR` counts.
        is_terminal: somebody reads it as it comes.
    """
    if pretty is not None:
        return Look(pretty in ("all", "format"), pretty in ("all", "colors"))
    return Look(is_terminal, is_terminal and not os.environ.get("NO_COLOR"))


def formatted(text: str) -> str:
    """Return JSON in lines; what is no JSON as it is."""
    try:
        return json.dumps(json.loads(text), indent=4, ensure_ascii=False)
    except ValueError:
        return text


def paint_json(text: str) -> str:
    """Return JSON in colours."""
    return _TOKEN.sub(_painted, text)


def _painted(token: re.Match[str]) -> str:
    return click.style(token[0], fg=_COLOURS[token.lastgroup or "word"])


def show_head(first: str, headers: Iterable[tuple[bytes, bytes]], look: Look) -> str:
    """Return a first line and headers as they are written on a wire, with an empty line."""
    lines = [_bold(first, look)]
    for name, value in headers:
        shown = name.decode("latin-1")
        shown = click.style(shown, fg="cyan") if look.is_coloured else shown
        lines.append(f"{shown}: {value.decode('latin-1')}")
    return "\n".join([*lines, "", ""])


def _bold(text: str, look: Look) -> str:
    return click.style(text, bold=True) if look.is_coloured else text
