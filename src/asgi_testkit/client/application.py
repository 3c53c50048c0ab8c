"""The app as users hand it in: which generation it is, and what is no app at all."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from asgi_testkit.drive.code_lines import is_of_app
from asgi_testkit.drive.places import Place, shown
from asgi_testkit.errors import UsageTypeError
from asgi_testkit.types import ASGI2App, ASGI3App, Receive, Scope, Send

__all__ = ("Elsewhere", "PreparedApp", "prepare_app")

T = TypeVar("T")

_ASGI2_ARGUMENTS = 1
_WSGI_ARGUMENTS = 2
_ASGI3_ARGUMENTS = 3


class _Shape(NamedTuple):
    """What of an app does not change: it is found once, since an app gets many clients.

    Attributes:
        arguments: how many positional ones a call needs; `None`: three can be given.
        definition: the function that is called, where the app's own code defines it.
    """

    arguments: int | None
    definition: CodeType | None


_shapes: Final[WeakKeyDictionary[Callable[..., object], _Shape]] = WeakKeyDictionary()

_OF_DJANGO: Final = (
    ("django.core.handlers.asgi", "ASGIHandler"),
    ("channels.routing", "ProtocolTypeRouter"),
)

_WANTED = "An ASGI app is wanted: an object called as app(scope, receive, send)."


class Elsewhere(Protocol):
    """An app that does not run in the client's loop, beside its calls."""

    def check_reach(self, what: str) -> None:
        """Raise a `UsageError` if this part of a client cannot reach the app."""
        ...

    def tell(self) -> str:
        """Return what can be said of the app where a call of it takes too long."""
        ...

    async def run(self, function: Callable[..., Awaitable[T]], *args: object) -> T:
        """Call an async function in the app's loop and return its result."""
        ...

    async def close(self) -> None:
        """End what runs the app."""
        ...


@dataclass(frozen=True, slots=True)
class PreparedApp:
    """An app in the single-callable form.

    Attributes:
        original: what the user handed in.
        call: the app, wrapped where it has the double-callable form.
        asgi_version: what its scopes say: `"3.0"` or `"2.0"`.
        is_django: whether thread-sensitive code of Django runs in it.
        elsewhere: where it runs, if that is not the client's loop: `call` hands its calls on.
        definition: the function that is called; `None`: a library defines it, or it is not known.
    """

    original: object
    call: ASGI3App
    asgi_version: str
    is_django: bool
    elsewhere: Elsewhere | None = None
    definition: CodeType | None = None

    def check_reach(self, what: str) -> None:
        """Refuse what a client wants of an app that is in another process.

        Raises:
            UsageError: it is.
        """
        if self.elsewhere is not None:
            self.elsewhere.check_reach(what)

    def home(self, folder: str) -> str:
        """Return where it is defined, as `file:line in name`; empty where a library defines it.

        Args:
            folder: the working directory, from which the path is shown.
        """
        code = self.definition
        if code is None:
            return ""
        return _shown_home(code.co_filename, code.co_firstlineno, code.co_name, folder)


@lru_cache(maxsize=256)
def _shown_home(file: str, line: int, function: str, folder: str) -> str:
    return shown(Place(file, line, function), folder=folder)


def prepare_app(app: object) -> PreparedApp:
    """Return `app` in the single-callable form.

    Raises:
        UsageTypeError: it is no ASGI app; the text says what it is and what to do.
    """
    if isinstance(app, PreparedApp):
        return app
    if not callable(app):
        raise UsageTypeError(_not_callable_text(app))
    count, definition = _shape_of(app)
    if count == _ASGI3_ARGUMENTS or count is None:
        call, version = cast("ASGI3App", app), "3.0"
    elif count == _ASGI2_ARGUMENTS and not inspect.iscoroutinefunction(app):
        call, version = _single_callable(cast("ASGI2App", app)), "2.0"
    else:
        raise UsageTypeError(_wrong_arguments_text(app, count))
    return PreparedApp(app, call, version, _is_django(app), definition=definition)


def _single_callable(app: ASGI2App) -> ASGI3App:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope)(receive, send)

    return call


def _shape_of(app: Callable[..., object]) -> _Shape:
    try:
        return _shapes[app]
    except (KeyError, TypeError):  # it is new, or cannot be hashed
        shape = _Shape(_positional_arguments(app), _definition(app))
    with suppress(TypeError):  # it cannot be hashed, or not be referred to weakly
        _shapes[app] = shape
    return shape


def _definition(app: Callable[..., object]) -> CodeType | None:
    """Return the function that is called, unless a library defines it."""
    defined: object = inspect.unwrap(app)
    while isinstance(defined, partial):
        defined = defined.func
    if not inspect.isroutine(defined):
        owner = defined if inspect.isclass(defined) else type(defined)
        defined = getattr(owner, "__call__", None)  # noqa: B004 - what it is, not whether
    code = getattr(defined, "__code__", None)
    return code if isinstance(code, CodeType) and is_of_app(code) else None


def _positional_arguments(app: Callable[..., object]) -> int | None:
    """Return how many positional arguments a call needs; `None`: three can be given."""
    if isinstance(app, FunctionType) and not vars(app):  # else its signature may be another's
        return _arguments_of_code(app.__code__, len(app.__defaults__ or ()))
    try:
        parameters = inspect.signature(app).parameters.values()
    except (ValueError, TypeError):
        return None
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = sum(p.default is p.empty for p in positional)
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if required <= _ASGI3_ARGUMENTS and (takes_any or len(positional) >= _ASGI3_ARGUMENTS):
        return None if not inspect.isclass(app) or _is_awaitable_class(app) else required
    return required


def _arguments_of_code(code: CodeType, defaults: int) -> int | None:
    """Return the same for a plain function, in a twentieth of the time: a test may make its app."""
    required = code.co_argcount - defaults
    takes_three = code.co_argcount >= _ASGI3_ARGUMENTS or code.co_flags & inspect.CO_VARARGS
    return None if required <= _ASGI3_ARGUMENTS and takes_three else required


def _is_awaitable_class(app: type) -> bool:
    """Return whether instances are awaited, as Starlette's class-based endpoints are."""
    return issubclass(app, Awaitable)


def _not_callable_text(app: object) -> str:
    if isinstance(app, str):
        return (
            f"app is the string {app!r}. {_WANTED}\n"
            "Import the app and pass the object: from myproject.main import app."
        )
    if inspect.iscoroutine(app):
        app.close()
        return (
            f"app is a coroutine of {app.__qualname__!r}. {_WANTED}\n"
            "Pass the async function itself, not what a call of it returns."
        )
    return f"app is {app!r:.80}, which cannot be called. {_WANTED}"


def _wrong_arguments_text(app: Callable[..., Any], count: int | None) -> str:
    name = getattr(app, "__qualname__", type(app).__qualname__)
    if inspect.isclass(app):
        return (
            f"app is the class {name!r}, not an instance of it. {_WANTED}\n"
            f"Pass an instance: {name}(...)."
        )
    if count == 0:
        return (
            f"app is the function {name!r}, which takes no arguments. {_WANTED}\n"
            f"If it makes the app, call it: {name}()."
        )
    if count == _WSGI_ARGUMENTS:
        return (
            f"app {name!r} takes two arguments, as WSGI apps do (environ, start_response)."
            f" {_WANTED}\n"
            "Wrap a WSGI app first, for example with a2wsgi.WSGIMiddleware."
        )
    return f"app {name!r} takes {count} arguments. {_WANTED}"


def _is_django(app: object) -> bool:
    """Return whether `app` is Django's, or Channels' router over it; imports neither."""
    for module, name in _OF_DJANGO:
        if module in sys.modules:
            kind = getattr(sys.modules[module], name, None)
            if kind is not None and isinstance(app, kind):
                return True
    return False
