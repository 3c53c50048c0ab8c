"""Where clients get their drivers: the pool of threads and loops, or the loop that is running."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias, cast

from asgi_testkit.drive.async_driver import WRONG_LOOP, AsyncDriver
from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.errands import Errands
from asgi_testkit.drive.pool import POOL, BlockingDriver, DriverKind, DriverSpec
from asgi_testkit.drive.runtime import current_runtime
from asgi_testkit.errors import ClientStateError, UsageTypeError, UsageValueError

__all__ = ("Backend", "LocalDrivers", "PooledDrivers")

Backend: TypeAlias = Literal["asyncio", "trio", "asgiref"]
"""What blocking clients may run an app on, by Starlette's names."""

_BACKENDS: Final = ("asyncio", "trio", "asgiref")
_KINDS: Final = ("thread", "inline")
_ASYNCIO_OPTIONS: Final = ("debug", "loop_factory", "use_uvloop")


class PooledDrivers:
    """Drivers for blocking clients."""

    is_blocking = True

    def __init__(self, spec: DriverSpec) -> None:
        self._spec = spec

    @classmethod
    def checked(
        cls, *, kind: DriverKind, backend: str, options: Mapping[str, Any] | None, is_django: bool
    ) -> PooledDrivers:
        """Return the source for these parameters of a client.

        Raises:
            UsageValueError: an unknown driver, backend or backend option.
            UsageError: the runtime is not installed.
        """
        if kind not in _KINDS:
            raise UsageValueError(f"driver is {kind!r}; it may be: 'thread', 'inline'.")
        if backend not in _BACKENDS:
            raise UsageValueError(
                f"backend is {backend!r}; it may be: 'asyncio', 'trio', 'asgiref'.\n"
                "For uvloop pass backend_options={'use_uvloop': True}."
            )
        if not options and not is_django:
            return _plain_drivers(kind, backend)
        _check_options(backend, options or {})
        if backend == "trio" and is_django:
            raise UsageValueError(
                "backend='trio' was asked for, but Django runs on asyncio only. Leave it out."
            )
        if backend == "asyncio" and is_django:
            backend = "asgiref"
        items = tuple(sorted((options or {}).items()))
        spec = DriverSpec(kind, backend, items)
        spec.check_installed()
        return cls(spec)

    @property
    def needs_errands(self) -> bool:
        """Whether thread-sensitive code of the app has to run in the caller's thread."""
        return self._spec.backend == "asgiref"

    def acquire(self) -> Driver:
        """Lease a driver from the pool."""
        return POOL.lease(self._spec)

    async def release(
        self, driver: Driver, *, grace: float, errands: Errands | None = None
    ) -> list[Leak]:
        """Give a leased driver back to the pool, which ends what the app has left in it."""
        leased = cast("BlockingDriver", driver)
        return POOL.give_back(self._spec, leased, grace=grace, errands=errands)

    def for_call(self, own: Driver | None) -> Driver:
        """Return the own driver, or the one that never-entered clients share."""
        return POOL.shared(self._spec) if own is None else own


@lru_cache(maxsize=8)
def _plain_drivers(kind: DriverKind, backend: str) -> PooledDrivers:
    """Return the source for a backend without options: it knows of no client, so one is enough."""
    spec = DriverSpec(kind, backend)
    spec.check_installed()
    return PooledDrivers(spec)


class LocalDrivers:
    """Drivers for async clients: the caller's own event loop.

    Django's thread-sensitive code finds its thread by itself there: the test was started through
    `async_to_sync`, and its context is the app's.
    """

    is_blocking = False
    needs_errands = False

    def acquire(self) -> Driver:
        """Return a driver on the running loop."""
        driver = AsyncDriver(current_runtime())
        driver.watch_app()
        return driver

    async def release(
        self,
        driver: Driver,
        *,
        grace: float,
        errands: Errands | None = None,  # noqa: ARG002 - there is no other thread
    ) -> list[Leak]:
        """End what the app has left in the loop, which is the test's."""
        assert isinstance(driver, AsyncDriver)
        return await driver.leave(grace=grace)

    def for_call(self, own: Driver | None) -> Driver:
        """Return a driver on the running loop, which must be the one the client was entered in."""
        if own is None:
            return AsyncDriver(current_runtime())
        assert isinstance(own, AsyncDriver)
        if own.runtime.is_here():
            return own
        current_runtime()  # which says so where no loop runs at all
        raise ClientStateError(WRONG_LOOP)


def _check_options(backend: str, options: Mapping[str, Any]) -> None:
    if not isinstance(options, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"backend_options is {options!r}; a mapping is wanted.")
    if backend == "trio":
        return
    for name in options:
        if name not in _ASYNCIO_OPTIONS:
            known = ", ".join(map(repr, _ASYNCIO_OPTIONS))
            raise UsageValueError(f"backend_options has {name!r}; asyncio's may be: {known}.")
