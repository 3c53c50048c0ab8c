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
    made_with: Mapping[str, Any],
) -> Any:  # what stands for it in a host
    """Return what stands for `app` in a client that speaks to it over a server.

    Args:
        over: the server's name; `None` or `"in-process"`: none, and `app` is returned.
        app: the app; over a server it may be `"module:attribute"`.
        made_with: what the client was called with: `root_path`, `state`, `client`, `options`.

    Raises:
        UsageError: the server is not installed, cannot run this app, or cannot do as an option
            says.
    """
    if over is None or over == IN_PROCESS:
        return app
    client = made_with["client"]
    settled = {"client": None if client == _DEFAULT_CLIENT else client, **made_with["options"]}
    return import_module("asgi_testkit.relay.served").served(
        app, over, root_path=made_with["root_path"], state=made_with["state"], settled=settled
    )
