"""The pytest plugin: fixtures, limits, the drop-in, failures cut to what helps and explained.

It is imported in every test run of everybody who has this package installed. So nothing here, nor
in the modules beside it, imports anything at its top but the standard library, pytest and
`asgi_testkit.settings`; `tests/plugin/test_import.py` checks.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from asgi_testkit.pytest_plugin.exchanges import ExchangeReports
from asgi_testkit.pytest_plugin.fixtures import add_fixtures
from asgi_testkit.pytest_plugin.frames import FrameCutter
from asgi_testkit.pytest_plugin.interrupts import InterruptNotes
from asgi_testkit.pytest_plugin.limits import read_limits
from asgi_testkit.pytest_plugin.options import add_options
from asgi_testkit.pytest_plugin.pages import PageIndex, Pages
from asgi_testkit.pytest_plugin.process import keep_stderr, restore_settings_after
from asgi_testkit.pytest_plugin.replacing import replace_clients
from asgi_testkit.pytest_plugin.threads import QuietThreads, native_threads
from asgi_testkit.pytest_plugin.violations import pytest_assertrepr_compare
from asgi_testkit.settings import SETTINGS

__all__ = (
    "pytest_addoption",
    "pytest_assertrepr_compare",
    "pytest_configure",
    "pytest_enter_pdb",
    "pytest_leave_pdb",
    "pytest_load_initial_conftests",
    "pytest_sessionfinish",
)

_STARTED_BY_CONFTESTS = pytest.StashKey[frozenset[int]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flags `--asgi-...` and the ini options `asgi_...`."""
    add_options(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Set the limits and replace clients before conftests run; see which threads they start."""
    restore_settings_after(early_config)
    read_limits(early_config, early_config.known_args_namespace)
    replace_clients(early_config)
    before = native_threads()
    yield
    early_config.stash[_STARTED_BY_CONFTESTS] = native_threads() - before


def pytest_configure(config: pytest.Config) -> None:
    """Tell the engine what holds for this run, until it is unconfigured."""
    restore_settings_after(config)
    read_limits(config, config.option)
    replace_clients(config)
    busy = config.stash.get(_STARTED_BY_CONFTESTS, frozenset[int]())
    config.pluginmanager.register(QuietThreads(config, busy=busy))
    keep_stderr(config)
    config.pluginmanager.register(FrameCutter(config))
    config.pluginmanager.register(InterruptNotes())
    add_fixtures(config)
    _report_exchanges(config)


def _report_exchanges(config: pytest.Config) -> None:
    pages = Pages(config)
    config.pluginmanager.register(ExchangeReports(pages))
    if pages.is_on and not hasattr(config, "workerinput"):
        config.pluginmanager.register(PageIndex(config, pages.problems))


def pytest_enter_pdb() -> None:
    """Stop limits from counting: a person reads."""
    SETTINGS.prompt.enter()


def pytest_leave_pdb() -> None:
    """Let limits count again."""
    SETTINGS.prompt.leave()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Let limits count where the debugger was quit: pytest tells of going on only."""
    if SETTINGS.prompt.is_open:
        SETTINGS.prompt.leave()
