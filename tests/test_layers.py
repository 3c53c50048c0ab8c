"""The direction of imports, private names, and the shape of every module, read from the source."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import asgi_testkit
import asgi_testkit.httpx

ROOT = Path(asgi_testkit.__file__).parent
PACKAGE = "asgi_testkit"

# Lower numbers are below; a folder imports only what stands below it, and itself.
LAYERS = {
    "types": 0,
    "errors": 0,
    "settings": 0,
    "finding": 1,
    "protocol": 1,
    "drive": 2,
    "report": 2,
    "session": 3,
    "client": 4,
    "servers": 4.5,
    "relay": 4.7,
    "httpx2": 5,
    "requests": 5,
    "checking": 6,
    "replacing": 6,
    "httpx": 6,  # after `alias_httpx()` it hands out what httpx2's adapter has
    "__init__": 7,
    "pytest_plugin": 8,
    "cli": 8,
    "__main__": 9,
}
REPORT_READS = {"types", "errors", "protocol", "report"}
READS_REPORT = {"report", "client", "__init__", "cli"}

# A library, and the only folder or modules that may import it.
OWNERS = {
    "click": "cli",
    "httpx": "httpx",
    "httpx2": "httpx2",
    "requests": "requests",
    "urllib3": "requests",
    "trio": "drive.trio_runtime",
    "asgiref": "drive.asgiref_backend",
    "wsproto": ("session.network_stream", "relay.websocket"),
    "h11": "relay",
    "h2": "relay",
    "uvicorn": "servers.over_uvicorn",
    "hypercorn": "servers.over_hypercorn",
    "granian": "servers.over_granian",
    "daphne": "servers.over_daphne",
}
NOT_IN_PROTOCOL = {
    *("anyio", "asgiref", "asyncio", "concurrent", "httpx", "httpx2", "requests", "select"),
    *("selectors", "signal", "socket", "threading", "_thread", "time", "trio", "uvloop"),
    "wsproto",
}


class Module(NamedTuple):
    """A module of the package, parsed."""

    name: str  # below the package, "" for the package itself
    path: Path
    tree: ast.Module

    @property
    def folder(self) -> str:
        return self.name.split(".")[0] or "__init__"

    @property
    def dotted(self) -> str:
        return f"{PACKAGE}.{self.name}".removesuffix(".")


def _modules() -> Iterator[Module]:
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        yield Module(name, path, ast.parse(path.read_text(encoding="utf-8")))


MODULES = list(_modules())
NAMES = {module.dotted for module in MODULES}
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.dotted)


def imported(tree: ast.AST, *, deferred: bool = True) -> Iterator[str]:
    """Yield the dotted names that are imported; without `deferred`, outside functions only."""
    for node in _nodes(tree, deferred=deferred):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                inside = {f"{module}.{alias.name}" for alias in names} & NAMES
                yield from inside or [module]
            case ast.ImportFrom():
                yield "a relative import"


def _nodes(tree: ast.AST, *, deferred: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        yield child
        is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if (is_function or _is_for_types(child)) and not deferred:
            continue
        yield from _nodes(child, deferred=deferred)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _own(names: Iterator[str]) -> Iterator[str]:
    return (name for name in names if name.split(".")[0] == PACKAGE)


def _folder_of(dotted: str) -> str:
    return dotted.split(".")[1] if "." in dotted else "__init__"


# -- the direction of imports -------------------------------------------------------------


@each_module
def test_a_module_imports_only_from_its_folder_and_below(module: Module) -> None:
    level = LAYERS[module.folder]

    upwards = [
        name
        for name in _own(imported(module.tree))
        if _folder_of(name) != module.folder and LAYERS[_folder_of(name)] >= level
    ]

    # A report stands beside the layers: who may read it is a test of its own.
    assert [name for name in upwards if _folder_of(name) != "report"] == []


@each_module
def test_reports_read_records_only_and_are_read_by_clients_only(module: Module) -> None:
    folders = {_folder_of(name) for name in _own(imported(module.tree))}

    if module.folder == "report":
        assert folders <= REPORT_READS
    if "report" in folders:
        assert module.folder in READS_REPORT


def test_no_module_imports_itself_by_way_of_others() -> None:
    below = {module.dotted: set(_own(imported(module.tree, deferred=False))) for module in MODULES}

    while free := [name for name, needs in below.items() if not needs & set(below)]:
        for name in free:
            del below[name]

    assert sorted(below) == []


@each_module
def test_no_import_is_relative(module: Module) -> None:
    assert "a relative import" not in set(imported(module.tree))


@each_module
def test_only_its_owner_imports_a_library(module: Module) -> None:
    libraries = {name.split(".")[0] for name in imported(module.tree)} & set(OWNERS)

    owners = [OWNERS[library] for library in libraries]

    assert [owner for owner in owners if not _is_in(module, owner)] == []


def _is_in(module: Module, owner: str | tuple[str, ...]) -> bool:
    owners = (owner,) if isinstance(owner, str) else owner
    return f"{module.name}.".startswith(tuple(f"{each}." for each in owners))


PROTOCOL = [module for module in MODULES if module.folder in ("protocol", "types", "errors")]
each_protocol_module = pytest.mark.parametrize("module", PROTOCOL, ids=lambda module: module.dotted)


@each_protocol_module
def test_the_protocol_layer_does_not_wait(module: Module) -> None:
    kinds = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)

    assert [node for node in ast.walk(module.tree) if isinstance(node, kinds)] == []


@each_protocol_module
def test_the_protocol_layer_knows_no_loop_thread_clock_socket_or_library(module: Module) -> None:
    roots = {name.split(".")[0] for name in imported(module.tree)}

    assert roots & NOT_IN_PROTOCOL == set()


# -- private names ------------------------------------------------------------------------


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@each_module
def test_no_private_module_or_name_is_imported(module: Module) -> None:
    private = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            private += [alias.name for alias in node.names if _has_private_part(alias.name)]
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            private += [name for name in names if _has_private_part(name)]

    # `_typeshed` is there for type checkers alone, documented, and never imported at run time.
    assert [name for name in private if not name.startswith("_typeshed.")] == []


def _has_private_part(dotted: str) -> bool:
    return any(map(is_private, dotted.split(".")))


def _bound_names(module: Module) -> Iterator[str]:
    """Yield the names that a module gives to something of its own."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store()) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name


BOUND = {name for module in MODULES for name in _bound_names(module) if is_private(name)}


@each_module
def test_every_private_name_that_is_used_is_our_own(module: Module) -> None:
    used = {
        node.attr
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and is_private(node.attr)
    }

    assert used - BOUND == set()


@each_module
def test_no_private_name_is_asked_for_by_a_string(module: Module) -> None:
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    asks = [call for call in calls if ast.unparse(call.func) in ("getattr", "setattr", "hasattr")]

    names = [call.args[1].value for call in asks if isinstance(call.args[1], ast.Constant)]

    assert [name for name in names if is_private(str(name))] == []


def _heirs() -> Iterator[tuple[type, type]]:
    """Yield our classes with each of their bases that is written in Python elsewhere."""
    for module in MODULES:
        loaded = importlib.import_module(module.dotted)
        for value in vars(loaded).values():
            if not inspect.isclass(value) or value.__module__ != module.dotted:
                continue
            for base in value.__mro__:
                home = base.__module__.split(".")[0]
                if home not in (PACKAGE, "builtins", "typing", "enum"):
                    yield value, base


@pytest.mark.parametrize(
    ("ours", "base"),
    list(dict.fromkeys(_heirs())),
    ids=lambda value: value.__name__,
)
def test_a_class_shares_no_private_name_with_a_base_of_a_library(ours: type, base: type) -> None:
    own = [cls for cls in ours.__mro__ if cls.__module__.split(".")[0] == PACKAGE]

    shared = set().union(*map(_private_names_of, own)) & _private_names_of(base)

    assert shared == set()


def _private_names_of(cls: type) -> set[str]:
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):  # written in C: nothing to read
        source = ""
    found = re.findall(r"\bself\.(_\w+)|\b(?:cls|super\(\))\.(_\w+)", source)
    names = {name for pair in found for name in (*pair, *vars(cls)) if name and is_private(name)}
    return names - {"_abc_impl"}  # Python's own: every abstract class has one


# -- the shape of a module ----------------------------------------------------------------


@each_module
def test_a_module_opens_with_a_docstring(module: Module) -> None:
    docstring = ast.get_docstring(module.tree) or ""

    assert re.search(r"\S\.$|\S[.:]\s", docstring.partition("\n\n")[0])


def _has_code(module: Module) -> bool:
    return len(module.tree.body) > 1


WITH_CODE = [module for module in MODULES if _has_code(module)]
each_module_with_code = pytest.mark.parametrize(
    "module", WITH_CODE, ids=lambda module: module.dotted
)


@each_module_with_code
def test_a_modules_first_import_is_that_of_annotations(module: Module) -> None:
    assert ast.unparse(module.tree.body[1]) == "from __future__ import annotations"


@each_module_with_code
def test_a_module_has_a_tuple_of_public_names_that_exist(module: Module) -> None:
    loaded = importlib.import_module(module.dotted)

    names = getattr(loaded, "__all__", None)

    assert isinstance(names, tuple)
    assert [name for name in names if is_private(name) or not hasattr(loaded, name)] == []


@each_module_with_code
def test_every_public_class_and_function_is_in_the_tuple(module: Module) -> None:
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    defined = {node.name for node in module.tree.body if isinstance(node, kinds)}

    exported = set(importlib.import_module(module.dotted).__all__)

    assert {name for name in defined if not name.startswith("_")} - exported == set()


@each_module
def test_a_hand_written_module_has_less_than_500_lines(module: Module) -> None:
    lines = module.path.read_text(encoding="utf-8").splitlines()

    assert "Generated" in lines[0] or len(lines) < 500


# -- twins --------------------------------------------------------------------------------

TWINS = [
    (asgi_testkit.TestClient, asgi_testkit.AsyncTestClient),
    (asgi_testkit.SyncASGITransport, asgi_testkit.ASGITransport),
    (asgi_testkit.WebSocketSession, asgi_testkit.AsyncWebSocketSession),
    (asgi_testkit.Exchange, asgi_testkit.AsyncExchange),
    (asgi_testkit.httpx.TestClient, asgi_testkit.httpx.AsyncTestClient),
]
each_pair = pytest.mark.parametrize(
    ("blocking", "waiting"), TWINS, ids=lambda twin: str(twin.__name__)
)

# What only blocking twins take: an async app runs in the test's own loop.
BLOCKING_PARAMETERS = {"backend", "backend_options", "driver"}
# Starlette's spellings, for tests that are blocking there.
BLOCKING_METHODS = {"portal", "task"}
ASYNC_NAMES = {
    "aclose": "close",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "handle_async_request": "handle_request",
    "build_async": "build",
}


def _members(cls: type) -> dict[str, object]:
    """Return what our own classes define, public, by the blocking twin's names."""
    members: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.split(".")[0] == PACKAGE:
            members.update(vars(base))
    wanted = {"__init__", *ASYNC_NAMES, *ASYNC_NAMES.values()}
    return {
        ASYNC_NAMES.get(name, name): member
        for name, member in members.items()
        if (name in wanted or not name.startswith("_"))
        and (callable(member) or _is_property(member))
    }


def _is_property(member: object) -> bool:
    return isinstance(member, property)


def _parameters(member: object) -> list[tuple[str, object, object]]:
    if not callable(member):
        return []
    parameters = inspect.signature(member).parameters.values()
    return [
        (parameter.name, parameter.kind, parameter.default)
        for parameter in parameters
        if parameter.name not in BLOCKING_PARAMETERS
    ]


@each_pair
def test_twins_have_the_same_methods(blocking: type, waiting: type) -> None:
    assert set(_members(blocking)) - BLOCKING_METHODS == set(_members(waiting))


@each_pair
def test_twins_take_the_same_parameters_with_the_same_defaults(
    blocking: type, waiting: type
) -> None:
    ours, theirs = _members(blocking), _members(waiting)

    differences = {
        name: (_parameters(ours[name]), _parameters(theirs[name]))
        for name in ours.keys() & theirs.keys()
        if _parameters(ours[name]) != _parameters(theirs[name])
    }

    assert differences == {}


@each_pair
def test_the_methods_of_twins_begin_their_docstrings_alike(blocking: type, waiting: type) -> None:
    ours, theirs = _members(blocking), _members(waiting)

    differences = {
        name: (_first_line(ours[name]), _first_line(theirs[name]))
        for name in ours.keys() & theirs.keys()
        if _first_line(ours[name]) != _first_line(theirs[name])
    }

    assert differences == {}


def _first_line(member: object) -> str:
    line = (inspect.getdoc(member) or "").partition("\n")[0]
    return line.replace(".AsyncClient.", ".Client.")


# -- what importing the package costs -----------------------------------------------------

OPTIONAL = {"anyio", "asgiref", "pytest", "starlette", "trio", "uvloop"}


def _loaded_with(*names: str) -> dict[str, set[str]]:
    """Return what these modules and those they load import at their top level."""
    found: dict[str, set[str]] = {}
    fresh = set(names)
    trees = {module.dotted: module.tree for module in MODULES}
    while fresh:
        name = fresh.pop()
        found[name] = set(imported(trees[name], deferred=False))
        fresh |= (found[name] & set(trees)) - set(found)
    return found


def test_importing_the_package_loads_no_optional_library() -> None:
    loaded = _loaded_with(PACKAGE)

    assert loaded == {PACKAGE: {"__future__", "typing"}}


def test_importing_what_is_exported_loads_no_optional_library() -> None:
    exported = [getattr(asgi_testkit, name) for name in asgi_testkit.__all__]
    loaded = _loaded_with(*{thing.__module__ for thing in exported})

    libraries = {name.split(".")[0] for names in loaded.values() for name in names}

    assert f"{PACKAGE}.httpx2.clients" in loaded
    assert libraries & OPTIONAL == set()


PLUGIN = [module for module in MODULES if module.folder == "pytest_plugin"]


@pytest.mark.parametrize("module", PLUGIN, ids=lambda module: module.dotted)
def test_the_plugin_loads_the_standard_library_pytest_and_the_settings_only(
    module: Module,
) -> None:
    loaded = set(imported(module.tree, deferred=False))

    own = {name for name in loaded if name.split(".")[0] == PACKAGE}
    others = {name.split(".")[0] for name in loaded - own}

    assert {name for name in own if _folder_of(name) not in ("pytest_plugin", "settings")} == set()
    assert others - sys.stdlib_module_names <= {"pytest"}
