"""Which servers there are, as data, and whether one is installed. None is imported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from asgi_testkit.errors import UsageError, UsageValueError

__all__ = ("KINDS", "ServerKind", "find_kind")


@dataclass(frozen=True, slots=True)
class ServerKind:
    """A server that an app can be served over.

    Attributes:
        name: what users call it; also the name of its distribution and of our extra.
        adapter: the module that runs it.
        takes_port: it accepts connections on a port's socket that was bound before it started.
        takes_path: likewise on a Unix socket.
        in_thread: it can run in a thread of the test's own process.
        ours: patterns of options that we decide, for they say where it listens, or how often it
            runs.
        tls: the option that makes it speak TLS.
        root_path: the option for the scope's `root_path`.
        speaks_http2: it takes HTTP/2 on a plain connection, by prior knowledge.
    """

    name: str
    adapter: str
    takes_port: bool
    takes_path: bool
    in_thread: bool
    ours: tuple[str, ...]
    tls: str
    root_path: str
    speaks_http2: bool = False

    @property
    def title(self) -> str:
        """Its name and version, for errors."""
        return f"{self.name} {version(self.name)}"

    def check_options(self, names: Iterable[str]) -> None:
        """Refuse options that would let it listen elsewhere.

        Raises:
            UsageValueError: one of them is ours to decide.
        """
        for name in names:
            if any(fnmatch(name, pattern) for pattern in self.ours):
                raise UsageValueError(
                    f"{name} cannot be given: a test's server is one process that listens where"
                    " serve() lets it, and that is on loopback only.\n"
                    "unix_socket=True gives a Unix socket; server.url tells the address."
                )


_ADAPTERS: Final = "asgi_testkit.servers.over_"

KINDS: Final = {
    kind.name: kind
    for kind in (
        ServerKind(
            "uvicorn",
            f"{_ADAPTERS}uvicorn",
            takes_port=True,
            takes_path=True,
            in_thread=True,
            ours=("app", "app_dir", "fd", "host", "port", "reload*", "uds", "workers"),
            tls="ssl_certfile",
            root_path="root_path",
        ),
        ServerKind(
            "hypercorn",
            f"{_ADAPTERS}hypercorn",
            takes_port=True,
            takes_path=True,
            in_thread=True,
            ours=("application_path", "*bind", "bound", "use_reloader", "workers"),
            tls="certfile",
            root_path="root_path",
            speaks_http2=True,
        ),
        ServerKind(
            "granian",
            f"{_ADAPTERS}granian",
            takes_port=False,
            takes_path=False,
            in_thread=True,
            ours=(
                *("address", "interface", "metrics*", "port", "reload*", "target"),
                *("uds*", "workers", "working_dir"),
            ),
            tls="ssl_cert",
            root_path="url_path_prefix",
            speaks_http2=True,
        ),
        ServerKind(
            "daphne",
            f"{_ADAPTERS}daphne",
            takes_port=True,
            takes_path=False,
            in_thread=False,
            ours=("application", "endpoints", "ready_callable", "signal_handlers"),
            tls="",
            root_path="root_path",
        ),
    )
}


def find_kind(name: str) -> ServerKind:
    """Return the server of this name.

    Raises:
        UsageValueError: there is none.
        UsageError: it is not installed.
    """
    kind = KINDS.get(name)
    if kind is None:
        names = ", ".join(map(repr, KINDS))
        raise UsageValueError(f"over is {name!r}; it may be: {names}.")
    try:
        version(name)
    except PackageNotFoundError:
        raise UsageError(
            f"over={name!r} needs {name}, which is not installed."
            f" Install it: pip install 'asgi-testkit[{name}]'."
        ) from None
    return kind
