"""The drop-in under pytest: our clients in the names of others, for one run."""

from __future__ import annotations

from importlib import import_module

import pytest

from asgi_testkit.settings import SETTINGS

__all__ = ("replace_clients",)

_IS_DONE = pytest.StashKey[bool]()


def replace_clients(config: pytest.Config) -> None:
    """Replace what the settings name, until the run is over; the second call does nothing.

    Raises:
        pytest.UsageError: a library, or what replaces it, cannot be imported.
    """
    libraries = SETTINGS.replaced_libraries
    if not libraries or config.stash.get(_IS_DONE, False):
        return
    config.stash[_IS_DONE] = True
    # Here, since most runs replace nothing, and nothing of ours is imported at the plugin's top.
    usage_error = import_module("asgi_testkit.errors").UsageError
    replace_testclient = import_module("asgi_testkit.replacing.names").replace_testclient
    try:
        config.add_cleanup(replace_testclient(*libraries).undo)
    except usage_error as error:
        raise pytest.UsageError(str(error)) from None
