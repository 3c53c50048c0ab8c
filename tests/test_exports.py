"""What `asgi_testkit` promises to export."""

from __future__ import annotations

import tomllib
from pathlib import Path

import asgi_testkit
from asgi_testkit import errors

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"

CLIENTS = {"AsyncTestClient", "TestClient"}
TRANSPORTS = {"ASGITransport", "SyncASGITransport"}
WEBSOCKETS = {"AsyncWebSocketSession", "Disconnect", "WebSocketDenialResponse", "WebSocketSession"}
EXCHANGES = {"AsyncExchange", "EventSource", "Exchange"}
OTHERS = {"LifespanManager", "Transcript", *WEBSOCKETS, *EXCHANGES}


def test_the_exported_names_are_sorted_and_come_once() -> None:
    assert list(asgi_testkit.__all__) == sorted(set(asgi_testkit.__all__))


def test_the_clients_the_transports_and_every_error_are_exported_and_nothing_else() -> None:
    assert set(asgi_testkit.__all__) == CLIENTS | TRANSPORTS | OTHERS | set(errors.__all__)


def test_every_exported_name_can_be_imported() -> None:
    names: dict[str, object] = {}

    exec("from asgi_testkit import *", names)

    assert set(asgi_testkit.__all__) <= set(names)


def test_every_exported_thing_has_a_docstring() -> None:
    without = [name for name in asgi_testkit.__all__ if not getattr(asgi_testkit, name).__doc__]

    assert without == []


def test_pytest_does_not_take_an_exported_class_for_a_test() -> None:
    named = [name for name in asgi_testkit.__all__ if name.startswith("Test")]

    assert [getattr(asgi_testkit, name).__test__ for name in named] == [False] * len(named)


def test_the_version_is_that_of_the_distribution() -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]

    assert asgi_testkit.__version__ == project["version"]
