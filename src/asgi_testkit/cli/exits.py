"""Exit codes: what the command line tells shells and scripts."""

from __future__ import annotations

from enum import IntEnum

__all__ = ("Exit", "exit_of_status")


class Exit(IntEnum):
    """How a command has ended; those of HTTPie where it has one, of `timeout` for a stall."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REDIRECTED = 3
    CLIENT_ERROR = 4
    SERVER_ERROR = 5
    TOO_MANY_REDIRECTS = 6
    STALLED = 124
    INTERRUPTED = 130
    NOBODY_READS = 141


_OF_STATUSES = {3: Exit.REDIRECTED, 4: Exit.CLIENT_ERROR, 5: Exit.SERVER_ERROR}


def exit_of_status(status: int) -> Exit:
    """Return what `--check-status` makes of a status."""
    return _OF_STATUSES.get(status // 100, Exit.OK)
