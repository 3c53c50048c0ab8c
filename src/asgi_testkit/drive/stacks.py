"""Stacks: where each thread of the process stands now.

`faulthandler` tells of all threads by a public name; what it writes is read back here.
"""

from __future__ import annotations

import faulthandler
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from asgi_testkit.drive.places import Place

__all__ = ("Stack", "is_debugger_at_prompt", "stacks")

_THREAD: Final = re.compile(r"^(?:Current t|T)hread 0x([0-9a-f]+)")
_CALL: Final = re.compile(r'^  File "(.*)", line (\d+) in (.*)$')
_PROMPTS: Final = {("cmd.py", "cmdloop"), ("pydevd.py", "do_wait_suspend")}


class Stack(NamedTuple):
    """A thread's calls, the innermost first."""

    thread_id: int
    places: tuple[Place, ...]


def stacks() -> list[Stack]:
    """Return the stacks of all threads; of very many, of the first hundred.

    None where there is no file to be had, which they have to pass through.
    """
    try:
        with _open_file() as file:
            faulthandler.dump_traceback(file, all_threads=True)
            file.seek(0)
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return list(_read(text.splitlines()))


def _open_file() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("stacks"), "w+b")
    return tempfile.TemporaryFile()


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
