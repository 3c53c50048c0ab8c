"""`LifespanManager` as asgi-lifespan has it: two limits, and apps without lifespan are refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from asgi_testkit.client.host import AppHost, SharedApp
from asgi_testkit.client.manager import LifespanManager
from asgi_testkit.drive.silence import SilenceError
from asgi_testkit.errors import ASGIRuleError, LifespanFailed, TestkitError
from asgi_testkit.types import ASGIApp

__all__ = ("LifespanTimeoutError", "TimedLifespanManager")


class LifespanTimeoutError(LifespanFailed, TimeoutError):
    """The app did not answer in time: what asgi-lifespan's users catch as `TimeoutError`."""


class TimedLifespanManager(LifespanManager):
    """Our `LifespanManager` with asgi-lifespan's parameters.

    Args:
        app: the ASGI app, of either generation.
        startup_timeout: seconds of silence allowed to startup; `None`: any.
        shutdown_timeout: likewise to shutdown.
        **options: as `asgi_testkit.LifespanManager`'s, but for `timeout`.

    Raises, on entering: `asgi_lifespan.LifespanNotSupported` where the app has no lifespan.
    """

    def __init__(
        self,
        app: ASGIApp,
        startup_timeout: float | None = 5,
        shutdown_timeout: float | None = 5,
        **options: Any,  # the type checker of who edits a suite sees our own class
    ) -> None:
        super().__init__(app, **options)
        self.startup_timeout = startup_timeout
        self.shutdown_timeout = shutdown_timeout

    @property
    def app(self) -> SharedApp:
        """The app with the lifespan's state; outside the block for async clients only."""
        return SharedApp(self._entered or self._async)

    async def _enter(self, host: AppHost) -> None:
        __tracebackhide__ = True
        self._options = replace(self._options, timeout=self.startup_timeout)
        try:
            await super()._enter(host)
        except LifespanFailed as error:
            raise _as_timeout(error) from None
        except ASGIRuleError as error:
            if _is_of_lifespan(error.message):
                raise
            raise _not_supported(error) from error
        if host.has_lifespan:
            return
        refusal = host.lifespan_refusal
        await super()._leave(None)
        raise _not_supported(refusal) from refusal

    async def _leave(self, because_of: BaseException | None, *, cancels: bool = False) -> None:
        """Leave as asgi-lifespan does: after an exception in the block the app is cancelled."""
        __tracebackhide__ = True
        self._options = replace(self._options, timeout=self.shutdown_timeout)
        try:
            await super()._leave(because_of, cancels=cancels or because_of is not None)
        except LifespanFailed as error:
            raise _as_timeout(error) from None
        except Exception as error:
            if because_of is None or not _is_in_trio():
                raise
            both = "The block and the app have both failed."
            raise BaseExceptionGroup(both, [because_of, error]) from None


def _is_in_trio() -> bool:
    """Return whether the caller's task is one of trio's, which raises groups."""
    trio = sys.modules.get("trio")
    return trio is not None and trio.lowlevel.in_trio_task()


def _as_timeout(error: LifespanFailed) -> LifespanFailed:
    """Return the same as a `TimeoutError`, where time was what failed."""
    if not isinstance(error.__context__, SilenceError):
        return error
    return LifespanTimeoutError(str(error), message=error.message)


def _is_of_lifespan(message: Mapping[str, Any] | None) -> bool:
    """Return whether what broke a rule was meant for a lifespan, if it was a message at all."""
    return message is None or str(message.get("type")).startswith("lifespan.")


def _not_supported(refusal: BaseException | None) -> Exception:
    """Return an error that is also asgi-lifespan's own, where that is loaded, as it is replaced."""
    did = "returned" if refusal is None else f"raised {refusal!r}"
    theirs = getattr(sys.modules.get("asgi_lifespan"), "LifespanNotSupported", None)
    return _refusal_class(theirs)(f"The app {did} instead of answering 'lifespan.startup'.")


@lru_cache(maxsize=1)
def _refusal_class(theirs: type[Exception] | None) -> type[TestkitError]:
    if theirs is None:
        return TestkitError
    return type(theirs.__name__, (TestkitError, theirs), {"__module__": theirs.__module__})
