"""Starlette's spellings: a portal to the app's event loop, and the lifespan as a task."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from asgi_testkit.client.host import AppHost
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.lifespan import LifespanRun

__all__ = ("LifespanTask", "Portal")

T = TypeVar("T")


class Portal:
    """Calls functions in the app's loop, as `anyio.from_thread.BlockingPortal` does."""

    def __init__(self, host: AppHost) -> None:
        self._host = host

    @overload
    def call(self, func: Callable[..., Awaitable[T]], *args: object) -> T: ...
    @overload
    def call(self, func: Callable[..., T], *args: object) -> T: ...
    def call(self, func: Callable[..., Any], *args: object) -> Any:  # the overloads say what
        """Call `func(*args)` in the app's loop, await what can be awaited, return the result."""

        async def in_the_loop() -> object:
            result = func(*args)
            return await result if inspect.isawaitable(result) else result

        return finish(self._host.run(in_the_loop))


class LifespanTask:
    """The app call of a lifespan, to be asked as a `concurrent.futures.Future`."""

    def __init__(self, lifespan: LifespanRun) -> None:
        self._lifespan = lifespan

    def done(self) -> bool:
        """Return whether it has ended."""
        return self._lifespan.is_over

    def running(self) -> bool:
        """Return whether it goes on."""
        return not self._lifespan.is_over

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait for its end and return what it raised; `TimeoutError` after `timeout` seconds."""
        __tracebackhide__ = True
        finish(self._lifespan.wait(timeout=timeout))
        return self._lifespan.app_exception

    def result(self, timeout: float | None = None) -> None:
        """Wait for its end and raise what it raised; `TimeoutError` after `timeout` seconds."""
        __tracebackhide__ = True
        if (exception := self.exception(timeout)) is not None:
            raise exception
