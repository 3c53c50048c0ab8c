"""A server in a process of its own: started, watched, ended with all that it has started."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import Final

from asgi_testkit.drive.threads import QuietableThread, join_thread
from asgi_testkit.servers.child import COMMAND
from asgi_testkit.servers.groups import LedGroup
from asgi_testkit.servers.lifeline import Lifeline
from asgi_testkit.servers.listener import Listener
from asgi_testkit.servers.log import ServerLog
from asgi_testkit.servers.order import Order

__all__ = ("ProcessRun",)


# Both end at once, unless a process that has left the group still holds the server's output.
_JOIN_SECONDS: Final = 1.0


class ProcessRun:
    """One run of a server, from its start on.

    Attributes:
        ended: set when the process and what it left behind have ended.
        log: what it has written to stdout and stderr.
        failure: always `None`: what it raised is in the log.
    """

    failure = None

    def __init__(
        self, order: Order, listener: Listener, log: ServerLog, *, env: Mapping[str, str]
    ) -> None:
        packed = order.packed()
        self.ended = threading.Event()
        self.log = log
        self._reaping = threading.Lock()
        self._lifeline = Lifeline()
        try:
            self._process = _started(self._lifeline, listener, env)
            self._group = LedGroup(self._process.pid)
        except BaseException:
            self._lifeline.cut()
            raise
        finally:
            self._lifeline.hand_over()
        listener.release()
        self._threads = [
            QuietableThread(work, name="asgi-testkit-server", is_quiet=lambda: True)
            for work in (self._read_log, self._watch)
        ]
        for thread in self._threads:
            thread.start()
        self._tell(packed)

    @property
    def pid(self) -> int | None:
        """The id of the process."""
        return self._process.pid

    @property
    def ending(self) -> str:
        """How it has ended, in words."""
        code = self._process.returncode or 0
        if code >= 0:
            return f"exited with status {code}"
        return f"was ended by {signal.Signals(-code).name}"

    @property
    def is_failed(self) -> bool:
        """Whether it has ended with another status than that of success."""
        return self._process.returncode not in (None, 0)

    def stop(self, seconds: float | None) -> bool:
        """End it; return whether it ended by itself within `seconds`."""
        self._signal(self._group.ask_leader_to_end)
        in_time = self.ended.wait(seconds)
        self.kill()
        return in_time

    def kill(self) -> None:
        """End it at once."""
        self._lifeline.cut()
        self._signal(self._group.kill)
        for thread in self._threads:
            join_thread(thread, _JOIN_SECONDS)

    def _tell(self, packed: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError), self._process.stdin as stdin:
            stdin.write(packed)

    def _signal(self, send: Callable[[], None]) -> None:
        with self._reaping:
            if self._process.returncode is None:  # else the id may be another process's by now
                send()

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self.log.add(line.decode("utf-8", "replace"))

    def _watch(self) -> None:
        is_unreaped = _wait_for_end(self._process.pid)
        with self._reaping:
            # While it is not reaped, nobody else can have its id, nor that of its group.
            if is_unreaped:
                with suppress(ProcessLookupError, PermissionError):
                    self._group.kill()
            self._process.wait()
        self.ended.set()


def _started(
    lifeline: Lifeline, listener: Listener, env: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    bound = listener.bound.fileno() if listener.bound is not None else None
    fds = [fd for fd in (lifeline.other_end, bound) if fd is not None]
    program = COMMAND.format(
        path=[*map(str, sys.path)], lifeline=lifeline.other_end, listener=bound
    )
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-u", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=fds,
        start_new_session=True,
        env={**os.environ, **env},
    )


def _wait_for_end(pid: int) -> bool:
    """Wait for the end of a child; return whether it is still to be reaped."""
    if sys.platform == "darwin":  # it has no `waitid` before Python 3.13
        ended = select.kevent(
            pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, fflags=select.KQ_NOTE_EXIT
        )
        with closing(select.kqueue()) as events, suppress(ProcessLookupError):  # has ended before
            events.control([ended], 1)
        return True
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        return False  # somebody else has reaped it
    return True
