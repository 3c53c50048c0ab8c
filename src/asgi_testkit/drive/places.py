"""Places in code: whose they are, and how they are shown to people.

What is installed (not in editable mode) cannot be told from a library.
"""

from __future__ import annotations

import asyncio
import enum
import os
import sysconfig
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Final, NamedTuple

__all__ = ("Owner", "Place", "owner_of", "shown", "shown_path", "working_folder")

_OUR_FOLDER: Final = f"{Path(__file__).parent.parent}{os.sep}"
_STANDARD_FOLDERS: Final = tuple(
    f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib")
)
_LOOP_FILES: Final = (asyncio.events.__file__, asyncio.runners.__file__)
_SCRIPTS_FOLDER: Final = f"{sysconfig.get_path('scripts')}{os.sep}"
_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class Owner(enum.Enum):
    """Whose code a file holds."""

    APP = "the app's, or the test's"
    LIBRARY = "an installed library's"
    STANDARD = "the standard library's"
    LOOP = "the part of asyncio that calls a task's step: below it there is nothing of the task's"
    OURS = "this package's"


@lru_cache(maxsize=4096)
def owner_of(file: str) -> Owner:
    """Return whose code is in a file."""
    if file.startswith(_OUR_FOLDER):
        return Owner.OURS
    if file in _LOOP_FILES:
        return Owner.LOOP
    if any(part in file for part in _INSTALLED) or file.startswith(_SCRIPTS_FOLDER):
        return Owner.LIBRARY
    if file.startswith((*_STANDARD_FOLDERS, "<")):
        return Owner.STANDARD
    return Owner.APP


class Place(NamedTuple):
    """A line that a thread or task stands at.

    Attributes:
        file: the source file, as Python knows it.
        line: in that file, from 1.
        function: its name, without what encloses it.
    """

    file: str
    line: int
    function: str

    @property
    def is_ours(self) -> bool:
        """Whether it is in this package."""
        return owner_of(self.file) is Owner.OURS

    @property
    def is_apps(self) -> bool:
        """Whether it is in the app's code, or the test's."""
        return owner_of(self.file) is Owner.APP

    @property
    def is_library(self) -> bool:
        """Whether it is in an installed library, or the standard library."""
        return not self.is_ours and not self.is_apps


def shown(place: Place, *, folder: str | None = None) -> str:
    """Return a place as people read it: `file:line in function`; `folder` as in `shown_path`."""
    return f"{shown_path(place.file, folder=folder)}:{place.line} in {place.function}"


def shown_path(file: str, *, folder: str | None = None) -> str:
    """Return a path from the working directory, if it is below.

    Args:
        file: the path.
        folder: the working directory, where it must not be asked for: among the app's own code
            the question counts as a blocking call.
    """
    with suppress(OSError, ValueError):  # the directory is gone; the path is not below it
        return str(PurePath(file).relative_to(folder or working_folder()))
    return file


def working_folder() -> str:
    """Return the working directory; empty: it is gone."""
    try:
        return os.getcwd()  # noqa: PTH109 - each client asks, and a path takes ten times as long
    except OSError:
        return ""
