"""Where servers run: each in a process, those that can in a thread, too."""

from __future__ import annotations

import os
import select
import signal

import pytest

__all__ = ("APPS", "PROCESSES", "THREADS", "each_place", "each_process", "kill", "wait_for_end")

APPS = "tests.servers.apps"
PROCESSES = ("uvicorn", "hypercorn", "granian", "daphne")
THREADS = ("uvicorn", "hypercorn", "granian")

each_process = pytest.mark.parametrize("over", PROCESSES)
each_place = pytest.mark.parametrize(
    ("over", "where"),
    [*((over, "process") for over in PROCESSES), *((over, "thread") for over in THREADS)],
)

_SECONDS = 60.0  # far above what it takes; a process that stays fails instead of being waited for


def kill(pid: int) -> None:
    """End a process, and never more than one, whatever number a test has been told."""
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
    finally:
        os.close(process)


def wait_for_end(pid: int) -> bool:
    """Return whether the process with this id has ended, or ends soon."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], _SECONDS)[0])
    finally:
        os.close(process)
