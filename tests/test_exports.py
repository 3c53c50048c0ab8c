"""What `asgi_testkit` promises to export."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

import asgi_testkit
from asgi_testkit import errors
from tests.processes import run_script

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

CLIENTS = {"AsyncTestClient", "TestClient"}
TRANSPORTS = {"ASGITransport", "SyncASGITransport"}
WEBSOCKETS = {"AsyncWebSocketSession", "Disconnect", "WebSocketDenialResponse", "WebSocketSession"}
EXCHANGES = {"AsyncExchange", "EventSource", "Exchange"}
CHECKING = {"Violation", "check"}
SERVING = {"LiveServer", "serve"}
OTHERS = {
    *("LifespanManager", "Transcript", "replace_testclient"),
    *(*WEBSOCKETS, *EXCHANGES, *CHECKING, *SERVING),
}


def test_the_exported_names_are_sorted_and_come_once() -> None:
    assert list(asgi_testkit.__all__) == sorted(set(asgi_testkit.__all__))


def test_the_clients_the_transports_and_every_error_are_exported_and_nothing_else() -> None:
    assert set(asgi_testkit.__all__) == CLIENTS | TRANSPORTS | OTHERS | set(errors.__all__)


def test_every_exported_name_can_be_imported() -> None:
    names: dict[str, object] = {}

    exec("from asgi_testkit import *", names)

    assert set(asgi_testkit.__all__) <= set(names)


def test_type_checkers_and_the_table_are_told_the_same_homes() -> None:
    tree = ast.parse(Path(asgi_testkit.__file__).read_text(encoding="utf-8"))
    told = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("asgi_testkit.")
        for alias in node.names
    }

    assert told == asgi_testkit._HOMES
    assert set(told) == set(asgi_testkit.__all__)


def test_a_name_that_is_not_exported_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'asgi_testkit' has no attribute 'Nothing'$"):
        asgi_testkit.Nothing  # noqa: B018


def test_importing_a_name_that_is_not_exported_is_an_import_error() -> None:
    with pytest.raises(ImportError, match="cannot import name 'Nothing' from 'asgi_testkit'"):
        exec("from asgi_testkit import Nothing")


def test_dir_lists_what_is_exported_before_it_is_imported() -> None:
    missing = run_script(
        "import json, asgi_testkit as a; print(json.dumps(sorted(set(a.__all__) - set(dir(a)))))"
    )

    assert missing == []


def test_importing_the_package_loads_neither_a_client_library_nor_asyncio() -> None:
    loaded = run_script("import asgi_testkit, json, sys; print(json.dumps(sorted(sys.modules)))")

    own = [name for name in loaded if name.startswith("asgi_testkit")]
    assert own == ["asgi_testkit"]
    assert {"asyncio", "httpx2"} & set(loaded) == set()


def test_every_exported_thing_has_a_docstring() -> None:
    without = [name for name in asgi_testkit.__all__ if not getattr(asgi_testkit, name).__doc__]

    assert without == []


def test_pytest_does_not_take_an_exported_class_for_a_test() -> None:
    named = [name for name in asgi_testkit.__all__ if name.startswith("Test")]

    assert [getattr(asgi_testkit, name).__test__ for name in named] == [False] * len(named)


def test_the_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]

    assert asgi_testkit.__version__ == project["version"]
