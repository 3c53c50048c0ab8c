"""The threads that pytest and its plugins have started, which the engine need not watch.

A stall is proved by all threads being asleep; these call no app, whatever they do. Known on Linux
only, by the system's ids: pytest's own timer is no thread of Python's.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from asgi_testkit.settings import SETTINGS

__all__ = ("QuietThreads", "native_threads")


def native_threads() -> frozenset[int]:
    """Return the system's ids of this process's threads; where it does not tell, none."""
    try:
        return frozenset(int(task.name) for task in Path("/proc/self/task").iterdir())
    except OSError:
        return frozenset()


class QuietThreads:
    """Keeps the engine's set of quiet threads for one run of pytest.

    Made when pytest is configured: whoever runs then, but for this thread and `busy`, is quiet. A
    run inside a test begins with that test's threads, so the outer run's set stays.

    Args:
        busy: threads that may call apps: those that conftest files have started.
    """

    def __init__(self, config: pytest.Config, *, busy: frozenset[int]) -> None:
        self._timer_runs = _faulthandler_timeout(config) > 0
        self._before: frozenset[int] = frozenset()
        if SETTINGS.stderr_fd == 2:  # no run around this one has replaced it
            SETTINGS.quiet_threads = native_threads() - busy - {threading.get_native_id()}
        self._lasting = SETTINGS.quiet_threads

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """See which threads there are before pytest's faulthandler starts one for the test."""
        self._before = native_threads() if self._timer_runs else frozenset()
        try:
            return (yield)
        finally:
            self._forget_timer()

    @pytest.hookimpl(tryfirst=True, specname="pytest_runtest_protocol")
    def pytest_runtest_protocol_begun(self) -> None:
        """Add the thread that is new since; all wrappers have begun, and no code of the test."""
        if self._timer_runs:
            of_python = {thread.native_id for thread in threading.enumerate()}
            SETTINGS.quiet_threads = self._lasting | (native_threads() - self._before - of_python)

    @pytest.hookimpl(trylast=True)
    def pytest_exception_interact(self) -> None:
        """Forget the timer, which pytest has just ended: its id may be used again."""
        self._forget_timer()

    @pytest.hookimpl(trylast=True)
    def pytest_enter_pdb(self) -> None:
        """Likewise."""
        self._forget_timer()

    def _forget_timer(self) -> None:
        SETTINGS.quiet_threads = self._lasting


def _faulthandler_timeout(config: pytest.Config) -> float:
    if not config.pluginmanager.has_plugin("faulthandler"):
        return 0.0
    return float(config.getini("faulthandler_timeout") or 0.0)
