"""Take the pictures in docs/pictures: pages as PNG from a real Chromium, terminals as SVG.

`python -m scripts.draw_pictures` takes all that `PICTURES` lists, or those that are named.
Each is of something that really runs: the failing test of `scripts/pictured/`, or a command.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from asgi_testkit.client.recent import RECENT
from asgi_testkit.report.html import page_of
from asgi_testkit.report.text import Transcript
from asgi_testkit.report.trace import Trace
from scripts.chromium import launch
from scripts.pictured.test_teashop import test_an_order_is_taken
from scripts.terminal_svg import svg_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ("FOLDER", "PICTURES", "PagePicture", "TerminalPicture", "failed_test", "main")

ROOT: Final = Path(__file__).parent.parent
FOLDER: Final = ROOT / "docs" / "pictures"
_PICTURED: Final = ROOT / "scripts" / "pictured"


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page in a browser.

    Attributes:
        name: of the file.
        page: makes the HTML.
        scheme: of the system.
        keys: pressed before the picture is taken.
        height: of the window, in pixels; it is 1100 wide.
    """

    name: str
    page: Callable[[], str]
    scheme: Literal["light", "dark"] = "light"
    keys: Sequence[str] = ()
    height: int = 800


@dataclass(frozen=True, slots=True)
class TerminalPicture:
    """A terminal; `output` returns what is written there, colours included."""

    name: str
    output: Callable[[], str]


@cache
def failed_test() -> Trace:
    """Run the failing test and return its trace."""
    title = "test_teashop.py::test_an_order_is_taken"
    transcript, error = _run_of_test()
    with contextlib.chdir(_PICTURED):
        return transcript.to_trace(title=title, outcome="failed", error=error)


@cache
def _run_of_test() -> tuple[Transcript, str]:
    began = time.perf_counter()
    error = _error_of(test_an_order_is_taken)
    return Transcript(RECENT.since(began)), error


def _error_of(test: Callable[[], None]) -> str:
    try:
        test()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the page is to show
        return f"{type(error).__name__}: {error}"
    raise AssertionError("The test that the pictures show failing has passed.")


def _timeline() -> str:
    return page_of(failed_test())


def _transcript() -> str:
    with contextlib.chdir(_PICTURED):  # places are told from here
        return _run_of_test()[0][-4:].to_text(colour=True)


def _failure() -> str:
    options = ("-q", "--no-header", "--color=yes", "-p", "no:cacheprovider")
    return _written_by("pytest", sys.executable, "-m", "pytest", *options, "test_teashop.py")


def _written_by(shown: str, *command: str) -> str:
    """Run a command beside the failing test; return what a terminal would show."""
    environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        command, cwd=_PICTURED, env=environment, capture_output=True, text=True, check=False
    )
    return f"$ {shown}\n{done.stdout}{done.stderr}"


_SEQUENCE: Final = ("v", "Escape", "Home")

PICTURES: Final[Sequence[PagePicture | TerminalPicture]] = (
    TerminalPicture("transcript.svg", _transcript),
    TerminalPicture("failure.svg", _failure),
    PagePicture("timeline-light.png", _timeline, height=860),
    PagePicture("timeline-dark.png", _timeline, "dark", height=860),
    PagePicture("sequence-light.png", _timeline, keys=_SEQUENCE),
    PagePicture("sequence-dark.png", _timeline, "dark", keys=_SEQUENCE),
)


def main(names: Sequence[str]) -> int:
    """Take the pictures with these names, or all; return the exit status."""
    chosen = [picture for picture in PICTURES if not names or picture.name in names]
    if unknown := set(names) - {picture.name for picture in chosen}:
        print(f"Unknown: {', '.join(sorted(unknown))}. There are:", *PICTURES, sep="\n  ")
        return 2
    FOLDER.mkdir(exist_ok=True)
    for picture in chosen:
        if isinstance(picture, TerminalPicture):
            _take_terminal(picture)
    if pages := [picture for picture in chosen if isinstance(picture, PagePicture)]:
        _take_pages(pages)
    print(*(f"docs/pictures/{picture.name}" for picture in chosen), sep="\n")
    return 0


def _take_terminal(picture: TerminalPicture) -> None:
    (FOLDER / picture.name).write_text(svg_of(picture.output()), encoding="utf-8")


def _take_pages(pictures: Sequence[PagePicture]) -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - here only

    with sync_playwright() as playwright, launch(playwright) as browser:
        for picture in pictures:
            _take_page(browser, picture)


def _take_page(browser: Browser, picture: PagePicture) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(picture.page(), encoding="utf-8")
        page = browser.new_page(
            viewport={"width": 1100, "height": picture.height},
            color_scheme=picture.scheme,
            device_scale_factor=2,
        )
        page.goto(file.as_uri())
        for key in picture.keys:
            page.keyboard.press(key)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=FOLDER / picture.name, animations="disabled")
        page.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
