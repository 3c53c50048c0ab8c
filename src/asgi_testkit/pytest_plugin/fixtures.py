"""The fixtures: the app, a blocking and an async client of it, and their short names.

They are made when pytest is configured: their scope is an option, and who runs async fixtures is
known only then.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from asgi_testkit.pytest_plugin.apps import MissingApp, is_app_configured, load_app
from asgi_testkit.pytest_plugin.marker import BLOCKING_ONLY, MarkerCheck, add_marker, marked_options
from asgi_testkit.pytest_plugin.options import choice
from asgi_testkit.pytest_plugin.over import OverServers, asgi_over
from asgi_testkit.pytest_plugin.servers import live_asgi_app, live_asgi_server

if TYPE_CHECKING:
    from asgi_testkit.httpx2.clients import AsyncTestClient, TestClient

__all__ = (
    "DirectUse",
    "add_fixtures",
    "asgi_app",
    "asgi_client",
    "async_asgi_client",
    "async_client",
    "client",
)

_SCOPES: Final = ("function", "class", "module", "package", "session")
# Plugins whose tests mean another client by the short names.
_OTHER_CLIENTS: Final = ("django", "flask")


def add_fixtures(config: pytest.Config) -> None:
    """Register the fixtures and the marker for this run.

    Raises:
        pytest.UsageError: the scope is none.
    """
    scope = choice("client-scope", config, _SCOPES)
    add_marker(config)
    config.pluginmanager.register(MarkerCheck(scope))
    config.pluginmanager.register(_fixtures(config, scope))
    config.pluginmanager.register(OverServers(config, scope))
    config.pluginmanager.register(DirectUse())


def _fixtures(config: pytest.Config, scope: Any) -> ModuleType:  # one of _SCOPES
    """Return a namespace of fixtures, which pytest takes from modules as it does from plugins."""
    make = pytest.fixture(scope=scope)
    fixtures = {
        "asgi_app": pytest.fixture(scope="session")(asgi_app),
        "asgi_over": make(asgi_over),
        "_asgi_plan": make(_asgi_plan),
        "asgi_client": make(asgi_client),
        "async_asgi_client": _async_fixture(config)(scope=scope)(async_asgi_client),
        "live_asgi_app": make(live_asgi_app),
        "live_asgi_server": make(live_asgi_server),
    }
    others = [name for name in _OTHER_CLIENTS if config.pluginmanager.has_plugin(name)]
    if is_app_configured(config) and not others:
        fixtures |= {"client": make(client), "async_client": make(async_client)}
    module = ModuleType("asgi_testkit_fixtures")
    vars(module).update(fixtures)
    return module


def _async_fixture(config: pytest.Config) -> Callable[..., Any]:  # either library's decorator
    """Return what makes a fixture of an async generator; anyio takes pytest's own."""
    if config.pluginmanager.has_plugin("asyncio"):
        decorator: Callable[..., Any] = import_module("pytest_asyncio").fixture
        return decorator
    return pytest.fixture


class _Plan(NamedTuple):
    """What a client of a fixture is made of."""

    app: object
    options: Mapping[str, Any]
    is_entered: bool

    def without(self, *names: str) -> Mapping[str, Any]:
        return {name: value for name, value in self.options.items() if name not in names}


def asgi_app(pytestconfig: pytest.Config) -> Any:  # any framework's app
    """The app under test: what --asgi-app, ASGI_TESTKIT_APP or the ini option asgi_app names.

    Override it in a conftest.py to make the app yourself, in any scope.
    """
    return load_app(pytestconfig)


def _asgi_plan(
    request: pytest.FixtureRequest,
    asgi_app: object,
    asgi_over: str | None,
) -> _Plan:
    over = {} if asgi_over is None else {"over": asgi_over}
    options: dict[str, Any] = {**over, **marked_options(request.node)}
    app = options.pop("app", asgi_app)
    if isinstance(app, MissingApp):
        pytest.fail(app.text, pytrace=False)
    return _Plan(app, options, is_entered=options.pop("lifespan", True))


def asgi_client(_asgi_plan: _Plan) -> Generator[TestClient]:
    """A blocking client of asgi_app, entered: the app's lifespan runs."""
    test_client = import_module("asgi_testkit").TestClient
    client: TestClient = test_client(_asgi_plan.app, **_asgi_plan.options)
    try:
        if _asgi_plan.is_entered:
            with client:
                yield client
        else:
            yield client
    finally:
        client.close()


async def async_asgi_client(_asgi_plan: _Plan) -> AsyncGenerator[AsyncTestClient]:
    """An async client of asgi_app, entered in the test's own event loop."""
    test_client = import_module("asgi_testkit").AsyncTestClient
    client: AsyncTestClient = test_client(_asgi_plan.app, **_asgi_plan.without(*BLOCKING_ONLY))
    try:
        if _asgi_plan.is_entered:
            async with client:
                yield client
        else:
            yield client
    finally:
        await client.aclose()


def client(asgi_client: TestClient) -> TestClient:
    """The same as asgi_client."""
    return asgi_client


def async_client(async_asgi_client: AsyncTestClient) -> AsyncTestClient:
    """The same as async_asgi_client."""
    return async_asgi_client


class DirectUse:
    """Fails tests that take the fixture asgi_app themselves where there is no app."""

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Look at what the fixtures of a test have given."""
        if not isinstance(item, pytest.Function) or "asgi_app" not in item.funcargs:
            return
        app: object = item.funcargs["asgi_app"]
        if isinstance(app, MissingApp) and "asgi_app" in _arguments(item.obj):
            pytest.fail(app.text, pytrace=False)


def _arguments(function: Callable[..., object]) -> Iterable[str]:
    return inspect.signature(function).parameters
