"""`replace_testclient`: puts our classes where tests import those of others, and takes them back.

Only attributes of modules are set, by public names. A module of the tests that has imported a name
before keeps what it has got: replace before tests are imported, as the pytest plugin does.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from types import ModuleType, TracebackType
from typing import Any, Self

from asgi_testkit.errors import UsageError, UsageValueError
from asgi_testkit.replacing.table import LIBRARIES, Library
from asgi_testkit.session.disconnected import as_caught_by_starlette
from asgi_testkit.settings import SETTINGS

__all__ = ("Replacement", "replace_testclient")


class Replacement:
    """What was replaced, until `undo()` or the end of a `with` block."""

    def __init__(self) -> None:
        self._undoing = ExitStack()

    def add(self, library: Library) -> None:
        """Replace the names of one library; names that are ours already are left alone."""
        module = _loaded(library.module)
        for name, place in _places(library, module):
            ours = _found(place)
            if name in library.caught_as_starlettes:
                ours = as_caught_by_starlette(ours)
            self._replace(library, module, name, ours)

    def be_lenient(self) -> None:
        """Have broken W rules recorded and leaks logged, not warned of; give little grace."""
        self._undoing.callback(setattr, SETTINGS, "is_drop_in", SETTINGS.is_drop_in)
        SETTINGS.is_drop_in = True

    def undo(self) -> None:
        """Put everything back as it was; the second call does nothing."""
        self._undoing.close()

    def __enter__(self) -> Self:
        """Return itself: the names are replaced already."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Put everything back as it was."""
        self.undo()

    def _replace(self, library: Library, module: ModuleType, name: str, ours: object) -> None:
        theirs = getattr(module, name)
        if theirs is ours:
            return
        givers = [other for other, names in library.passed_on.items() if name in names]

        def put(old: object, new: object) -> None:
            setattr(module, name, new)
            for giver in filter(None, map(sys.modules.get, givers)):
                if getattr(giver, name, None) is old:
                    setattr(giver, name, new)

        put(theirs, ours)
        self._undoing.callback(put, ours, theirs)


def replace_testclient(*names: str) -> Replacement:
    """Give our clients to whoever imports those of other libraries from now on.

    ```python
    with replace_testclient("starlette", "httpx2"):
        from starlette.testclient import TestClient  # ours
    ```

    Meanwhile broken W rules, W08 and H52 are recorded (`client.broken_rules`) and leaks are
    logged, neither warned of; what Starlette's client asserts is an `AssertionError`, too;
    exceptions of the app stay in their groups; an app that streams stands still until it is read;
    and one that is left is cancelled after a tenth of a second, unless `grace` is given: the
    tests were written for clients that do so.

    Args:
        *names: `"starlette"` (`starlette.testclient`, and so `fastapi.testclient`; also the
            default), `"starlette_testclient"`, `"httpx2"` and `"httpx"` (`ASGITransport`),
            `"asgi_lifespan"` (`LifespanManager`).

    Returns:
        A context manager with a method `undo()`.

    Raises:
        UsageError: a name is none of these, or its library is not installed.
    """
    libraries = [_library(name) for name in names or ("starlette",)]
    replacement = Replacement()
    try:
        replacement.be_lenient()
        for library in libraries:
            replacement.add(library)
    except BaseException:
        replacement.undo()
        raise
    return replacement


def _library(name: str) -> Library:
    if name not in LIBRARIES:
        raise UsageValueError(
            f"{name!r} cannot be replaced. What can: {', '.join(map(repr, LIBRARIES))}."
        )
    return LIBRARIES[name]


def _loaded(name: str) -> ModuleType:
    """Import a module without what it warns of: Starlette's says that httpx is the old one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module(name)
    except (ImportError, RuntimeError) as error:  # Starlette's says so where httpx2 is missing
        raise UsageError(
            f"{name} cannot be replaced, since it cannot be imported: {error}"
        ) from error


def _places(library: Library, module: ModuleType) -> Iterator[tuple[str, str]]:
    picked: Any = getattr(module, library.picked_by, None)  # a module, by whatever name
    adapter = getattr(picked, "__name__", "")
    for name, place in library.names.items():
        yield name, place.format(adapter=adapter)


def _found(place: str) -> Any:  # a class of ours
    module, _, name = place.partition(":")
    try:
        return getattr(import_module(module), name)
    except ImportError as error:
        raise UsageError(f"What replaces it, {place}, cannot be imported: {error}") from error
