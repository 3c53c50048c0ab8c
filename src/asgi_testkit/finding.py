"""Finding the app that a text names, and the text, where nobody handed in an app.

For the pytest plugin and the command line; nothing but the standard library and `errors` is
imported. The app's own errors while it is imported or made pass through as they are.
"""

from __future__ import annotations

import inspect
import os
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

from asgi_testkit.errors import UsageError, UsageValueError

__all__ = ("AppSource", "choose_source", "environment_source", "find_app", "project_sources")

_FORM: Final = "'module:attribute', such as 'shop.main:app' or 'shop.main:create_app'"


@dataclass(frozen=True, slots=True)
class AppSource:
    """A place where an app can be named.

    Attributes:
        where: what the place is called, such as `"the flag --asgi-app"`.
        spec: what it holds; empty: nothing.
        note: why nothing, if there is more to say than that.
    """

    where: str
    spec: str = ""
    note: str = ""


def environment_source() -> AppSource:
    """Return what the environment variable `ASGI_TESTKIT_APP` holds."""
    return _variable("ASGI_TESTKIT_APP")


def project_sources(folder: Path) -> Iterator[AppSource]:
    """Yield what frameworks' own settings say: FastAPI's in `pyproject.toml`, Litestar's."""
    yield _entrypoint(folder / "pyproject.toml")
    yield _variable("LITESTAR_APP")


def choose_source(sources: Iterable[AppSource]) -> AppSource:
    """Return the first that names an app.

    Raises:
        UsageError: none does; the text lists them all.
    """
    tried = list(sources)
    for source in tried:
        if source.spec:
            return source
    lines = [f"  {source.where}: {source.note or 'not set'}" for source in tried]
    raise UsageError("\n".join(["No app is named. Looked for, in this order:", *lines]))


def find_app(
    spec: str, *, factory: bool | None = None, app_dir: str | os.PathLike[str] | None = None
) -> Any:  # any framework's app
    """Import and return the app that `spec` names.

    Args:
        spec: `"module:attribute"`; the attribute may be dotted.
        factory: whether the attribute is called for the app. `None`: if it needs no argument and
            takes no arbitrary ones, as apps do not.
        app_dir: the folder that modules are imported from first; `None`: `sys.path` as it is.

    Raises:
        UsageError: there is no such module or attribute, or it is no app; the text says where it
            was looked for. What the module or the factory raises is raised as it is.
    """
    module_name, path = _parts(spec)
    if app_dir is not None:
        _import_from(app_dir)
    found = _attribute(_module(module_name, spec), path, spec)
    if factory is None:
        factory = _is_factory(found)
    app = _made(found, spec) if factory else found
    if not callable(app):
        raise UsageError(f"{spec!r} is {_short(app)}, which cannot be called: it is no ASGI app.")
    return app


# -- the text -------------------------------------------------------------------------------


def _variable(name: str) -> AppSource:
    return AppSource(f"the environment variable {name}", os.environ.get(name, ""))


def _entrypoint(file: Path) -> AppSource:
    where = f"[tool.fastapi] entrypoint in {file}"
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except OSError:
        return AppSource(where, note="there is no such file")
    except ValueError as error:  # no TOML, or no UTF-8
        return AppSource(where, note=f"the file cannot be read: {error}")
    spec = _entry(_entry(tool, "fastapi"), "entrypoint")
    return AppSource(where, spec) if isinstance(spec, str) else AppSource(where)


def _entry(table: object, name: str) -> object:
    if not isinstance(table, Mapping):
        return None
    return cast("Mapping[str, object]", table).get(name)


def _parts(spec: str) -> tuple[str, str]:
    module, colon, path = spec.strip().partition(":")
    if module and path:
        if module.endswith(".py") or "/" in module or "\\" in module:
            raise UsageValueError(
                f"The app is named as {spec!r}, by a file; a module is wanted: {_FORM}."
            )
        return module, path
    lacks = "names no module" if colon and not module else "names no attribute of a module"
    raise UsageValueError(f"The app is named as {spec!r}, which {lacks}; wanted is {_FORM}.")


# -- the module -----------------------------------------------------------------------------


def _import_from(folder: str | os.PathLike[str]) -> None:
    place = str(Path(folder).resolve())
    if place not in sys.path:
        sys.path.insert(0, place)


def _module(name: str, spec: str) -> object:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if not _is_part(error.name or "", name):
            raise  # the module is there, and imports what is not
        raise UsageError(_no_module_text(error.name or name, spec)) from None


def _is_part(missing: str, name: str) -> bool:
    return f"{name}.".startswith(f"{missing}.")


def _no_module_text(missing: str, spec: str) -> str:
    folders = [f"  {folder or Path.cwd()}" for folder in sys.path]
    return "\n".join(
        [
            f"There is no module {missing!r}, wanted for the app {spec!r}. Looked for it in:",
            *folders,
        ]
    )


def _attribute(module: object, path: str, spec: str) -> object:
    found = module
    for name in path.split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise UsageError(_no_attribute_text(found, name, spec)) from None
    return found


def _no_attribute_text(owner: object, name: str, spec: str) -> str:
    if not inspect.ismodule(owner):
        return f"{_short(owner)} has no attribute {name!r}, wanted for the app {spec!r}."
    apps = ", ".join(_likely_apps(vars(owner))) or "none"
    hidden = "".join(f"\n{file} has that name, too: rename it." for file in _hidden_by(owner))
    return (
        f"The module {owner.__name__!r} ({getattr(owner, '__file__', 'no file')}) has no attribute"
        f" {name!r}, wanted for the app {spec!r}.\nWhat it has that could be meant: {apps}.{hidden}"
    )


def _hidden_by(module: ModuleType) -> Iterator[Path]:
    """Yield the files that could not be imported, for a module has taken their name before."""
    for folder in sys.path:
        file = Path(folder, f"{module.__name__.replace('.', '/')}.py").resolve()
        if file.is_file() and str(file) != os.path.realpath(getattr(module, "__file__", "") or ""):
            yield file


def _likely_apps(names: Mapping[str, object]) -> Iterator[str]:
    """Yield the names of what looks as if it were an app, or made one."""
    for name, value in names.items():
        is_named_so = "app" in name.lower() and not name.startswith("_")
        if is_named_so and callable(value) and not inspect.isclass(value):
            yield name


# -- the app --------------------------------------------------------------------------------


def _is_factory(found: object) -> bool:
    """Return whether it needs no argument, and does not take just any as a wrapped app would."""
    if not callable(found):
        return False
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):  # written in C
        return False
    variadic = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    return not variadic and not any(_is_required(each) for each in parameters)


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD


def _made(found: object, spec: str) -> object:
    if not callable(found):
        raise UsageError(f"{spec!r} is {_short(found)}: no factory, it cannot be called.")
    app = cast("Callable[[], object]", found)()
    if inspect.iscoroutine(app):
        app.close()
        raise UsageError(f"The factory {spec!r} is async; one that returns the app is wanted.")
    return app


def _short(thing: object) -> str:
    return f"{thing!r:.80}"
