"""Whether a client speaks to its app over a server; all else is imported only if it does."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

__all__ = ("IN_PROCESS", "behind")

IN_PROCESS: Final = "in-process"
_DEFAULT_CLIENT: Final = ("testclient", 50000)


def behind(
    over: str | None,
    app: Any,  # every framework's app, or its name
    *,
    root_path: str,
    state: Mapping[str, Any] | None,
    client: tuple[str, int] | None,
    options: Mapping[str, Any],
) -> Any:  # what stands for it in a host
    """Return what stands for `app` in a client that speaks to it over a server.

    Args:
        over: the server's name; `None` or `"in-process"`: none, and `app` is returned.
        app: the app; over a server it may be `"module:attribute"`.
        root_path: goes to the server as its own option.
        state: keys of the lifespan state that are there before startup.
        client: the scope's; a server says itself who asks.
        options: the others of the client.

    Raises:
        UsageError: the server is not installed, cannot run this app, or cannot do as an option
            says.
    """
    if over is None or over == IN_PROCESS:
        return app
    module = import_module("asgi_testkit.relay.served")
    settled = {"client": client if client != _DEFAULT_CLIENT else None, **options}
    return module.served(app, over, root_path=root_path, state=state, settled=settled)
