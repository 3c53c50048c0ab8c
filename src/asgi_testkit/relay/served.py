"""What a client over a server is made of: the app as the client sees it, and the server behind."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from asgi_testkit.client.application import PreparedApp, prepare_app
from asgi_testkit.client.host import SharedApp
from asgi_testkit.errors import ClientStateError, UsageError, UsageValueError
from asgi_testkit.relay.app import Relay
from asgi_testkit.servers.kinds import ServerKind, find_kind
from asgi_testkit.servers.serving import RunningServer, Where, in_worker_thread, names_of
from asgi_testkit.session.timeouts import DEFAULT

__all__ = ("ServedApp", "served")

T = TypeVar("T")

_SETTLED_BY_SERVERS: Final = ("client", "server", "scope_extensions")


def served(
    app: Any,  # every framework's app, or its name
    over: str,
    *,
    root_path: str,
    state: Mapping[str, Any] | None,
    settled: Mapping[str, Any],
) -> Any:
    """Return what stands for `app` in a client over a server; a shared app has one already.

    Args:
        app: the app, or `"module:attribute"`.
        over: the server's name.
        root_path: as the server's own option, whatever it makes of it.
        state: keys of the lifespan state that are there before startup.
        settled: options of the client, some of which a server settles by itself.

    Raises:
        UsageError: the server is not installed, or cannot run this app.
    """
    if isinstance(app, SharedApp):
        return app
    kind = find_kind(over)
    _check_options(kind, settled)
    target, where = _target(app, kind)
    options = {kind.root_path: root_path} if root_path else {}
    server = RunningServer(
        target,
        kind,
        where=where,
        factory=None,
        unix_socket=False,
        env=None,
        timeout=DEFAULT,
        options=options,
    )
    server.calls.state.update(state or {})
    relay = Relay(server)
    weakref.finalize(relay, server.kill)
    return PreparedApp(app, relay, "3.0", is_django=False, elsewhere=ServedApp(server))


class ServedApp:
    """The app behind a relay, as far as it can be reached otherwise than over the wire."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server

    def check_reach(self, what: str) -> None:
        """Refuse what the client wants of an app that is in another process.

        Raises:
            UsageError: it is.
        """
        if self._server.where == "process":
            raise UsageError(
                f"{what} cannot reach the app: {self._server.kind.name} runs it in a process of its"
                " own.\nPass the app object, over='uvicorn', 'hypercorn' or 'granian': it then runs"
                " in a thread of this process. Or mark the test: @pytest.mark.in_process_only."
            )

    def tell(self) -> str:
        """Return where it runs, and the end of the server's log."""
        place = "a process of its own" if self._server.where == "process" else "another thread"
        return (
            f"{self._server.kind.title} runs the app in {place}; where it waits there is not known."
            f"\n{self._server.log_end}"
        )

    async def run(self, function: Callable[..., Awaitable[T]], *args: object) -> T:
        """Call an async function in the server's event loop and return its result.

        Raises:
            UsageError: the app is in another process.
            ClientStateError: the server does not run.
        """
        self.check_reach("run()")
        loop = self._server.calls.loop
        if loop is None or not self._server.is_running:
            raise ClientStateError(
                "The server does not run, so there is no event loop of the app: enter the client."
            )

        async def call() -> T:
            return await function(*args)

        return await in_worker_thread(asyncio.run_coroutine_threadsafe(call(), loop).result)

    async def close(self) -> None:
        """Stop the server, if it runs.

        Raises:
            ServerFailed: it had ended by itself, or did not stop in time.
        """
        if self._server.is_running:
            await in_worker_thread(self._server.stop)


def _target(app: Any, kind: ServerKind) -> tuple[Any, Where | None]:
    """Return what the server is given: the app, or its name where it needs a process of its own.

    Raises:
        UsageError: it is no app, or has no name.
    """
    if kind.in_thread or isinstance(app, str):
        return app, None
    prepare_app(app)  # refuses what is none
    name = next(names_of(app), None)
    if name is None:
        raise UsageError(
            f"{kind.name} runs in a process of its own, which finds the app by its name; this"
            f" {type(app).__name__} has none.\nBind it to a name at the top of a module, or pass"
            " that name: 'module:attribute'."
        )
    return name, "process"


def _check_options(kind: ServerKind, options: Mapping[str, Any]) -> None:
    """Refuse what a server settles by itself.

    Raises:
        UsageValueError: one of it is given.
    """
    for name in _SETTLED_BY_SERVERS:
        if options.get(name) is not None:
            raise UsageValueError(
                f"{name} is {options[name]!r}, but {kind.name} settles it by itself. Leave it out"
                " over a server."
            )
    version = options.get("http_version", "1.1")
    if version != "1.1" and not (version == "2" and kind.speaks_http2):
        spoken = "'1.1' or '2'" if kind.speaks_http2 else "'1.1'"
        raise UsageValueError(f"http_version is {version!r}; over {kind.name} it may be {spoken}.")
