"""A server in a thread of the test's own process: any app object, no process to end."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import cast

from asgi_testkit.servers.listener import Listener
from asgi_testkit.servers.log import ServerLog
from asgi_testkit.servers.order import Adapter, Order

__all__ = ("ThreadRun",)


class ThreadRun:
    """One run of a server, from its start on.

    Attributes:
        ended: set when the server has returned.
        log: what it has logged.
        failure: what it has raised.
        pid: always `None`.
        is_failed: always `False`: what it raises at its end, an app in a thread has told itself.
    """

    pid = None
    is_failed = False

    def __init__(self, order: Order, listener: Listener, log: ServerLog) -> None:
        self.ended = threading.Event()
        self.log = log
        self.failure: BaseException | None = None
        adapter = cast("Adapter", import_module(order.adapter))
        self._listener = listener
        self._server = adapter.in_thread(order, listener.bound, log)
        self._thread = threading.Thread(target=self._run, name="asgi-testkit server", daemon=True)
        self._thread.start()

    @property
    def ending(self) -> str:
        """How it has ended, in words."""
        if self.failure is None:
            return "ended"
        return f"raised {type(self.failure).__name__}: {self.failure}"

    def stop(self, seconds: float | None) -> bool:
        """Let it end; return whether it did within `seconds`."""
        if self._thread.is_alive():
            self._server.stop()
        return self.ended.wait(seconds)

    def kill(self) -> None:
        """Let it end: a thread cannot be made to."""
        self.stop(0)

    def _run(self) -> None:
        try:
            self._server.run()
        except BaseException as error:  # noqa: BLE001 - also the SystemExit of a failed startup
            self.failure = error
        finally:
            self._listener.release()
            self.ended.set()
