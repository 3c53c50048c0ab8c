"""The fixture of a real server, for browsers and any client that is not ours."""

from __future__ import annotations

from collections.abc import Generator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

from asgi_testkit.pytest_plugin.apps import MissingApp
from asgi_testkit.pytest_plugin.over import IN_PROCESS, chosen_servers

if TYPE_CHECKING:
    from asgi_testkit.httpx2.serving import LiveServer

__all__ = ("live_asgi_app", "live_asgi_server")

_DEFAULT: Final = "uvicorn"


def live_asgi_app(asgi_app: object) -> object:
    """What live_asgi_server serves: asgi_app, in a thread of the tests' process.

    Override it in a conftest.py to return a name, such as "shop.main:app": named, it is served by a
    process of its own.
    """
    return asgi_app


def live_asgi_server(
    pytestconfig: pytest.Config,
    live_asgi_app: Any,  # any framework's app, or its name
) -> Generator[LiveServer]:
    """A real server on loopback that runs live_asgi_app; see `asgi_testkit.serve`."""
    if isinstance(live_asgi_app, MissingApp):
        pytest.fail(live_asgi_app.text, pytrace=False)
    named = [name for name in chosen_servers(pytestconfig) if name != IN_PROCESS]
    over = named[0] if named else _DEFAULT
    server: LiveServer
    with import_module("asgi_testkit").serve(live_asgi_app, over) as server:
        yield server
