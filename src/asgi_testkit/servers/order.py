"""What a server is told: which app, where, and how; as it crosses to its process."""

from __future__ import annotations

import pickle
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from asgi_testkit.client.application import prepare_app
from asgi_testkit.errors import UsageTypeError
from asgi_testkit.finding import find_app
from asgi_testkit.servers.calls import CallsInServer
from asgi_testkit.servers.listener import Address
from asgi_testkit.servers.log import ServerLog
from asgi_testkit.servers.probe import answering
from asgi_testkit.types import ASGI3App

__all__ = ("Adapter", "Order", "StoppableServer")


@dataclass(frozen=True, slots=True)
class Order:
    """One server to run.

    Attributes:
        adapter: the module that runs it.
        app: its name, or in a thread the app itself.
        factory: whether what is named makes the app; `None`: found out.
        address: where it is to listen.
        question: the path that asks whether it answers.
        grace: seconds that open connections get when it stops.
        calls: notes what becomes of the app's calls; another process gets a copy.
        options: the server's own, by its own names.
    """

    adapter: str
    app: Any
    factory: bool | None
    address: Address
    question: str
    grace: float
    calls: CallsInServer = field(default_factory=CallsInServer)
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    def load_app(self) -> ASGI3App:
        """Return the app, which answers to our question."""
        app = self.app
        if isinstance(app, str):
            app = find_app(app, factory=self.factory, app_dir=Path.cwd())
        watched = self.calls.watching(prepare_app(app).call)
        return answering(watched, self.question, self.calls)

    def packed(self) -> bytes:
        """Return it for another process.

        Raises:
            UsageTypeError: an option cannot go there.
        """
        given = {**self.options, **{f"state[{key!r}]": v for key, v in self.calls.state.items()}}
        for name, value in given.items():
            try:
                pickle.dumps(value)
            except Exception as error:
                raise UsageTypeError(
                    f"{name} is {value!r:.80}, which cannot be handed to another process:"
                    f" {error}.\nwhere='thread' runs the server in this one."
                ) from error
        return pickle.dumps(self)

    @classmethod
    def unpacked(cls, file: BinaryIO) -> Order:
        """Return what `packed()` wrote."""
        order = pickle.load(file)  # noqa: S301 - our own parent wrote it
        assert isinstance(order, cls)
        return order


class StoppableServer(Protocol):
    """A server in a thread of this process."""

    def run(self) -> None:
        """Serve, until it is stopped; raise what keeps it from serving."""
        ...

    def stop(self) -> None:
        """Let it end; from any thread."""
        ...


class Adapter(Protocol):
    """What a server's module has."""

    def run_here(self, order: Order, fd: int | None) -> None:
        """Serve in the main thread of a process of its own, until a SIGTERM."""
        ...

    def in_thread(
        self, order: Order, bound: socket.socket | None, log: ServerLog
    ) -> StoppableServer:
        """Return the server for a thread of this process; it may close the socket."""
        ...
