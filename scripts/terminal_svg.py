"""What a program writes on a terminal, colours included, as an SVG for the documents.

Colours follow the reader's light or dark scheme. Known are the sequences that set bold, dim and
the sixteen colours; all others are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

__all__ = ("Piece", "pieces_of", "svg_of")

_SEQUENCE: Final = re.compile(r"\x1b\[([0-9;]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\r\x07]")
_NAMES: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_LETTER: Final = 8.0  # pixels
_LINE: Final = 19
_MARGIN: Final = 16

# Of each colour: on light, on dark.
_COLOURS: Final = {
    "text": ("#24292f", "#e5e8ed"),
    "back": ("#f6f8fa", "#1b1e24"),
    "black": ("#57606a", "#9ca5b4"),
    "red": ("#bd1f2b", "#ff8585"),
    "green": ("#11704a", "#62c893"),
    "yellow": ("#855300", "#e5b657"),
    "blue": ("#2154c7", "#8ab0ff"),
    "magenta": ("#7238b8", "#c7a2ff"),
    "cyan": ("#0b6a75", "#5cc8d7"),
    "white": ("#57606a", "#c9d1d9"),
}


class Piece(NamedTuple):
    """Text in one style; `classes` are those of the SVG: `"bold red"`."""

    text: str
    classes: str


def svg_of(output: str) -> str:
    """Return a picture of what was written, as wide as its longest line."""
    lines = [list(pieces_of(line)) for line in _styled_lines(output.expandtabs().rstrip())]
    columns = max(sum(len(piece.text) for piece in line) for line in lines)
    width = round(columns * _LETTER + 2 * _MARGIN)
    height = len(lines) * _LINE + 2 * _MARGIN
    rows = (_row(line, number) for number, line in enumerate(lines))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">\n'
        f"<style>{_style()}</style>\n"
        f'<rect class="back" width="{width}" height="{height}" rx="8"/>\n'
        + "\n".join(filter(None, rows))
        + "\n</svg>\n"
    )


def _styled_lines(output: str) -> Iterator[str]:
    """Yield the lines, each beginning with the style that the one before has left."""
    style = ""
    for line in output.split("\n"):
        yield f"{style}{line}"
        for found in _SEQUENCE.finditer(line):
            if found[2] == "m":
                style = "" if _is_reset(found[1]) else style + found[0]


def _is_reset(codes: str) -> bool:
    return codes.rpartition(";")[2].strip("0") == ""


def pieces_of(line: str) -> Iterator[Piece]:
    """Yield the pieces of a line, each in one style."""
    style: dict[str, str] = {}
    end = 0
    for found in _SEQUENCE.finditer(line):
        if text := line[end : found.start()]:
            yield Piece(text, " ".join(style.values()))
        end = found.end()
        if found[2] == "m":
            for code in found[1].split(";"):
                _apply(style, int(code or 0))
    if text := line[end:]:
        yield Piece(text, " ".join(style.values()))


def _apply(style: dict[str, str], code: int) -> None:
    match code:
        case 0:
            style.clear()
        case 1:
            style["weight"] = "bold"
        case 2:
            style["weight"] = "dim"
        case 22:
            style.pop("weight", None)
        case 39:
            style.pop("colour", None)
        case _ if 30 <= code <= 37 or 90 <= code <= 97:
            style["colour"] = _NAMES[code % 10]
        case _:
            pass


def _row(line: list[Piece], number: int) -> str:
    """Return one line; each piece says how wide it is, whatever the font at hand."""
    parts = []
    column = 0
    for text, classes in line:
        x = _MARGIN + column * _LETTER
        column += len(text)
        if not text.isspace():
            style = f' class="{classes}"' if classes else ""
            length = f'textLength="{len(text) * _LETTER:g}"'
            parts.append(f'<tspan x="{x:g}" {length}{style}>{escape(text)}</tspan>')
    baseline = _MARGIN + number * _LINE + 14
    return f'<text y="{baseline}" xml:space="preserve">{"".join(parts)}</text>' if parts else ""


def _style() -> str:
    light = "".join(_rule(name, colours[0]) for name, colours in _COLOURS.items())
    dark = "".join(_rule(name, colours[1]) for name, colours in _COLOURS.items())
    fonts = "ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
    return (
        f"text{{font:13px {fonts};white-space:pre}}.bold{{font-weight:bold}}.dim{{opacity:.7}}"
        f"{light}@media(prefers-color-scheme:dark){{{dark}}}"
    )


def _rule(name: str, colour: str) -> str:
    return f"{'text' if name == 'text' else f'.{name}'}{{fill:{colour}}}"


if __name__ == "__main__":
    import sys

    print(svg_of(sys.stdin.read()), end="")
