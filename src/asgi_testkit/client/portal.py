"""Starlette's spellings: a portal to the app's event loop, and the lifespan as a task."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import copy_context
from functools import partial
from threading import Thread
from typing import Any, Generic, TypeVar, overload

from asgi_testkit.client.host import AppHost
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.lifespan import LifespanRun
from asgi_testkit.drive.runtime import Wakeup, current_runtime

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

    def start_task_soon(
        self, func: Callable[..., Any], *args: object, name: object = None
    ) -> Future[Any]:
        """Call `func(*args)` in the app's loop while the test goes on; return the result's future.

        What is begun here has to end before the client is left.
        """
        future: Future[Any] = Future()
        run = partial(copy_context().run, self._fulfil, future, func, args)
        Thread(target=run, name=str(name or "asgi-testkit-portal"), daemon=True).start()
        return future

    @contextmanager
    def wrap_async_context_manager(self, cm: AbstractAsyncContextManager[T]) -> Generator[T]:
        """Enter and leave an async context manager in the app's loop, in one task."""
        held = _Held(cm)
        task = self.start_task_soon(held.hold)
        value = held.entered.result()
        try:
            yield value
        except BaseException as error:
            self.call(held.end, error)
            if not task.result():
                raise
        else:
            self.call(held.end)
            task.result()

    def _fulfil(
        self, future: Future[Any], func: Callable[..., Any], args: tuple[object, ...]
    ) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(self.call(func, *args))
        except BaseException as error:  # noqa: BLE001 - whoever asks the future gets it
            future.set_exception(error)


class _Held(Generic[T]):
    """An async context manager that one task holds open until it is told.

    Attributes:
        entered: what entering it gave.
    """

    def __init__(self, manager: AbstractAsyncContextManager[T]) -> None:
        self.entered: Future[T] = Future()
        self._manager = manager
        self._shall_end = False
        self._error: BaseException | None = None
        self._wakeup: Wakeup | None = None

    async def hold(self) -> bool:
        """Enter, wait for `end`, leave; return whether the block's error is suppressed."""
        self._wakeup = current_runtime().wakeup()
        try:
            self.entered.set_result(await self._manager.__aenter__())
        except BaseException as error:
            self.entered.set_exception(error)
            raise
        try:
            while not self._shall_end:
                await self._wakeup.wait()
        except BaseException as cut_short:
            await self._leave(cut_short)
            raise
        return await self._leave(self._error)

    def end(self, error: BaseException | None = None) -> None:
        """Have the manager left, in its loop; `error`: what the block has raised."""
        self._shall_end, self._error = True, error
        if self._wakeup is not None:
            self._wakeup.wake()

    async def _leave(self, error: BaseException | None) -> bool:
        if error is None:
            return bool(await self._manager.__aexit__(None, None, None))
        return bool(await self._manager.__aexit__(type(error), error, error.__traceback__))


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
