"""A real server for a test: chosen, started, waited for, stopped, and what it says of failures."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from textwrap import indent
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar

from asgi_testkit.client.application import prepare_app
from asgi_testkit.client.options import default_grace, default_timeout
from asgi_testkit.errors import ClientStateError, ServerFailed, UsageError, UsageValueError
from asgi_testkit.protocol.secret_texts import hide_secrets
from asgi_testkit.servers.calls import CallsInServer
from asgi_testkit.servers.in_process import ProcessRun
from asgi_testkit.servers.in_thread import ThreadRun
from asgi_testkit.servers.kinds import ServerKind
from asgi_testkit.servers.listener import Address, Listener
from asgi_testkit.servers.log import ServerLog
from asgi_testkit.servers.order import Order
from asgi_testkit.servers.probe import ANSWER, ask, new_question
from asgi_testkit.session.timeouts import DEFAULT, Timeout, seconds_of

__all__ = ("RunningServer", "Where", "in_worker_thread", "names_of", "with_note")

Where: TypeAlias = Literal["process", "thread"]

_Result = TypeVar("_Result")

_RETRY_SECONDS: Final = 0.01  # where a server binds by itself, it cannot be waited for
_SHOWN_LINES: Final = 30


class RunningServer:
    """A real server that runs inside `with` or `async with`; see `serve`."""

    def __init__(
        self,
        app: Any,  # every framework's app, or its name
        kind: ServerKind,
        *,
        where: Where | None,
        factory: bool | None,
        unix_socket: bool | str | os.PathLike[str],
        env: Mapping[str, str] | None,
        timeout: Timeout,
        options: Mapping[str, Any],
    ) -> None:
        kind.check_options(options)
        if not isinstance(app, str):
            prepare_app(app)
        self.kind = kind
        self.where = _checked_where(app, kind, where, env)
        self._app = app
        self._factory = factory
        self._unix_socket = unix_socket
        self._env = dict(env or {})
        self._timeout = default_timeout() if timeout is DEFAULT else seconds_of(timeout)
        self._options = dict(options)
        self._server_log = ServerLog()
        self.calls = CallsInServer()
        self.question = ""
        self._listener: Listener | None = None
        self._run: ProcessRun | ThreadRun | None = None
        self._has_answered = False
        self._owner = os.getpid()

    # -- what it is ---------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it is, as `http://127.0.0.1:port`; over a Unix socket `http://localhost`.

        Raises:
            ClientStateError: it does not run.
        """
        return f"{'https' if self._speaks_tls else 'http'}://{self._place.authority}"

    @property
    def unix_socket(self) -> str | None:
        """The path of its Unix socket; `None`: it listens on a port.

        Raises:
            ClientStateError: it does not run.
        """
        address = self._place.address
        return address if isinstance(address, str) else None

    @property
    def pid(self) -> int | None:
        """The id of its process; `None`: it runs in a thread of this one, or not at all."""
        return self._run.pid if self._run is not None else None

    @property
    def log(self) -> str:
        """What it has written so far: the last 5,000 lines."""
        return str(self._server_log)

    @property
    def is_running(self) -> bool:
        """Whether it has answered, and was not stopped since."""
        return self._has_answered

    @property
    def address(self) -> Address:
        """Its host and port, or the path of its Unix socket.

        Raises:
            ClientStateError: it does not run.
        """
        return self._place.address

    @property
    def _place(self) -> Listener:
        if self._listener is None:
            raise ClientStateError(
                f"The server has no address: it runs inside `with serve(..., {self.kind.name!r})`."
            )
        return self._listener

    @property
    def _speaks_tls(self) -> bool:
        return bool(self.kind.tls and self._options.get(self.kind.tls))

    # -- starting and stopping ----------------------------------------------------------------

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            ServerFailed: it ended before it answered, or did not answer in time.
        """
        self._check_stopped()
        self._owner = os.getpid()
        self._listener = self._bound()
        try:
            self.question = new_question()
            self._run = self._started(self.question)
            self._wait_for_answer(self._run, self.question)
            self._has_answered = True
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop it: gracefully, and for certain when the time is up.

        Raises:
            ServerFailed: it had ended before, had to be killed, or ended with an error.
        """
        run = self._run
        if run is None or self._is_forked:
            return
        had_ended = run.ended.is_set()
        in_time = run.stop(self._timeout)
        self._forget()
        if had_ended:
            raise self._failed(f"{run.ending} while it was in use", run)
        if not in_time:
            raise self._failed(_late_text(run, self._timeout), run)
        if run.is_failed:  # before it was asked to end, or at its end
            raise self._failed(f"{run.ending}", run)

    def kill(self) -> None:
        """End it at once, if it runs."""
        if self._is_forked:
            return
        if self._run is not None:
            self._run.kill()
        self._forget()

    @property
    def _is_forked(self) -> bool:
        """Whether this is a fork of the process that has started it, whose it is not to stop."""
        return os.getpid() != self._owner

    def _forget(self) -> None:
        if self._listener is not None:
            if self._run is None:  # a run releases it by itself, a thread's when that has ended
                self._listener.release()
            self._listener.remove()
        self._run = self._listener = None
        self._has_answered = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with_note(error, self.stop)

    async def __aenter__(self) -> Self:
        self._check_stopped()
        try:
            await in_worker_thread(self.start)
        except BaseException:
            self.kill()  # it may have started while the wait was cancelled
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await in_worker_thread(partial(with_note, error, self.stop))

    def _check_stopped(self) -> None:
        if self._run is not None:
            raise ClientStateError("The server runs already.")

    def _bound(self) -> Listener:
        if self._unix_socket is False:
            return Listener.on_port(listens=self.kind.takes_port)
        path = None if self._unix_socket is True else self._unix_socket
        return Listener.on_path(path, listens=self.kind.takes_path)

    def _started(self, question: str) -> ProcessRun | ThreadRun:
        listener = self._place
        order = Order(
            adapter=self.kind.adapter,
            app=self._app,
            factory=self._factory,
            address=listener.address,
            question=question,
            grace=default_grace(),
            calls=self.calls,
            options=self._options,
        )
        if self.where == "thread":
            return ThreadRun(order, listener, self._server_log)
        return ProcessRun(order, listener, self._server_log, env=self._env)

    def _wait_for_answer(self, run: ProcessRun | ThreadRun, question: str) -> None:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        while not run.ended.is_set():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise self._failed(f"did not answer within {self._timeout:g} s", run)
            try:
                status = ask(self._place, question, tls=self._speaks_tls, timeout=left)
            except OSError:
                # Refused, or hung up: it does not listen yet, or is about to end.
                run.ended.wait(_RETRY_SECONDS)
                continue
            if status == ANSWER:
                return
            raise self._failed(f"answered with status {status}, without having asked the app", run)
        raise self._failed(f"{run.ending} before it answered", run) from run.failure

    def failure(self, what: str) -> ServerFailed:
        """Return an error that says what the server has done, with the end of its log."""
        return ServerFailed(f"{self.kind.title} {what}.\n{self.log_end}", log=self.log)

    @property
    def log_end(self) -> str:
        """The last lines of its log, under a heading, for errors: secrets are hidden there."""
        lines = hide_secrets("\n".join(self._server_log.last(_SHOWN_LINES)))
        return f"The end of its log:\n{indent(lines, '  ') or '  (nothing)'}"

    def _failed(self, what: str, run: ProcessRun | ThreadRun) -> ServerFailed:
        run.kill()  # so that the log is whole
        return self.failure(what)


def with_note(error: BaseException | None, stop: Callable[[], None]) -> None:
    """Stop; beside an error of the test, a failure of the server is a note on that."""
    try:
        stop()
    except ServerFailed as failure:
        if error is None:
            raise
        error.add_note(str(failure))


async def in_worker_thread(function: Callable[[], _Result]) -> _Result:
    """Call a function that blocks in a thread, from any event loop."""
    from anyio import to_thread  # noqa: PLC0415 - comes with httpx2; only where it is needed

    return await to_thread.run_sync(function)


def _late_text(run: ProcessRun | ThreadRun, timeout: float | None) -> str:
    late = f"did not stop within {timeout:g} s"
    if run.pid is None:
        return f"{late}; it still runs in its thread, which cannot be ended"
    return f"{late} and was killed"


def _checked_where(
    app: object, kind: ServerKind, where: Where | None, env: Mapping[str, str] | None
) -> Where:
    """Return where it is to run; a named app by itself in a process, an object in a thread.

    Raises:
        UsageError: it cannot run there.
    """
    chosen = where or ("process" if isinstance(app, str) else "thread")
    if chosen not in ("process", "thread"):
        raise UsageValueError(f"where is {where!r}; it may be: 'process', 'thread'.")
    if chosen == "process" and not isinstance(app, str):
        raise UsageError(_object_text(app, "An app object cannot be handed to another process"))
    if chosen == "process" and not hasattr(os, "killpg"):
        raise UsageError("A process of its own can be ended for certain on Linux and macOS only.")
    if chosen == "thread" and not kind.in_thread:
        reason = f"{kind.name} cannot run in a thread: it needs a process of its own"
        raise UsageError(_object_text(app, reason))
    if chosen == "thread" and env:
        raise UsageError("env can be given to a server in a process of its own only.")
    return chosen


def _object_text(app: object, reason: str) -> str:
    if isinstance(app, str):
        return f"{reason}. Leave where='thread' out."
    name = next(names_of(app), None)
    example = f", probably {name!r}" if name else ", such as 'shop.main:app'"
    return f"{reason}. Name the app instead: 'module:attribute'{example}."


def names_of(app: object) -> Iterator[str]:
    """Yield the names that loaded modules have for this very object; its own module first."""
    home = getattr(app, "__module__", None)
    for module in sorted(sys.modules, key=lambda name: name != home):
        # A test may have put there what is no module.
        attributes = getattr(sys.modules.get(module), "__dict__", {})
        for attribute, value in list(attributes.items()):
            if value is app and module not in ("__main__", "__mp_main__"):
                yield f"{module}:{attribute}"
