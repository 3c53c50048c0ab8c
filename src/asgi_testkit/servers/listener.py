"""Where a server listens: a place on loopback that is ours before the server starts.

So no port is lost to somebody else between choosing it and listening on it.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Final

__all__ = ("LOOPBACK", "Address", "Listener")

LOOPBACK: Final = "127.0.0.1"
_BACKLOG: Final = 1024

Address = tuple[str, int] | str
"""Host and port, or the path of a Unix socket."""


class Listener:
    """A bound socket, and how to reach it.

    Attributes:
        address: where the server is reached.
    """

    def __init__(
        self,
        address: Address,
        *,
        listening: socket.socket | None = None,
        held: socket.socket | None = None,
        folder: Path | None = None,
    ) -> None:
        self.address = address
        self._listening = listening
        self._held = held
        self._folder = folder

    @classmethod
    def on_port(cls, *, listens: bool) -> Listener:
        """Bind a free port.

        Without `listens` it is only held: as long as the socket is open, nobody is given the port
        but a server that binds it with `SO_REUSEPORT`, and connections are refused until then.
        """
        # With the protocol named, asyncio switches off Nagle's delay on what is accepted.
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if listens:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((LOOPBACK, 0))
            return cls(bound.getsockname()[:2], listening=_listening(bound))
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((LOOPBACK, 0))
        return cls(bound.getsockname()[:2], held=bound)

    @classmethod
    def on_path(cls, path: str | os.PathLike[str] | None, *, listens: bool) -> Listener:
        """Take a path for a Unix socket; `None`: in a new folder of its own.

        Without `listens` the server is to bind it.

        Raises:
            OSError: there is something already; it stays.
        """
        if path is not None and os.path.lexists(path):
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), os.fspath(path))
        folder = None if path is not None else Path(tempfile.mkdtemp(prefix="asgi-"))
        place = os.fspath(path or Path(folder or ".", "socket"))
        if not listens:
            return cls(place, folder=folder)
        bound = socket.socket(socket.AF_UNIX)
        try:
            bound.bind(place)
        except OSError:
            bound.close()
            raise
        return cls(place, listening=_listening(bound), folder=folder)

    @property
    def authority(self) -> str:
        """What stands for the host in a URL."""
        return "localhost" if isinstance(self.address, str) else "{}:{}".format(*self.address)

    def connect(self, timeout: float | None) -> socket.socket:
        """Return a new connection to the server.

        Raises:
            OSError: nobody listens, or not for long enough.
        """
        if not isinstance(self.address, str):
            return socket.create_connection(self.address, timeout)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(timeout)
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection

    @property
    def bound(self) -> socket.socket | None:
        """The listening socket, for the server; `None`: it binds by itself."""
        return self._listening

    def release(self) -> None:
        """Let the server alone hold the listening socket: when it ends, connections are refused."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def remove(self) -> None:
        """Remove the Unix socket's file; a listening socket is released by who serves on it."""
        if self._held is not None:
            self._held.close()
        if isinstance(self.address, str):
            Path(self.address).unlink(missing_ok=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _listening(bound: socket.socket) -> socket.socket:
    bound.listen(_BACKLOG)
    bound.settimeout(0)  # not blocking: what event loops want
    return bound
