"""A pipe that ends with the test's process, and a server's process with it.

The test's process holds one end and never writes. However it ends, also by SIGKILL, the system
closes that end. On Linux the system then kills the server's whole process group by itself, whatever
code runs in it; elsewhere a thread of the server does.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from typing import Final
from weakref import WeakSet

from asgi_testkit.servers.groups import end_own_group, own_group

__all__ = ("Lifeline", "end_with", "end_with_by_thread")


class Lifeline:
    """The end of the test's process.

    Attributes:
        other_end: the descriptor for the server's process; closed here by `hand_over()`.
    """

    def __init__(self) -> None:
        self.other_end, self._end = os.pipe()
        self._is_open = True
        _LIFELINES.add(self)

    def hand_over(self) -> None:
        """Close the other end here: the server has it."""
        os.close(self.other_end)

    def cut(self) -> None:
        """End what hangs on it."""
        if self._is_open:
            self._is_open = False
            os.close(self._end)


_LIFELINES: Final[WeakSet[Lifeline]] = WeakSet()


def _cut_all() -> None:
    for lifeline in list(_LIFELINES):
        lifeline.cut()


if hasattr(os, "register_at_fork"):
    # A fork that outlives the test's process would keep its end open.
    os.register_at_fork(after_in_child=_cut_all)


def end_with(fd: int) -> None:
    """Let this process group end, by SIGKILL, when the other end of the pipe is closed.

    Raises:
        ValueError: this process leads no group.
    """
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 - not on every system

        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(fd, fcntl.F_SETOWN, -own_group())
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([fd], [], [], 0)[0]:  # closed before
            end_own_group()
    else:
        end_with_by_thread(fd)


def end_with_by_thread(fd: int) -> None:
    """Do the same where the system cannot; in vain while code holds the interpreter for ever."""
    own_group()
    threading.Thread(target=_wait_and_end, args=(fd,), daemon=True).start()


def _wait_and_end(fd: int) -> None:
    os.read(fd, 1)
    end_own_group()
