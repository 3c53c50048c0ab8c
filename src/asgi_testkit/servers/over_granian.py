"""Runs Granian; the only import of it. Options are the parameters of `granian.Granian`.

It takes no socket. It binds, with `SO_REUSEPORT`, the port that the test's process holds.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from granian import Granian
from granian.constants import Interfaces
from granian.server import embed

from asgi_testkit.servers.log import LogLines, ServerLog
from asgi_testkit.servers.order import Order

__all__ = ("GranianThread", "in_thread", "run_here")

_LOGGERS: Final = ("_granian", "granian.access")
# Incremental: else the logging module closes all handlers of this process, such as a log file's.
_QUIET: Final[dict[str, object]] = {"incremental": True, "handlers": {}, "loggers": {}}


def run_here(order: Order, fd: int | None) -> None:
    """Serve until a SIGTERM: a main process and a worker, as in production."""
    assert fd is None
    server: Any = Granian(**_parameters(order))
    server.serve(target_loader=order.load_app, wrap_loader=False)


def in_thread(order: Order, bound: socket.socket | None, log: ServerLog) -> GranianThread:
    """Return the server for a thread."""
    assert bound is None
    return GranianThread(order, log)


class GranianThread:
    """Granian's embedded server in a thread."""

    def __init__(self, order: Order, log: ServerLog) -> None:
        self._order = order
        self._log = log
        self._is_stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: Any = None

    def run(self) -> None:
        """Serve, until it is stopped."""
        lines = LogLines(self._log)
        with lines.hear(*_LOGGERS), asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._serve(lines))

    async def _serve(self, lines: LogLines) -> None:
        parameters: dict[str, Any] = _parameters(self._order) | {"target": self._order.load_app()}
        parameters.setdefault("log_dictconfig", _QUIET)
        self._server = embed.Server(**parameters)
        for name in _LOGGERS:  # a configuration of the test's own has taken it away
            logging.getLogger(name).addHandler(lines)
        if not self._is_stopped:
            await self._server.serve()

    def stop(self) -> None:
        """Let its main loop end."""
        self._is_stopped = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if self._server is not None:
            self._server.stop()


def _parameters(order: Order) -> dict[str, Any]:
    where: dict[str, Any]
    if isinstance(order.address, str):
        where = {"uds": Path(order.address)}
    else:
        where = dict(zip(("address", "port"), order.address, strict=True))
    given = {"target": str(order.app), "interface": Interfaces.ASGI, "log_access": True, **where}
    return {**given, **order.options}
