"""The portal: Starlette's spelling for calling functions in the app's event loop."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

from asgi_testkit.client.host import AppHost
from asgi_testkit.drive.driver import finish

__all__ = ("Portal",)

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
