"""Runs Daphne; the only import of it. Options are the parameters of `daphne.server.Server`.

Its reactor can be started once in a process, and in the main thread: so it runs in no other.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import Any

from asgi_testkit.servers.order import Order

__all__ = ("run_here",)


def run_here(order: Order, fd: int | None) -> None:
    """Serve until a SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)-15s %(levelname)-8s %(message)s")
    server: Any = import_module("daphne.server")  # without types
    access: Any = import_module("daphne.access")
    given = {"action_logger": access.AccessLogGenerator(sys.stdout), **order.options}
    server.Server(order.load_app(), endpoints=[_endpoint(order, fd)], **given).run()


def _endpoint(order: Order, fd: int | None) -> str:
    """Return Twisted's description of where to listen; of descriptors it takes those of ports."""
    if isinstance(order.address, str):
        path = order.address.replace("\\", r"\\").replace(":", r"\:")
        return f"unix:{path}:lockfile=0"
    return f"fd:fileno={fd}"
