"""The marker `@pytest.mark.asgi(...)`: options for the fixtures' clients, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, Final

import pytest

__all__ = (
    "BLOCKING_ONLY",
    "CLIENT_OPTIONS",
    "MARKER",
    "MarkerCheck",
    "add_marker",
    "marked_options",
)

MARKER: Final = "asgi"

_OWN: Final = ("app", "lifespan")
BLOCKING_ONLY: Final = ("backend", "backend_options", "driver")
"""What an async client does not take: it runs the app in the test's own loop."""

# As the clients' parameters are; a test compares them. Nothing of ours is imported here.
CLIENT_OPTIONS: Final = (
    *("base_url", "raise_server_exceptions", "root_path", *BLOCKING_ONLY),
    *("cookies", "headers", "follow_redirects", "client", "timeout", "state", "over", "auth"),
    "params",
    *("event_hooks", "default_encoding", "max_redirects"),
    *("strict", "ignore_rules", "background", "grace", "server", "http_version"),
    "scope_extensions",
)
_FIXTURES: Final = frozenset({"asgi_client", "async_asgi_client"})
_LIVES_WITH: Final[Mapping[str, type[pytest.Collector]]] = {
    "session": pytest.Session,
    "package": pytest.Package,
    "module": pytest.Module,
    "class": pytest.Class,
}


def add_marker(config: pytest.Config) -> None:
    """Register the marker, so that `--strict-markers` knows it."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(app=..., lifespan=..., **options): the app, and options of the clients, of the"
        " fixtures asgi_client and async_asgi_client.",
    )


def marked_options(node: pytest.Item | pytest.Collector) -> dict[str, Any]:
    """Return what the markers of a node and of what is around it say; the innermost counts."""
    options: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers(MARKER))):
        options.update(mark.kwargs)
    return options


class MarkerCheck:
    """Fails tests whose marker says what cannot be, before their fixtures are made.

    Args:
        scope: that of the fixtures' clients.
    """

    def __init__(self, scope: str) -> None:
        self._scope = scope

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Check the markers of one test."""
        for node, mark in item.iter_markers_with_node(MARKER):
            problem = _problem_of(mark) or self._too_late(item, node)
            if problem:
                pytest.fail(problem, pytrace=False)

    def _too_late(self, item: pytest.Item, node: object) -> str:
        """Return what is wrong with a marker inside of what the client lives for."""
        names: Iterable[str] = getattr(item, "fixturenames", ())
        owner = item.getparent(_LIVES_WITH.get(self._scope, pytest.Item))
        if owner is None and self._scope == "class":  # of a function, the module's
            owner = item.getparent(pytest.Module)
        if _FIXTURES.isdisjoint(names) or owner is None or node in owner.listchain():
            return ""
        return (
            f"This test has a marker '{MARKER}' of its own, but asgi_client_scope is"
            f" {self._scope!r}: its client was made before, for other tests, too.\n"
            "Mark what the client lives for, make a client in the test, or take the scope"
            " 'function'."
        )


def _problem_of(mark: pytest.Mark) -> str:
    if mark.args:
        return f"The marker '{MARKER}' takes named options only; it was given {mark.args!r:.80}."
    known = (*_OWN, *CLIENT_OPTIONS)
    for name in mark.kwargs:
        if name not in known:
            near = import_module("difflib").get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            return (
                f"The marker '{MARKER}' has no option {name!r}.{hint}\n"
                f"Known are: {', '.join(known)}."
            )
    return ""
