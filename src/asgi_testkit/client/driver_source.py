"""What a host needs of the place that its drivers come from; the places are in `drivers.py`."""

from __future__ import annotations

from typing import Protocol

from asgi_testkit.drive.caller_warnings import Leak
from asgi_testkit.drive.driver import Driver
from asgi_testkit.drive.errands import Errands

__all__ = ("DriverSource",)


class DriverSource(Protocol):
    """Where a host gets its drivers from: a pool for blocking clients, the test's own loop else."""

    @property
    def is_blocking(self) -> bool:
        """Whether the drivers block their callers."""
        ...

    @property
    def needs_errands(self) -> bool:
        """Whether thread-sensitive code of the app has to run in the caller's thread."""
        ...

    def acquire(self) -> Driver:
        """Return the driver of a client that is being entered."""
        ...

    async def release(
        self, driver: Driver, *, grace: float, errands: Errands | None = None
    ) -> list[Leak]:
        """Take the driver of a client back that was left.

        What the app has started gets `grace` seconds to end and is cancelled then.

        Returns:
            What to say of what did not end by itself.
        """
        ...

    def for_call(self, own: Driver | None) -> Driver:
        """Return what a call runs on: the entered client's own driver, or a shared one."""
        ...
