"""The process group of a server: the only place that signals a group, or a process of one.

Signals to the ids 0, 1 and -1 reach far more than a server. So no id is taken as it comes: a group
is signalled only if a child of ours leads it, which is asked for once, while the child is ours to
reap and its id nobody else's.
"""

from __future__ import annotations

import os
import signal

__all__ = ("LedGroup", "end_own_group", "own_group")


class LedGroup:
    """The group that a child of this process leads.

    Args:
        leader: the id of a child that was started in a session of its own, and is not reaped.

    Raises:
        ValueError: it leads none: a signal to its group would reach others.
    """

    def __init__(self, leader: int) -> None:
        if not _leads(leader) or leader == os.getpgrp():
            raise ValueError(f"The process {leader} leads no group of its own.")
        self._leader = leader
        self._owner = os.getpid()

    def ask_leader_to_end(self) -> None:
        """Send a SIGTERM to the leader, which must not be reaped yet."""
        if os.getpid() == self._owner:
            os.kill(self._leader, signal.SIGTERM)

    def kill(self) -> None:
        """End all members at once; the leader must not be reaped yet."""
        if os.getpid() == self._owner:
            os.killpg(self._leader, signal.SIGKILL)


def own_group() -> int:
    """Return the group that this process leads.

    Raises:
        ValueError: it leads none: whoever started it is in its group, too.
    """
    own = os.getpid()
    if not _leads(own):
        raise ValueError("This process leads no group: others would end with it.")
    return own


def end_own_group() -> None:
    """End this process and all members of the group that it leads, at once.

    Raises:
        ValueError: it leads none.
    """
    os.killpg(own_group(), signal.SIGKILL)


def _leads(pid: int) -> bool:
    return pid > 1 and os.getpgid(pid) == pid
