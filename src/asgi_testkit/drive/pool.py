"""The pool of blocking drivers: which are leased, which are shared, which wait for a client.

The one place with state of the whole process, since threads and loops are the process's: an
entered client leases a driver of its own; all never-entered clients with the same options share
one. Idle threads end before a fork, and a child begins with an empty pool.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, TypeAlias

from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.inline_driver import InlineDriver
from asgi_testkit.drive.leftovers import Settled
from asgi_testkit.drive.parked import ParkedLoop
from asgi_testkit.drive.thread_driver import AsyncioLoopThread, LoopThread, ThreadDriver
from asgi_testkit.drive.watchdog import WATCHDOG
from asgi_testkit.errors import UsageError, UsageValueError

__all__ = ("POOL", "BlockingDriver", "DriverKind", "DriverSpec")

DriverKind: TypeAlias = Literal["thread", "inline"]


class BlockingDriver(Driver, Protocol):
    """A driver for blocking callers, as the pool keeps it.

    Attributes:
        is_orphan: this process was forked while a client had the driver; the pool says so.
    """

    is_orphan: bool

    @property
    def is_here(self) -> bool:
        """Whether the caller is inside this driver's loop."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost by ending it."""
        ...

    def watch_app(self) -> None:
        """Begin to note what the app starts, for a client that is being entered."""
        ...

    def clear(self, *, grace: float = 0, errands: Errands | None = None) -> Settled:
        """End what an app left behind, after `grace` seconds by cancelling it."""
        ...

    def close(self) -> None:
        """End the loop, and its thread."""
        ...


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """What has to be equal for two clients to share a loop.

    Attributes:
        kind: `"thread"` or `"inline"`.
        backend: `"asyncio"`, `"trio"` or `"asgiref"`.
        options: sorted items of `backend_options`.
    """

    kind: DriverKind = "thread"
    backend: str = "asyncio"
    options: tuple[tuple[str, Any], ...] = ()  # values as anyio and trio take them

    def make(self) -> BlockingDriver:
        """Return a new driver.

        Raises:
            UsageError: the runtime is not installed, or an option is not known.
        """
        options = dict(self.options)
        if self.backend == "trio":
            return ThreadDriver(self._trio_thread(options))
        factory, debug = _loop_factory(options), options.get("debug")
        if self.kind == "inline":
            return InlineDriver(factory, debug=debug)
        return ThreadDriver(AsyncioLoopThread(factory, debug=debug))

    def check_installed(self) -> None:
        """Raise `UsageError` where the runtime is missing, without making anything."""
        if self.backend == "trio":
            self._trio_thread_class()
        else:
            _loop_factory(dict(self.options))

    def _trio_thread(self, options: Mapping[str, Any]) -> LoopThread:
        return self._trio_thread_class()(options)

    def _trio_thread_class(self) -> Callable[[Mapping[str, Any]], LoopThread]:
        if self.kind == "inline":
            raise UsageValueError(
                "driver='inline' runs on asyncio only.\n"
                "Use driver='thread' with backend='trio', or an AsyncTestClient inside trio."
            )
        try:
            from asgi_testkit.drive.trio_runtime import TrioLoopThread  # noqa: PLC0415 - an extra
        except ImportError as exc:
            raise UsageError(
                "backend='trio' was asked for, but trio is not installed.\n"
                "Install it: pip install 'asgi-testkit[trio]'."
            ) from exc
        return TrioLoopThread


def _loop_factory(options: Mapping[str, Any]) -> Callable[[], Any]:  # an asyncio loop
    if (factory := options.get("loop_factory")) is not None:
        chosen: Callable[[], Any] = factory
        return chosen
    if not options.get("use_uvloop"):
        return ParkedLoop
    try:
        import uvloop  # noqa: PLC0415 - an extra
    except ImportError as exc:
        raise UsageError(
            "backend_options={'use_uvloop': True} was given, but uvloop is not installed.\n"
            "Install it: pip install 'asgi-testkit[uvloop]'."
        ) from exc
    return uvloop.new_event_loop


class _Pool:
    """See the module."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[DriverSpec, list[BlockingDriver]] = {}
        self._shared: dict[DriverSpec, list[BlockingDriver]] = {}
        self._leased: set[BlockingDriver] = set()
        self._watches_process = False

    def lease(self, spec: DriverSpec) -> BlockingDriver:
        """Return a driver that is the caller's alone until `give_back`."""
        self._watch_process()
        with self._lock:
            idle = self._idle.get(spec)
            driver = idle.pop() if idle else None
        if driver is None:
            driver = spec.make()
        self._leased.add(driver)
        driver.watch_app()
        return driver

    def give_back(
        self,
        spec: DriverSpec,
        driver: BlockingDriver,
        *,
        grace: float = 0,
        errands: Errands | None = None,
    ) -> list[Leak]:
        """Take a leased driver back; it waits for another client if its loop is clean.

        Args:
            spec: what it was leased for.
            driver: the driver.
            grace: how long the app's tasks may go on.
            errands: what the caller's thread does for them meanwhile.

        Returns:
            What to say of what the app has left behind.
        """
        self._leased.discard(driver)
        settled = Settled(is_clean=False)
        try:
            settled = driver.clear(grace=grace, errands=errands)
        finally:
            if not settled.is_clean:
                driver.close()
        if settled.is_clean:
            with self._lock:
                self._idle.setdefault(spec, []).append(driver)
        return settled.leaks

    def shared(self, spec: DriverSpec) -> BlockingDriver:
        """Return the driver of all never-entered clients with this spec.

        Inside its own loop, where waiting for it would be for ever, it is another one.
        """
        for driver in self._shared.get(spec, ()):
            if not driver.is_here:
                return driver
        return self._make_shared(spec)

    def _make_shared(self, spec: DriverSpec) -> BlockingDriver:
        self._watch_process()
        with self._lock:
            drivers = self._shared.setdefault(spec, [])
            for driver in drivers:
                if not driver.is_here:  # another thread was quicker
                    return driver
            driver = spec.make()
            drivers.append(driver)
            return driver

    def end_idle(self) -> None:
        """End all threads that no client uses now; called before a fork."""
        with self._lock:
            idle = [driver for drivers in self._idle.values() for driver in drivers]
            self._idle.clear()
            for drivers in self._shared.values():
                idle += [driver for driver in drivers if driver.is_idle]
                drivers[:] = [driver for driver in drivers if driver not in idle]
        for driver in idle:
            driver.close()

    def forget(self) -> None:
        """Begin anew; called in a forked child, where no thread but one lives."""
        self._lock = threading.Lock()
        shared = [driver for drivers in self._shared.values() for driver in drivers]
        for driver in (*shared, *self._leased):
            driver.is_orphan = True
        self._idle.clear()
        self._shared.clear()
        self._leased.clear()

    def end_all(self) -> None:
        """End everything; called at exit, so that `finally` blocks of leftover tasks run."""
        self.end_idle()
        shared = [driver for drivers in self._shared.values() for driver in drivers]
        for driver in (*shared, *self._leased):
            driver.close()
        self._shared.clear()
        self._leased.clear()

    def _watch_process(self) -> None:
        if self._watches_process:
            return
        self._watches_process = True
        atexit.register(self.end_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._end_threads, after_in_child=self.forget)

    def _end_threads(self) -> None:
        """End what would make the process multi-threaded; what ends drivers wakes the watchdog."""
        self.end_idle()
        WATCHDOG.stop()


POOL: Final = _Pool()
