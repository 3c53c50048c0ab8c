"""What our clients have beyond their library's: the blocking and the async half.

Both halves have the same methods, parameters and defaults. They own nothing: the host does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from asgi_testkit.client.host import AppHost
from asgi_testkit.client.options import AppOptions
from asgi_testkit.client.override import override_dependency
from asgi_testkit.client.portal import LifespanTask, Portal
from asgi_testkit.drive.driver import finish
from asgi_testkit.errors import ASGIRuleWarning, ClientStateError, UsageValueError
from asgi_testkit.report.text import Transcript

__all__ = ("AsyncClientMixin", "BlockingClientMixin", "check_open")

T = TypeVar("T")


class _ClientMixin:
    """What both halves share: all that needs no waiting, and entering and leaving."""

    _app_host: AppHost
    _app_options: AppOptions
    _made_with: dict[str, Any]
    _is_guest: bool
    _has_entered = False

    @property
    def app(self) -> Any:  # whatever the user handed in
        """The app under test, as it was handed in."""
        return self._app_host.app.original

    @property
    def app_state(self) -> dict[str, Any]:
        """The lifespan state: what the app put into it, while the client is entered.

        Raises:
            UsageError: the app is in another process.
        """
        self._app_host.app.check_reach("app_state")
        return self._app_host.state

    @property
    def transcript(self) -> Transcript:
        """What crossed between the app and this client and its siblings, for people to read."""
        return Transcript(list(self._app_host.records))

    @property
    def broken_rules(self) -> tuple[ASGIRuleWarning, ...]:
        """What this client has warned of, or has only recorded under the drop-in: rules of ASGI.

        Each once for a line of the app, the oldest first; the last hundred are kept.
        """
        return tuple(self._app_options.policy.found)

    def override(
        self, dependency: Callable[..., Any], replacement: Callable[..., Any]
    ) -> AbstractContextManager[None]:
        """Replace a dependency of a FastAPI app inside a `with` block.

        Raises:
            UsageError: it has no dependencies to replace, or is in another process.
        """
        self._app_host.app.check_reach("override()")
        return override_dependency(self.app, dependency, replacement)

    def _options_for_new_client(self, options: Mapping[str, Any]) -> dict[str, Any]:
        for name in ("backend", "backend_options", "driver", "over", "state"):
            if name in options:
                raise UsageValueError(
                    f"new_client() shares the running app, so {name!r} is settled already.\n"
                    "For other values make a client of its own."
                )
        return {**self._made_with, **options}

    async def _enter(self, *, is_closed: bool) -> None:
        __tracebackhide__ = True
        if is_closed:
            raise ClientStateError("The client is closed and cannot be entered. Make a new one.")
        if self._app_host.is_entered and not self._has_entered and self._is_guest:
            return
        await self._app_host.enter(self._app_options)
        self._has_entered = True

    async def _close(self) -> None:
        __tracebackhide__ = True
        await self._leave()
        if not self._is_guest:
            await self._app_host.close_calls()
            await self._app_host.close_elsewhere()

    async def _leave(self, because_of: BaseException | None = None) -> None:
        __tracebackhide__ = True
        if self._has_entered:
            self._has_entered = False
            await self._app_host.leave(self._app_options, because_of=because_of)


def check_open(*, is_closed: bool) -> None:
    """Refuse a request of a closed client.

    Raises:
        ClientStateError: the client is closed.
    """
    if is_closed:
        raise ClientStateError(
            "The client is closed: close() was called, and a closed client stays closed.\n"
            "Make a new one; leaving a 'with' block does not close a client."
        )


class BlockingClientMixin(_ClientMixin):
    """The blocking half."""

    async def _enter(self, *, is_closed: bool) -> None:
        __tracebackhide__ = True
        await super()._enter(is_closed=is_closed)
        refusal = self._app_host.lifespan_refusal
        if refusal is not None and self._app_options.policy.is_drop_in:
            await self._leave()
            raise refusal

    @property
    def portal(self) -> Portal:
        """Starlette's spelling of `run`: `client.portal.call(function, *args)`."""
        return Portal(self._app_host)

    @property
    def task(self) -> LifespanTask | None:
        """Starlette's name for the app's lifespan, to be asked as a future; `None`: none ran."""
        lifespan = self._app_host.last_lifespan
        return None if lifespan is None else LifespanTask(lifespan)

    def run(self, function: Callable[..., Awaitable[T]], *args: object) -> T:
        """Call an async function in the app's event loop and return its result."""
        __tracebackhide__ = True
        return finish(self._app_host.run(function, *args))

    def wait_background(self) -> None:
        """Wait for the rest of detached calls; an exception of the app is raised."""
        __tracebackhide__ = True
        finish(self._app_host.wait_background())


class AsyncClientMixin(_ClientMixin):
    """The async half."""

    async def run(self, function: Callable[..., Awaitable[T]], *args: object) -> T:
        """Call an async function in the app's event loop and return its result."""
        __tracebackhide__ = True
        return await self._app_host.run(function, *args)

    async def wait_background(self) -> None:
        """Wait for the rest of detached calls; an exception of the app is raised."""
        __tracebackhide__ = True
        await self._app_host.wait_background()
