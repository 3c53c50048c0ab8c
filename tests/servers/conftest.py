"""What servers in threads leave behind: a module's tests are over when it is gone.

A server written in another language has threads that Python does not know. Where the app has
raised, the traceback keeps Granian's until it is collected; until then no stall can be proved in
this process, which other tests need.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator
from typing import Final

import pytest

from asgi_testkit.pytest_plugin.threads import native_threads

__all__ = ("no_thread_stays",)

_LINGERS_SECONDS: Final = 10.0
_LOOKS_EVERY_SECONDS: Final = 0.05


@pytest.fixture(scope="module", autouse=True)
def no_thread_stays() -> Iterator[None]:
    """Wait, after the last test of a module, for the end of threads that Python does not know."""
    before = _foreign_threads()
    yield
    deadline = time.monotonic() + _LINGERS_SECONDS
    gc.collect()
    while left := _foreign_threads() - before:
        assert time.monotonic() < deadline, f"{len(left)} threads of a server go on"
        threading.Event().wait(_LOOKS_EVERY_SECONDS)


def _foreign_threads() -> frozenset[int]:
    """Return the system's ids of this process's threads that Python does not know."""
    return native_threads() - {thread.native_id for thread in threading.enumerate()}
