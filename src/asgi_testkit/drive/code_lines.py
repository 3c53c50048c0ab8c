"""Lines of the app's code, for reports: where a task was created, where it stands.

Lines of the app come first, then those of installed libraries; the standard library's and our own
tell nobody anything. What is installed (not in editable mode) cannot be told from a library.
"""

from __future__ import annotations

import asyncio
import enum
import os
import sysconfig
from collections.abc import Generator, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, TypeAlias

__all__ = (
    "CodeLine",
    "creating_line",
    "is_of_app",
    "is_of_library",
    "raising_line",
    "show_definition",
    "show_line",
    "standing_line",
)

CodeLine: TypeAlias = tuple[CodeType, int]


class _Kind(enum.Enum):
    APP = enum.auto()
    LIBRARY = enum.auto()
    STANDARD = enum.auto()
    LOOP = enum.auto()  # what calls a task's step: below it there is nothing of the task's
    OURS = enum.auto()


_APP, _LIBRARY, _STANDARD = _Kind.APP, _Kind.LIBRARY, _Kind.STANDARD  # quicker to look up
_OUR_FOLDER: Final = f"{Path(__file__).parent.parent}{os.sep}"
_STANDARD_FOLDER: Final = f"{sysconfig.get_path('stdlib')}{os.sep}"
_LOOP_FILES: Final = (asyncio.events.__file__, asyncio.runners.__file__)
_INSTALLED: Final = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


@lru_cache(maxsize=4096)
def _kind(filename: str) -> _Kind:
    if filename.startswith(_OUR_FOLDER):
        return _Kind.OURS
    if filename in _LOOP_FILES:
        return _Kind.LOOP
    if any(part in filename for part in _INSTALLED):
        return _Kind.LIBRARY
    if filename.startswith((_STANDARD_FOLDER, "<frozen ")):
        return _Kind.STANDARD
    return _Kind.APP


def creating_line(frame: FrameType | None) -> CodeLine | None:
    """Return the innermost line of the app below `frame`, up to the step of the loop.

    A caller must not keep its own frame in a variable: that is a cycle which keeps all in it.
    """
    library: CodeLine | None = None
    frame = None if frame is None else frame.f_back
    while frame is not None:
        kind = _kind(frame.f_code.co_filename)
        if kind is _APP:
            return frame.f_code, frame.f_lineno
        if kind is not _STANDARD:
            if kind is not _LIBRARY:
                break
            library = library or (frame.f_code, frame.f_lineno)
        frame = frame.f_back
    return library


def standing_line(awaitable: object) -> CodeLine | None:
    """Return the innermost line at which a suspended coroutine or generator stands."""
    return _innermost((frame.f_code, frame.f_lineno) for frame in _awaiting(awaitable))


def raising_line(exception: BaseException) -> CodeLine | None:
    """Return the innermost line of the app that an exception has come from."""
    return _innermost(_traceback_lines(exception.__traceback__))


def show_line(line: CodeLine) -> str:
    """Return `file:line in function`, the path as it is seen from the working directory."""
    code, number = line
    return f"{_path(code)}:{number} in {code.co_name}"


def show_definition(code: CodeType) -> str:
    """Return `file:line` of where a function is defined."""
    return f"{_path(code)}:{code.co_firstlineno}"


def is_of_app(code: CodeType) -> bool:
    """Return whether it is code of the app, and not of an installed library."""
    return _kind(code.co_filename) is _Kind.APP


def is_of_library(code: CodeType) -> bool:
    """Return whether it is code of an installed library."""
    return _kind(code.co_filename) is _Kind.LIBRARY


def _innermost(lines: Iterable[CodeLine]) -> CodeLine | None:
    """Return the last of the app's lines; of a library's where there is none."""
    found: dict[_Kind, CodeLine] = {}
    for line in lines:
        found[_kind(line[0].co_filename)] = line
    return found.get(_Kind.APP) or found.get(_Kind.LIBRARY)


def _awaiting(awaitable: Any) -> Iterator[FrameType]:  # coroutines of three kinds, and futures
    while awaitable is not None:
        for prefix, inner in (("cr", "cr_await"), ("ag", "ag_await"), ("gi", "gi_yieldfrom")):
            if hasattr(awaitable, inner):
                frame: FrameType | None = getattr(awaitable, f"{prefix}_frame")
                awaitable = getattr(awaitable, inner)
                break
        else:
            return
        if frame is not None:
            yield frame


def _traceback_lines(traceback: TracebackType | None) -> Generator[CodeLine]:
    while traceback is not None:
        yield traceback.tb_frame.f_code, traceback.tb_lineno
        traceback = traceback.tb_next


def _path(code: CodeType) -> str:
    return code.co_filename.removeprefix(f"{Path.cwd()}{os.sep}")
