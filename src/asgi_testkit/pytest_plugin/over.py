"""Running the tests of the client fixtures over real servers: once for each that is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import pytest

from asgi_testkit.pytest_plugin.options import choices

__all__ = ("IN_PROCESS", "OVER_FIXTURE", "OverServers", "asgi_over", "chosen_servers")

IN_PROCESS: Final = "in-process"
OVER_FIXTURE: Final = "asgi_over"
_SERVERS: Final = ("uvicorn", "hypercorn", "granian", "daphne")
_MARKER: Final = "in_process_only"
_LEFT_OUT: Final = "asgi_not_run_over"


def chosen_servers(config: pytest.Config) -> tuple[str, ...]:
    """Return what `--asgi-over`, the environment or the ini option names, each once.

    Raises:
        pytest.UsageError: one is none.
    """
    return choices("over", config, (IN_PROCESS, *_SERVERS))


def asgi_over(request: pytest.FixtureRequest) -> str | None:
    """The real server that the clients of a test speak to their app over; `None`: none."""
    over: str | None = getattr(request, "param", None)
    return over


class OverServers:
    """Runs tests once for each server, and leaves those out that are marked `in_process_only`.

    Args:
        scope: that of the fixtures' clients.
    """

    def __init__(self, config: pytest.Config, scope: Any) -> None:
        self._config = config
        self._scope = scope
        self._servers = chosen_servers(config)
        self._left_out: Counter[tuple[str, str]] = Counter()
        config.addinivalue_line(
            "markers",
            f"{_MARKER}(reason, over=...): this test of a client fixture is not run over the"
            " servers that --asgi-over names, or not over these of them.",
        )

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test that uses a client fixture its servers."""
        if self._servers and OVER_FIXTURE in metafunc.fixturenames:
            metafunc.parametrize(OVER_FIXTURE, self._servers, indirect=True, scope=self._scope)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what is not for a server."""
        reasons = [(item, _reason_against(item)) for item in items]
        left_out = [item for item, reason in reasons if reason]
        for item, reason in reasons:
            if reason:
                self._left_out[_server_of(item), reason] += 1
        if left_out:
            items[:] = [item for item, reason in reasons if not reason]
            config.hook.pytest_deselected(items=left_out)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell xdist's main process what this one has left out."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_LEFT_OUT] = [(*key, count) for key, count in self._left_out.items()]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # xdist's, without types
        """Take what a process of xdist has left out: the first one's, since each collects all."""
        output: dict[str, Any] = getattr(node, "workeroutput", {})
        told: Iterable[tuple[str, str, int]] = output.get(_LEFT_OUT, ())
        if not self._left_out:
            self._left_out.update({(over, reason): count for over, reason, count in told})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left out, and why."""
        if not self._left_out:
            return
        terminalreporter.section("not run over a server")
        for (over, reason), count in sorted(self._left_out.items()):
            tests = "1 test" if count == 1 else f"{count} tests"
            terminalreporter.line(f"{over}: {tests}: {reason}")


def _server_of(item: pytest.Item) -> str:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return IN_PROCESS
    return str(item.callspec.params.get(OVER_FIXTURE, IN_PROCESS))


def _servers_of(mark: pytest.Mark, item: pytest.Item) -> tuple[str, ...]:
    """Return the servers that a marker means.

    Raises:
        pytest.UsageError: one is none.
    """
    only: str | Iterable[str] = mark.kwargs.get("over", _SERVERS)
    names = (only,) if isinstance(only, str) else tuple(only)
    for name in names:
        if name not in _SERVERS:
            known = ", ".join(_SERVERS)
            raise pytest.UsageError(
                f"{item.nodeid}: {_MARKER}(over=...) names {name!r}; it may be: {known}."
            )
    return names


def _reason_against(item: pytest.Item) -> str:
    """Return why a test is not run over its server; empty: it is.

    Raises:
        pytest.UsageError: a marker names a server that there is not.
    """
    server = _server_of(item)
    if server == IN_PROCESS:
        return ""
    for mark in item.iter_markers(_MARKER):
        if server in _servers_of(mark, item):
            given: str = mark.kwargs.get("reason", mark.args[0] if mark.args else "")
            return given or f"marked {_MARKER}"
    return ""
