"""The pictures of growth, as SVG. Matplotlib is imported here and nowhere else.

The same numbers give the same bytes: no date, no random ids; texts stay texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from bench.curves import CURVES, Curve

if TYPE_CHECKING:
    from bench.growth import Line

__all__ = ("draw", "picture_name")

MIB = 1024 * 1024
ROOM_ABOVE = 1.1
COLOURS = {"ours-thread": "#1f5fbf", "ours-inline": "#b3471d", "ours-async": "#2c7a3f"}
MARKERS = {"ours-thread": "o", "ours-inline": "s", "ours-async": "^"}
STYLE: Any = {  # a key of matplotlib's own long list each
    "svg.fonttype": "none",
    "svg.hashsalt": "asgi-testkit",
    "font.family": "sans-serif",
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#d8d8d8",
}


def picture_name(curve: str) -> str:
    """Return the file name of a curve's picture."""
    return f"growth-{curve}.svg"


def draw(lines: Sequence[Line], folder: Path) -> list[Path]:
    """Draw a picture for every curve that was measured; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for key in dict.fromkeys(line.curve for line in lines):
        file = folder / picture_name(key)
        with mpl.rc_context(STYLE):
            figure = figure_of(CURVES[key], [line for line in lines if line.curve == key])
            figure.savefig(file, format="svg", facecolor="white", metadata={"Date": None})
        files.append(file)
    return files


def figure_of(curve: Curve, lines: Sequence[Line]) -> Figure:
    """Return the cost of one unit on the left, the resident set on the right."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    cost, memory = figure.subplots(1, 2)
    for line in lines:
        sizes = [point.size for point in line.points]
        look = {"color": COLOURS[line.client], "marker": MARKERS[line.client]}
        label = line.client.removeprefix("ours-")
        cost.plot(sizes, [point.seconds * 1e6 for point in line.points], label=label, **look)
        memory.plot(sizes, [point.resident_bytes / MIB for point in line.points], **look)
    finish(cost, curve, f"µs per {curve.unit}")
    finish(memory, curve, "resident MiB")
    cost.legend(frameon=False)
    return figure


def finish(axes: Any, curve: Curve, label: str) -> None:
    """Name and scale the axes; both begin at nothing, so that a slope is not made larger."""
    axes.set_xscale("log")
    axes.set_xticks(curve.sizes, [f"{size:,}" for size in curve.sizes])
    axes.minorticks_off()
    axes.set_ylim(0, axes.get_ylim()[1] * ROOM_ABOVE)
    axes.set_xlabel(curve.about)
    axes.set_ylabel(label)
