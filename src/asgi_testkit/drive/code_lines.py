"""Lines of the app's code, for reports: where a task was created, where it stands.

Lines of the app come first, then those of installed libraries; the standard library's and our own
tell nobody anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterable
from types import CodeType, FrameType, TracebackType
from typing import NamedTuple, TypeAlias

from asgi_testkit.drive.chains import links_of
from asgi_testkit.drive.places import Owner, Place, owner_of, shown, shown_path

__all__ = (
    "CodeLine",
    "SendingLine",
    "creating_line",
    "is_of_app",
    "is_of_library",
    "raising_line",
    "sending_line",
    "show_definition",
    "show_line",
    "standing_line",
)

CodeLine: TypeAlias = tuple[CodeType, int]


_APP, _LIBRARY, _STANDARD = Owner.APP, Owner.LIBRARY, Owner.STANDARD  # quicker to look up


def creating_line(frame: FrameType | None) -> CodeLine | None:
    """Return the innermost line of the app below `frame`, up to the step of the loop.

    A caller must not keep its own frame in a variable: that is a cycle which keeps all in it.
    """
    return _line_below(None if frame is None else frame.f_back)


def _line_below(frame: FrameType | None) -> CodeLine | None:
    library: CodeLine | None = None
    while frame is not None:
        kind = owner_of(frame.f_code.co_filename)
        if kind is _APP:
            return frame.f_code, frame.f_lineno
        if kind is not _STANDARD:
            if kind is not _LIBRARY:
                break
            library = library or (frame.f_code, frame.f_lineno)
        frame = frame.f_back
    return library


class SendingLine(NamedTuple):
    """A line that calls what the engine gave the app; the folder is the one it is shown from."""

    code: CodeType
    number: int
    folder: str | None

    @property
    def is_apps(self) -> bool:
        """Whether it is the app's own, and not a library's."""
        return is_of_app(self.code)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other lines."""
        return self.code.co_filename, self.number

    def __str__(self) -> str:
        return show_line((self.code, self.number), folder=self.folder)


def sending_line(folder: str | None = None) -> SendingLine | None:
    """Return the app's line that is just now calling what the engine gave it; `None`: none is.

    Args:
        folder: from where its path is shown, as in `show_line`.
    """
    frame = inspect.currentframe()
    while frame is not None and owner_of(frame.f_code.co_filename) is Owner.OURS:
        frame = frame.f_back
    line = _line_below(frame)
    return None if line is None else SendingLine(*line, folder)


def standing_line(awaitable: object) -> CodeLine | None:
    """Return the innermost line at which a suspended coroutine or generator stands."""
    frames = (link for link in links_of(awaitable) if isinstance(link, FrameType))
    return _innermost((frame.f_code, frame.f_lineno) for frame in frames)


def raising_line(exception: BaseException) -> CodeLine | None:
    """Return the innermost line of the app that an exception has come from."""
    return _innermost(_traceback_lines(exception.__traceback__))


def show_line(line: CodeLine, *, folder: str | None = None) -> str:
    """Return `file:line in function`, the path as it is seen from the working directory."""
    code, number = line
    return shown(Place(code.co_filename, number, code.co_name), folder=folder)


def show_definition(code: CodeType) -> str:
    """Return `file:line` of where a function is defined."""
    return f"{shown_path(code.co_filename)}:{code.co_firstlineno}"


def is_of_app(code: CodeType) -> bool:
    """Return whether it is code of the app, and not of an installed library."""
    return owner_of(code.co_filename) is Owner.APP


def is_of_library(code: CodeType) -> bool:
    """Return whether it is code of an installed library."""
    return owner_of(code.co_filename) is Owner.LIBRARY


def _innermost(lines: Iterable[CodeLine]) -> CodeLine | None:
    """Return the last of the app's lines; of a library's where there is none."""
    found: dict[Owner, CodeLine] = {}
    for line in lines:
        found[owner_of(line[0].co_filename)] = line
    return found.get(Owner.APP) or found.get(Owner.LIBRARY)


def _traceback_lines(traceback: TracebackType | None) -> Generator[CodeLine]:
    while traceback is not None:
        yield traceback.tb_frame.f_code, traceback.tb_lineno
        traceback = traceback.tb_next
