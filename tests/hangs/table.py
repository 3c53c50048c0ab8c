"""What a row of the table is, and its text as each mode has it.

A row is an app, or what makes one, under `@row(...)`. Its docstring is the whole text that the test
gets where a limit has passed. In it `{test}` is the line that the test waits at, marked in
`blocking_calls` and `async_calls`; a name in capitals is the line that ends with such a comment.
A line that begins with `&` goes on with the one before. Lines that end in `[asyncio]` or `[trio]`
are there on that library only.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from asgi_testkit import StallError
from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App
from tests.hangs import async_calls, blocking_calls

__all__ = (
    "ASYNC", "EVERYWHERE", "ON_ASYNCIO", "ON_TRIO", "PARKED", "Row", "app_of", "filled", "row",
    "rows_of", "without_lifespan",
)  # fmt: skip

PARKED: Final = ("thread", "inline")
ASYNC: Final = ("asyncio", "uvloop", "trio")
ON_ASYNCIO: Final = (*PARKED, "asyncio")
ON_TRIO: Final = ("thread on trio", "trio")
EVERYWHERE: Final = (*ON_ASYNCIO, "uvloop", *ON_TRIO)

_LIMIT_SECONDS: Final = 0.3  # a loaded machine may let a thread wait for some tenths
_ASYNC_LIMIT_SECONDS: Final = 0.05  # the app has taken its steps before the wait begins
_FOR_EVER_SECONDS: Final = 20.0  # in the modes in which a proof has to come first

_LIBRARY: Final = re.compile(r"(.*?)(?: \[(asyncio|trio)\])?")
_MARK: Final = re.compile(r"# (?P<name>[A-Z_]+)(: (?P<called>\S+))?$")
_NAME: Final = re.compile(r"\{([A-Z_]+)\}")
_AT_LIMIT: Final = re.compile(r"(?P<title>.*?): for [\d.]+ s (?P<what>.*)\.")
_LIFE_AT_LIMIT: Final = re.compile(r"The app did not answer (\S+) within [\d.]+ s\. (.*)")


@dataclass(frozen=True, eq=False)
class Row:
    """One hang or loss.

    Attributes:
        function: the app, or what makes it; its docstring is the text.
        call: the name of a function in both modules of calls.
        modes: where it is to be seen.
        is_factory: the function makes the app.
        is_provable: on parked loops it is an error long before any limit has passed.
        error: the class of the error.
        kind: the kind of a stall.
        options: for the client.
        enters: the call is given an entered client.
        beside: functions out of it that have marked lines, too.
    """

    function: Callable[..., Any]
    call: str
    modes: Collection[str] = ON_ASYNCIO
    is_factory: bool = False
    is_provable: bool = True
    error: type[Exception] = StallError
    kind: str = "read"
    options: dict[str, Any] = field(default_factory=dict)
    enters: bool = True
    beside: tuple[Callable[..., Any], ...] = ()

    @property
    def name(self) -> str:
        """What it is, in words."""
        return self.function.__name__

    def is_proved(self, mode: str) -> bool:
        """Return whether the error comes before the limit."""
        return self.is_provable and mode in PARKED

    def limit(self, mode: str) -> float:
        """Return the client's `timeout`."""
        if self.is_proved(mode):
            return _FOR_EVER_SECONDS
        return _ASYNC_LIMIT_SECONDS if mode in ASYNC else _LIMIT_SECONDS

    def call_in(self, mode: str) -> Callable[[Any], Any]:
        """Return the call, in the form of the mode's client."""
        calls = async_calls if mode in ASYNC else blocking_calls
        return getattr(calls, self.call)  # type: ignore[no-any-return]

    def text(self, mode: str) -> str:
        """Return the whole text of the error."""
        text = inspect.cleandoc(self.function.__doc__ or "").replace("\n& ", " ")
        text = _in_library(text, "trio" if mode in ON_TRIO else "asyncio")
        if self.is_proved(mode):
            text = _as_proved(text)
        text = text.replace("0.1 s", f"{self.limit(mode):g} s")
        places = _places(self.function)
        for function in self.beside:
            places |= _places(function)
        text = _NAME.sub(lambda match: places[match[1]][1], text)
        called, place = _places(self.call_in(mode))["HERE"]
        text = text.replace("{home}", _home(self.function))
        return text.replace("{test}", f"{called}, {place}")


def row(call: str, **options: Any) -> Callable[[Callable[..., Any]], Row]:
    """Make a row of an app; see `Row`."""
    return lambda function: Row(function, call, **options)


def rows_of(module: ModuleType) -> list[Row]:
    """Return the rows of a module, in its order."""
    return [value for value in vars(module).values() if isinstance(value, Row)]


def app_of(row: Row) -> App:
    """Return the app of a row; where it has no lifespan, none of its tasks is in the reports."""
    if row.is_factory:
        return row.function()  # type: ignore[no-any-return]
    if not row.enters:
        return row.function
    return without_lifespan(row.function)


def without_lifespan(function: App) -> App:
    """Return an app that has no lifespan, with no frame of its own in the app's calls."""

    @wraps(function)  # whose home is that of the function
    def app(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "lifespan":
            raise NotImplementedError("no lifespan")
        return function(scope, receive, send)

    return app


def filled(text: str, file: str) -> str:
    """Return a text with the marked lines of a file in it."""
    places = _places_of(Path(file), Path(file).read_text().splitlines(), begins=1)
    return _NAME.sub(lambda match: places[match[1]][1], inspect.cleandoc(text))


def _in_library(text: str, library: str) -> str:
    """Return the text without the lines that end in the name of another library, in brackets."""
    lines = [_LIBRARY.fullmatch(line) for line in text.splitlines()]
    return "\n".join(line[1] for line in lines if line and line[2] in {None, library})


def _as_proved(text: str) -> str:
    """Return the text as it is where nothing can happen any more."""
    first, *lines = text.splitlines()
    if (at_limit := _AT_LIMIT.fullmatch(first)) is not None:
        first = (
            f"{at_limit['title']}: {at_limit['what']}, and nothing can change that any more:"
            " no timer, socket or thread is at work."
        )
        return "\n".join([first, *lines[:-1]])
    life = _LIFE_AT_LIMIT.fullmatch(first)
    assert life is not None, first
    first = (
        f"The app has not answered {life[1]} and never will: no timer, socket or thread is at work."
        f" {life[2]}"
    )
    return "\n".join([first, *lines]).replace(", or raise the client's timeout.", ".")


def _places(function: Callable[..., Any]) -> dict[str, tuple[str, str]]:
    """Return what is called at each marked line of a function, and the line as reports show it."""
    lines, begins = inspect.getsourcelines(function)
    return _places_of(Path(inspect.getsourcefile(function) or ""), lines, begins=begins)


def _home(function: Callable[..., Any]) -> str:
    code = function.__code__
    return (
        f"{Path(code.co_filename).relative_to(Path.cwd())}:{code.co_firstlineno} in {code.co_name}"
    )


def _places_of(file: Path, lines: list[str], *, begins: int) -> dict[str, tuple[str, str]]:
    places: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(lines, start=begins):
        if (mark := _MARK.search(line.rstrip())) is not None:
            shown = f"{file.relative_to(Path.cwd())}:{number} in {_function_at(file, number)}"
            places[mark["name"]] = (mark["called"] or "", shown)
    return places


def _function_at(file: Path, line: int) -> str:
    """Return the name of the innermost function around a line."""
    return max((begins, name) for begins, ends, name in _functions(file) if begins <= line <= ends)[
        1
    ]


@cache
def _functions(file: Path) -> list[tuple[int, int, str]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, kinds)]
    return [(node.lineno, node.end_lineno or node.lineno, node.name) for node in nodes]
