"""What a run of pytest changes in the process, and how it is undone at its end.

Runs can be nested: a test may run pytest in its own process.
"""

from __future__ import annotations

import os
import sys
from dataclasses import fields, replace

import pytest

from asgi_testkit.settings import SETTINGS

__all__ = ("keep_stderr", "restore_settings_after")

_IS_KEPT = pytest.StashKey[bool]()


def restore_settings_after(config: pytest.Config) -> None:
    """Have the settings restored when this run of pytest is over; the second call does nothing."""
    if config.stash.get(_IS_KEPT, False):
        return
    config.stash[_IS_KEPT] = True
    before = replace(SETTINGS)

    def restore() -> None:
        for each in fields(before):
            setattr(SETTINGS, each.name, getattr(before, each.name))

    config.add_cleanup(restore)


def keep_stderr(config: pytest.Config) -> None:
    """Give the engine a descriptor of stderr as it is before pytest captures it."""
    real = _stderr_fd()
    if real is None:
        return
    previous, copy = SETTINGS.stderr_fd, os.dup(real)

    def close() -> None:
        SETTINGS.stderr_fd = previous
        os.close(copy)

    SETTINGS.stderr_fd = copy
    config.add_cleanup(close)


def _stderr_fd() -> int | None:
    """Return stderr's; workers of pytest-xdist have no file as `sys.stderr`."""
    for stream in (sys.stderr, sys.__stderr__):
        try:
            if stream is not None and (fd := stream.fileno()) >= 0:
                return fd
        except (AttributeError, OSError, ValueError):  # no file, or a closed one
            continue
    return None
