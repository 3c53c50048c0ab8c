"""Which frames of a failure are shown: the test's, the app's own, and where a library raised.

Between a test's line and the line of the app that failed stand this package, the client library
and the framework, often a hundred frames. They are taken out of the tracebacks while pytest makes
its report, and put back after it, so that a debugger sees all. `--full-trace` leaves them in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, cast

import pytest

__all__ = ("FrameCutter", "Whole", "cut")

_PACKAGE: Final = __name__.partition(".")[0]
_FIXTURES: Final = f"{_PACKAGE}.pytest_plugin.fixtures"
_CLIENT_LIBRARIES: Final = ("httpx", "httpx2", "requests", "urllib3")
# Of the libraries' frames below the app's last own line: how many are shown from either end.
_LIBRARY_FRAMES: Final = 2


class _Kind(Enum):
    """Whose code a frame runs."""

    OWN = "the test's or the app's"
    OURS = "this package's"
    CLIENT = "the client library's"
    STANDARD = "the standard library's"
    INSTALLED = "another installed library's"


class Whole(NamedTuple):
    """An exception as it was before it was cut."""

    exception: BaseException
    traceback: TracebackType | None
    cause: BaseException | None
    context: BaseException | None
    suppresses_context: bool

    @classmethod
    def of(cls, exception: BaseException) -> Whole:
        """Return what is to be put back."""
        return cls(
            exception,
            exception.__traceback__,
            exception.__cause__,
            exception.__context__,
            exception.__suppress_context__,
        )

    def put_back(self) -> None:
        """Undo all cuts."""
        _set_links(self.exception, self.cause, self.context)
        # By the base class: an exception may be a frozen dataclass.
        BaseException.__setattr__(self.exception, "__suppress_context__", self.suppresses_context)
        BaseException.with_traceback(self.exception, self.traceback)


class FrameCutter:
    """Cuts tracebacks for the reports of one run of pytest."""

    def __init__(self, config: pytest.Config) -> None:
        self._is_off = bool(config.getoption("fulltrace", default=False))
        self._whole: list[Whole] = []

    # Not in the wrapper below: for a unittest's case pytest fills in the exception after wrappers.
    @pytest.hookimpl(specname="pytest_runtest_makereport")
    def pytest_runtest_makereport_cut(self, call: pytest.CallInfo[None]) -> None:
        """Cut what was raised."""
        if call.excinfo is None or self._is_off:
            return
        # `pytest.fail(..., pytrace=False)` shows no frame anyway.
        if getattr(call.excinfo.value, "pytrace", True):
            self._whole = list(cut(call.excinfo.value))
            self._tell(call.excinfo)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, object, object]:
        """Put everything back once the report is made."""
        try:
            return (yield)
        finally:
            for whole in self._whole:
                whole.put_back()
            if call.excinfo is not None:
                self._tell(call.excinfo)
            self._whole = []

    def _tell(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Have pytest look at the traceback again, if it was changed."""
        if any(whole.exception is excinfo.value for whole in self._whole):
            again = pytest.ExceptionInfo[BaseException].from_exception(excinfo.value)
            excinfo.traceback = again.traceback


def cut(exception: BaseException) -> Iterator[Whole]:
    """Cut an exception that passed through us, and its causes, contexts and members.

    Yields:
        What was cut, as it was.
    """
    seen: set[int] = set()
    waiting: list[tuple[BaseException | None, bool]] = [(exception, False)]
    while waiting:
        each, is_inside = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        every = list(_frames(each.__traceback__))
        frames = _without_runner(every)
        kinds = [_kind(frame) for frame in frames]
        passed = _Kind.OURS in kinds
        if passed or is_inside:
            yield Whole.of(each)
            shown = _shown(kinds, is_inside=is_inside)
            whole = frames if frames is every else frames[:1]
            trace = _rebuilt([frames[index] for index in shown] or whole)
            BaseException.with_traceback(each, trace)
            _cut_wrappers(each)
        # What led to an exception of the app has no frame of ours: it began below them.
        led_to_it = (each.__cause__, each.__context__, *_members(each))
        waiting += [(other, is_inside or passed) for other in led_to_it]


def _without_runner(frames: list[TracebackType]) -> list[TracebackType]:
    """Leave out what pytest and its plugins do to call a fixture of ours."""
    for at, frame in enumerate(frames):
        if frame.tb_frame.f_globals.get("__name__") == _FIXTURES:
            return frames[at:]
        if _kind(frame) is _Kind.OWN:  # the test asks for the fixture in its body
            break
    return frames


def _cut_wrappers(exception: BaseException) -> None:
    """Cut off a group that is named as the cause and was only this exception's wrapping."""
    cause, context = exception.__cause__, exception.__context__
    if _only_wraps(cause, exception) or _only_wraps(context, exception):
        kept = [None if _only_wraps(link, exception) else link for link in (cause, context)]
        _set_links(exception, *kept)


def _only_wraps(group: BaseException | None, exception: BaseException) -> bool:
    inner = group
    while inner is not None and len(members := _members(inner)) == 1:
        inner = members[0]
    return inner is exception


def _members(exception: BaseException) -> tuple[BaseException, ...]:
    if not isinstance(exception, BaseExceptionGroup):
        return ()
    return cast("BaseExceptionGroup[BaseException]", exception).exceptions


def _set_links(
    exception: BaseException, cause: BaseException | None, context: BaseException | None
) -> None:
    BaseException.__setattr__(exception, "__cause__", cause)
    BaseException.__setattr__(exception, "__context__", context)


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _rebuilt(frames: Sequence[TracebackType]) -> TracebackType | None:
    traceback: TracebackType | None = None
    for frame in reversed(frames):
        traceback = TracebackType(traceback, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return traceback


# -- which frames ---------------------------------------------------------------------------


def _shown(kinds: Sequence[_Kind], *, is_inside: bool) -> list[int]:
    """Return the places of the frames to show.

    Args:
        kinds: of all frames, outermost first.
        is_inside: the exception led to one of the app's: also the first frame is the app's.
    """
    entry = _entry(kinds)
    before, after = range(entry), range(entry, len(kinds))
    cut_before = _of_the_app if is_inside else _of_the_test
    cut_after = _of_the_app if _Kind.OWN in kinds[entry:] else _of_libraries
    return [*cut_before(kinds, before), *cut_after(kinds, after)]


def _entry(kinds: Sequence[_Kind]) -> int:
    """Return where the way into the app begins: below the test's frames, or at the top."""
    entry = kinds.index(_Kind.OURS) if _Kind.OURS in kinds else 0
    while entry and kinds[entry - 1] in (_Kind.CLIENT, _Kind.STANDARD):
        entry -= 1
    return entry


def _of_the_test(kinds: Sequence[_Kind], places: range) -> list[int]:
    """Return all frames but those of `asyncio.run` and the like, once the test has begun."""
    begun = next((index for index in places if kinds[index] is _Kind.OWN), places.stop)
    return [index for index in places if index < begun or kinds[index] is not _Kind.STANDARD]


def _of_the_app(kinds: Sequence[_Kind], places: range) -> list[int]:
    """Return the own frames, and what a library did below the last of them."""
    own = [index for index in places if kinds[index] is _Kind.OWN]
    below = range(own[-1] + 1 if own else places.start, places.stop)
    return [*own, *_ends([index for index in below if kinds[index] is not _Kind.OURS])]


def _of_libraries(kinds: Sequence[_Kind], places: range) -> list[int]:
    """Return the frames of libraries where no frame is the app's own, from the first on.

    What the client library and the standard library do on the way there is left out.
    """
    passage = (_Kind.OURS, _Kind.CLIENT)
    first = next((index for index in places if kinds[index] is _Kind.INSTALLED), None)
    if first is None:
        ours = [index for index in places if kinds[index] in passage]
        first = ours[-1] + 1 if ours else places.start
    return [index for index in places[first - places.start :] if kinds[index] is not _Kind.OURS]


def _ends(places: list[int]) -> list[int]:
    """Return the first and the last few: what was called, and what raised."""
    if len(places) <= 2 * _LIBRARY_FRAMES:
        return places
    return [*places[:_LIBRARY_FRAMES], *places[-_LIBRARY_FRAMES:]]


# -- whose they are -------------------------------------------------------------------------


def _kind(traceback: TracebackType) -> _Kind:
    frame = traceback.tb_frame
    root = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    if root == _PACKAGE:
        return _Kind.OURS
    file = frame.f_code.co_filename
    if not Path(file).is_absolute() and not file.startswith("<"):  # Cython gives relative names
        file = str(frame.f_globals.get("__file__", file))
    kind = _kind_of_file(file)
    return _Kind.CLIENT if kind is _Kind.INSTALLED and root in _CLIENT_LIBRARIES else kind


@cache
def _kind_of_file(file: str) -> _Kind:
    if {"site-packages", "dist-packages"} & set(Path(file).parts):
        return _Kind.INSTALLED
    # Here, since most runs show no failure.
    get_path: Callable[[str], str] = import_module("sysconfig").get_path
    folders = (get_path("stdlib"), get_path("platstdlib"))
    is_standard = any(os.path.normcase(file).startswith(_as_prefix(folder)) for folder in folders)
    return _Kind.STANDARD if is_standard or file.startswith("<") else _Kind.OWN


def _as_prefix(folder: str) -> str:
    return os.path.normcase(os.path.join(folder, ""))  # noqa: PTH118 - with its separator
