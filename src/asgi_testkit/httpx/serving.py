# Generated from src/asgi_testkit/httpx2/serving.py by scripts/write_httpx.py.
"""`serve`: an app on a real server, with httpx's clients for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import httpx

from asgi_testkit.client.options import default_timeout
from asgi_testkit.servers.kinds import find_kind
from asgi_testkit.servers.serving import RunningServer, Where
from asgi_testkit.session.timeouts import DEFAULT, Timeout

__all__ = ("LiveServer", "serve")


class LiveServer(RunningServer):
    """A real server that runs an app inside `with` or `async with`; made by `serve`.

    Attributes:
        url: where it is: `http://127.0.0.1:port`, over a Unix socket `http://localhost`.
        unix_socket: the path of its Unix socket, or `None`.
        pid: the id of its process; `None`: it runs in a thread.
        log: what it has written so far: the last 5,000 lines.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: list[httpx.Client] = []
        self._async_clients: list[httpx.AsyncClient] = []

    def client(self, **options: Any) -> httpx.Client:
        """Return a blocking client of the server, which leaving the server's block closes.

        Args:
            options: those of `httpx.Client`; left out, redirects are followed, the environment's
                proxies are not used, and `timeout` is `TestClient`'s.
        """
        transport = httpx.HTTPTransport(uds=self.unix_socket) if self.unix_socket else None
        client = httpx.Client(**self._with_defaults(options, transport))
        self._clients.append(client)
        return client

    def async_client(self, **options: Any) -> httpx.AsyncClient:
        """Return an async client of the server, which leaving `async with serve(...)` closes.

        Args:
            options: as those of `client()`.
        """
        transport = httpx.AsyncHTTPTransport(uds=self.unix_socket) if self.unix_socket else None
        client = httpx.AsyncClient(**self._with_defaults(options, transport))
        self._async_clients.append(client)
        return client

    def _with_defaults(self, options: dict[str, Any], transport: object) -> dict[str, Any]:
        # Loopback needs no proxy; redirects are followed as by `TestClient`.
        defaults = {
            "base_url": self.url,
            "follow_redirects": True,
            "timeout": default_timeout(),
            "transport": transport,
            "trust_env": False,
        }
        return {**defaults, **options}

    def stop(self) -> None:
        """Stop it, and close its blocking clients; see `serve`."""
        for client in self._clients:
            client.close()
        self._clients.clear()
        super().stop()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            for client in self._async_clients:
                await client.aclose()
        finally:
            self._async_clients.clear()
            await super().__aexit__(exc_type, error, traceback)


def serve(
    app: Any,  # every framework's app, or its name
    over: str = "uvicorn",
    *,
    where: Where | None = None,
    factory: bool | None = None,
    unix_socket: bool | str | os.PathLike[str] = False,
    env: Mapping[str, str] | None = None,
    timeout: Timeout = DEFAULT,
    **options: Any,  # the server's own
) -> LiveServer:
    """Return a real server for an app, on loopback; it runs inside `with` or `async with`.

    ```python
    with serve("shop.main:app", over="hypercorn") as server:
        response = server.client().get("/")
    ```

    A named app runs in a process of its own, which ends with the test's process, however that
    ends. An app object runs in a thread of the test's process.

    Args:
        app: `"module:attribute"`, of an app or of what makes one; or the app itself.
        over: `"uvicorn"`, `"hypercorn"`, `"granian"` or `"daphne"`.
        where: `"process"` or `"thread"`, to choose for a named app. Daphne has no thread.
        factory: whether what is named makes the app; `None`: if it can be called with nothing.
        unix_socket: listen on a Unix socket, at a path of ours or at this one; not on a port.
        env: environment variables for the process, beside those of the test's.
        timeout: seconds to wait for the server to answer, and to stop; left out: `TestClient`'s;
            `None`: any.
        options: the server's own, by its own names. Where it listens is not among them.

    Raises:
        UsageError: the server is not installed, cannot run there, or an argument is wrong.
        ServerFailed: entering: it did not start, with its log; leaving: it had ended by itself, or
            did not stop in time.
    """
    return LiveServer(
        app,
        find_kind(over),
        where=where,
        factory=factory,
        unix_socket=unix_socket,
        env=env,
        timeout=timeout,
        options=options,
    )
