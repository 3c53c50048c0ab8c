"""`LifespanManager`: an app's lifespan on its own, for people who build their own clients."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from asgi_testkit.client.build import async_host, blocking_host
from asgi_testkit.client.host import AppHost, SharedApp
from asgi_testkit.client.options import AppOptions, default_policy, default_timeout
from asgi_testkit.drive.driver import finish
from asgi_testkit.drive.pool import DriverKind
from asgi_testkit.errors import ClientStateError
from asgi_testkit.session.timeouts import DEFAULT, Timeout
from asgi_testkit.types import ASGIApp

__all__ = ("LifespanManager",)


class LifespanManager:
    """Runs an app's lifespan inside `with` or `async with`.

    ```python
    async with LifespanManager(app) as manager:
        transport = ASGITransport(manager.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            ...
    ```

    In a `with` block the app's event loop is shared with `SyncASGITransport(manager.app)`.

    Args:
        app: the ASGI app, of either generation.
        timeout: seconds of silence allowed to startup and to shutdown; left out: as `TestClient`'s;
            `None`: any.
        driver: as `TestClient`'s, for `with`; and so are `backend` and `backend_options`.
        state: keys of the lifespan state that are there before startup.

    Raises:
        UsageError: the app is no app, or an argument is wrong.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        timeout: Timeout = DEFAULT,
        driver: DriverKind | None = None,
        backend: str = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self._blocking = blocking_host(
            app, driver=driver, backend=backend, backend_options=backend_options, state=state
        )
        self._async = async_host(app, state=state)
        self._entered: AppHost | None = None
        self._options = AppOptions(
            policy=default_policy(self._blocking.app),
            timeout=default_timeout() if timeout is DEFAULT else timeout,
        )

    @property
    def app(self) -> SharedApp:
        """The app, to make clients and transports of: its requests see the lifespan's state."""
        return SharedApp(self._host)

    @property
    def state(self) -> dict[str, Any]:
        """The lifespan state, as the app has filled it."""
        return self._host.state

    def __enter__(self) -> Self:
        """Start the app up in a loop of its own; raises as `TestClient.__enter__` does."""
        __tracebackhide__ = True
        finish(self._enter(self._blocking))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Shut the app down; what it has left behind is ended and warned of."""
        __tracebackhide__ = True
        finish(self._leave(exc_value))

    async def __aenter__(self) -> Self:
        """Start the app up in the running loop; raises as `AsyncTestClient.__aenter__` does."""
        __tracebackhide__ = True
        await self._enter(self._async)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Shut the app down; what it has left behind is ended and warned of."""
        __tracebackhide__ = True
        await self._leave(exc_value)

    @property
    def _host(self) -> AppHost:
        if self._entered is None:
            raise ClientStateError(
                "LifespanManager has 'app' and 'state' inside its block only:"
                " 'with LifespanManager(app) as manager:'."
            )
        return self._entered

    async def _enter(self, host: AppHost) -> None:
        __tracebackhide__ = True
        if self._entered is not None:
            raise ClientStateError("LifespanManager is entered already.")
        await host.enter(self._options)
        self._entered = host

    async def _leave(self, because_of: BaseException | None, *, cancels: bool = False) -> None:
        __tracebackhide__ = True
        host, self._entered = self._entered, None
        if host is not None:
            await host.leave(self._options, because_of=because_of, cancels=cancels)
