"""The app as users hand it in: which generation it is, and what is no app at all."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import CodeType
from typing import Any, Final, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from asgi_testkit.drive.code_lines import is_of_app, show_definition
from asgi_testkit.errors import UsageTypeError
from asgi_testkit.types import ASGI2App, ASGI3App, Receive, Scope, Send

__all__ = ("Elsewhere", "PreparedApp", "prepare_app")

T = TypeVar("T")

_ASGI2_ARGUMENTS = 1
_WSGI_ARGUMENTS = 2
_ASGI3_ARGUMENTS = 3

_arguments: Final[WeakKeyDictionary[Callable[..., object], int | None]] = WeakKeyDictionary()

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
    """

    original: object
    call: ASGI3App
    asgi_version: str
    is_django: bool
    elsewhere: Elsewhere | None = None

    def check_reach(self, what: str) -> None:
        """Refuse what a client wants of an app that is in another process.

        Raises:
            UsageError: it is.
        """
        if self.elsewhere is not None:
            self.elsewhere.check_reach(what)

    @property
    def home(self) -> str:
        """Where it is defined, as `file:line in name`; empty where a library defines it."""
        defined: object = inspect.unwrap(self.original) if callable(self.original) else None
        while isinstance(defined, partial):
            defined = defined.func
        if not inspect.isroutine(defined):
            owner = defined if inspect.isclass(defined) else type(defined)
            defined = getattr(owner, "__call__", None)  # noqa: B004 - what it is, not whether
        code = getattr(defined, "__code__", None)
        if not isinstance(code, CodeType) or not is_of_app(code):
            return ""
        return f"{show_definition(code)} in {code.co_name}"


def prepare_app(app: object) -> PreparedApp:
    """Return `app` in the single-callable form.

    Raises:
        UsageTypeError: it is no ASGI app; the text says what it is and what to do.
    """
    if isinstance(app, PreparedApp):
        return app
    if not callable(app):
        raise UsageTypeError(_not_callable_text(app))
    count = _remembered_arguments(app)
    if count == _ASGI3_ARGUMENTS or count is None:
        return PreparedApp(app, cast("ASGI3App", app), "3.0", _is_django(app))
    if count == _ASGI2_ARGUMENTS and not inspect.iscoroutinefunction(app):
        return PreparedApp(app, _single_callable(cast("ASGI2App", app)), "2.0", _is_django(app))
    raise UsageTypeError(_wrong_arguments_text(app, count))


def _single_callable(app: ASGI2App) -> ASGI3App:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope)(receive, send)

    return call


def _remembered_arguments(app: Callable[..., object]) -> int | None:
    """Return the same as `_positional_arguments`, asked once: an app gets many clients."""
    try:
        return _arguments[app]
    except KeyError:
        count = _positional_arguments(app)
    except TypeError:  # it cannot be hashed
        return _positional_arguments(app)
    with suppress(TypeError):  # it cannot be referred to weakly
        _arguments[app] = count
    return count


def _positional_arguments(app: Callable[..., object]) -> int | None:
    """Return how many positional arguments a call needs; `None`: three can be given."""
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
    for module, name in (
        ("django.core.handlers.asgi", "ASGIHandler"),
        ("channels.routing", "ProtocolTypeRouter"),
    ):
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(app, kind):
            return True
    return False
