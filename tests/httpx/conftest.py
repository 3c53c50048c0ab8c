# Generated from tests/conftest.py by scripts/write_httpx.py.
"""Fixtures and hooks of the whole suite."""

from __future__ import annotations

import inspect
import signal
from functools import partial

import pytest

from tests.httpx.modes import MODES, OpenClient, run_in_mode


def pytest_configure() -> None:
    """Hear Ctrl-C even where the shell has started the run in the background, deaf to it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(params=MODES)
def open_client(request: pytest.FixtureRequest) -> OpenClient:
    """Open a client of an app in each mode; see `tests.httpx.modes`."""
    return OpenClient(request.param)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an `async def` test that takes `open_client` as its mode says."""
    open_client = pyfuncitem.funcargs.get("open_client")
    if not isinstance(open_client, OpenClient) or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    run_in_mode(open_client.mode, partial(pyfuncitem.obj, **arguments))
    return True
