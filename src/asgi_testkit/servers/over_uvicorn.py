"""Runs uvicorn; the only import of it. Options are those of `uvicorn.Config`."""

from __future__ import annotations

import logging
import math
import socket
from typing import Any

import uvicorn

from asgi_testkit.servers.log import LogLines, ServerLog
from asgi_testkit.servers.order import Order

__all__ = ("UvicornThread", "in_thread", "run_here")


def run_here(order: Order, fd: int | None) -> None:
    """Serve until a SIGTERM."""
    server = uvicorn.Server(_config(order))
    server.run(sockets=[socket.socket(fileno=fd)])


def in_thread(order: Order, bound: socket.socket | None, log: ServerLog) -> UvicornThread:
    """Return the server for a thread."""
    assert bound is not None
    return UvicornThread(order, bound, log)


class UvicornThread:
    """uvicorn in a thread; what it logs is caught, how logging is set up stays."""

    def __init__(self, order: Order, bound: socket.socket, log: ServerLog) -> None:
        self._server = uvicorn.Server(_config(order, log_config=None))
        self._bound = bound
        self._log = log

    def run(self) -> None:
        """Serve, until it is stopped."""
        with LogLines(self._log).hear(*_cut_off(), "uvicorn"):
            self._server.run(sockets=[self._bound])

    def stop(self) -> None:
        """Let it end with its next tick."""
        self._server.should_exit = True


def _cut_off() -> list[str]:
    """Return which loggers tell theirs nothing, as uvicorn's own set-up of logging has it."""
    names = ("uvicorn.access", "uvicorn.error")
    return [name for name in names if not logging.getLogger(name).propagate]


def _config(order: Order, **defaults: Any) -> uvicorn.Config:
    # As a factory the app is imported where uvicorn imports it: with its loop running.
    given: dict[str, Any] = {
        "timeout_graceful_shutdown": math.ceil(order.grace),
        **defaults,
        **order.options,
    }
    return uvicorn.Config(order.load_app, factory=True, **given)
