"""Runs Hypercorn; the only import of it. Options are the attributes of its `Config`."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, cast

import hypercorn.asyncio as hypercorn_asyncio
from hypercorn.config import Config, Sockets

from asgi_testkit.errors import UsageError, UsageTypeError
from asgi_testkit.servers.log import LogLines, ServerLog
from asgi_testkit.servers.order import Order

__all__ = ("HypercornThread", "in_thread", "run_here")

_serve: Any = cast("Any", hypercorn_asyncio).serve  # its types are those of WSGI apps, too


def run_here(order: Order, fd: int | None) -> None:
    """Serve until a SIGTERM."""
    config = _config(order, socket.socket(fileno=fd), accesslog="-")
    with asyncio.Runner(loop_factory=_loop_factory(config)) as runner:
        runner.run(_serve(order.load_app(), config, mode="asgi"))


def in_thread(order: Order, bound: socket.socket | None, log: ServerLog) -> HypercornThread:
    """Return the server for a thread."""
    assert bound is not None
    return HypercornThread(order, bound, log)


class HypercornThread:
    """Hypercorn in a thread, with loggers of its own."""

    def __init__(self, order: Order, bound: socket.socket, log: ServerLog) -> None:
        logger = logging.Logger("hypercorn", logging.INFO)
        logger.addHandler(LogLines(log))
        self._order = order
        self._config = _config(order, bound, accesslog=logger, errorlog=logger)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_stopped = False
        self._stopped = asyncio.Event()

    def run(self) -> None:
        """Serve, until it is stopped."""
        with asyncio.Runner(loop_factory=_loop_factory(self._config)) as runner:
            self._loop = runner.get_loop()
            runner.run(self._serve())

    async def _serve(self) -> None:
        app = self._order.load_app()
        if self._is_stopped:
            return
        await _serve(app, self._config, shutdown_trigger=self._stopped.wait, mode="asgi")

    def stop(self) -> None:
        """Set what it waits for."""
        self._is_stopped = True
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._stopped.set)


class _BoundConfig(Config):
    """A configuration whose server listens on a socket that is bound already."""

    bound: socket.socket

    def create_sockets(self) -> Sockets:
        if self.ssl_enabled:
            return Sockets([self.bound], [], [])
        return Sockets([], [self.bound], [])


def _config(order: Order, bound: socket.socket, **defaults: Any) -> Config:
    unknown = [name for name in order.options if not hasattr(Config, name)]
    if unknown:
        raise UsageTypeError(f"Hypercorn's Config has no attribute {unknown[0]!r}.")
    given = {"graceful_timeout": order.grace, **defaults, **order.options}
    return _BoundConfig.from_mapping(given, bound=bound)


def _loop_factory(config: Config) -> Callable[[], asyncio.AbstractEventLoop] | None:
    if config.worker_class == "asyncio":
        return None
    if config.worker_class == "uvloop":
        factory: Any = import_module("uvloop").new_event_loop
        return factory  # type: ignore[no-any-return]
    raise UsageError(
        f"worker_class is {config.worker_class!r}; here it may be: 'asyncio', 'uvloop'."
    )
