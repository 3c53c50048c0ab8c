"""Stacks: where each thread of the process stands now, and whose code that is.

`faulthandler` tells of all threads by a public name; what it writes is read back here.
"""

from __future__ import annotations

import faulthandler
import re
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ("Place", "Stack", "is_debugger_at_prompt", "shown", "stacks")

_PACKAGE: Final = str(Path(__file__).parent.parent)
_THREAD: Final = re.compile(r"^(?:Current t|T)hread 0x([0-9a-f]+)")
_CALL: Final = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')
_PROMPTS: Final = {("cmd.py", "cmdloop"), ("pydevd.py", "do_wait_suspend")}


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
        return self.file.startswith(_PACKAGE)

    @property
    def is_library(self) -> bool:
        """Whether it is in the standard library, an installed package, or in no file."""
        return _is_library(self.file)

    @property
    def is_apps(self) -> bool:
        """Whether it is neither ours nor a library's."""
        return not self.is_ours and not self.is_library


class Stack(NamedTuple):
    """A thread's calls, the innermost first."""

    thread_id: int
    places: tuple[Place, ...]


def stacks() -> list[Stack]:
    """Return the stacks of all threads; of very many, of the first hundred."""
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return list(_read(file.read().decode("utf-8", "replace").splitlines()))


def _read(lines: Iterable[str]) -> Iterator[Stack]:
    thread_id: int | None = None
    places: list[Place] = []
    for line in lines:
        if (begins := _THREAD.match(line)) is not None:
            if thread_id is not None:
                yield Stack(thread_id, tuple(places))
            thread_id, places = int(begins[1], 16), []
        elif (call := _CALL.match(line)) is not None:
            places.append(Place(call[1], int(call[2]), call[3]))
    if thread_id is not None:
        yield Stack(thread_id, tuple(places))


def is_debugger_at_prompt() -> bool:
    """Return whether some thread is at the prompt of pdb, one of its kin, or pydevd."""
    return any(
        (Path(place.file).name, place.function) in _PROMPTS
        for stack in stacks()
        for place in stack.places
    )


def shown(place: Place) -> str:
    """Return a place as people read it: its path from the working directory, if it is below."""
    path = Path(place.file)
    with suppress(OSError, ValueError):  # the directory is gone; the path is not below it
        path = path.relative_to(Path.cwd())
    return f"{path}:{place.line} in {place.function}"


@cache
def _is_library(file: str) -> bool:
    if file.startswith("<"):
        return True
    path = Path(file)
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    return bool(installed) or any(path.is_relative_to(root) for root in _standard_library())


@cache
def _standard_library() -> frozenset[Path]:
    names = ("stdlib", "platstdlib")
    return frozenset(Path(sysconfig.get_path(name)) for name in names)
