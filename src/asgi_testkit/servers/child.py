"""The process of a server: reads what it is told from stdin, and serves until a SIGTERM."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Final, cast

from asgi_testkit.servers.lifeline import end_with
from asgi_testkit.servers.order import Adapter, Order

__all__ = ("COMMAND", "main")

COMMAND: Final = (
    "import sys; sys.path[:] = {path!r};"
    f" from {__name__} import main;"
    " main({lifeline}, {listener})"
)
"""The program of the process, to be formatted: imports find what they find in the test."""


def main(lifeline: int, listener: int | None) -> None:
    """Serve; the descriptors are those of the pipe and of the bound socket."""
    end_with(lifeline)
    order = Order.unpacked(sys.stdin.buffer)
    _close_stdin()
    # Servers end gracefully and then raise the signal again: what is left to do at exit is done.
    signal.signal(signal.SIGTERM, _exit)
    cast("Adapter", import_module(order.adapter)).run_here(order, listener)


def _close_stdin() -> None:
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - not a path of ours
        os.dup2(nothing.fileno(), 0)


def _exit(*_: object) -> None:
    sys.exit(0)
