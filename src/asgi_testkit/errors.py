"""Every error and warning of this package, in one tree.

```
TestkitError
├── UsageError                 the test asked for something impossible
│   ├── UsageTypeError         … by an argument of the wrong type (also a TypeError)
│   ├── UsageValueError        … by an argument of the wrong value (also a ValueError)
│   └── ClientStateError       … of a client that is closed or entered (also a RuntimeError)
├── ASGIRuleError              the app broke a rule of the ASGI specification
├── LifespanFailed             the app's startup or shutdown failed and nothing was raised
├── ServerFailed               a real server did not start, ended by itself, or did not stop
├── AppFailed                  the app raised in a real server's process
├── WebSocketDisconnect        the WebSocket is closed: by the app, or before it was open
└── StallError                 nothing happened for too long (also a TimeoutError)

TestkitWarning
├── ASGIRuleWarning            the app broke a rule that is only warned about
└── ASGITaskLeakWarning        a task of the app outlived what it belongs to, or failed unseen
```

`ClientDisconnectedError` stands outside: the app gets it, out of `send`, and it is an OSError.
The app's own exceptions are not here: they reach the test as they were raised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = (
    "ASGIRuleError",
    "ASGIRuleWarning",
    "ASGITaskLeakWarning",
    "AppFailed",
    "ClientDisconnectedError",
    "ClientStateError",
    "Disconnect",
    "LifespanFailed",
    "ServerFailed",
    "StallError",
    "TestkitError",
    "TestkitWarning",
    "UsageError",
    "UsageTypeError",
    "UsageValueError",
    "WebSocketDisconnect",
)


class TestkitError(Exception):
    """Base of every error that this package raises itself."""

    __test__ = False  # pytest collects classes whose name begins with "Test"


class UsageError(TestkitError):
    """The test asked for something impossible; the text says what is wanted instead."""


class UsageTypeError(UsageError, TypeError):
    """An argument has the wrong type."""


class UsageValueError(UsageError, ValueError):
    """An argument has the right type and a value that cannot be."""


class ClientStateError(UsageError, RuntimeError):
    """The client is closed, already entered, or entered in another event loop."""


class ASGIRuleError(TestkitError):
    """The app broke a rule of the ASGI specification.

    Attributes:
        rule: the rule's id, such as `"H01"`.
        message: the ASGI message that broke it; `None` where the app broke it by returning.
        state: the name of the state the exchange was in.
        place: the app's line, as `file:line in function`; empty where it is not known.
    """

    def __init__(
        self,
        text: str,
        *,
        rule: str = "",
        state: str = "",
        message: Mapping[str, Any] | None = None,
        place: str = "",
    ) -> None:
        super().__init__(text)
        self.rule = rule
        self.message = message
        self.state = state
        self.place = place


class LifespanFailed(TestkitError):  # noqa: N818 - a name users know
    """Startup or shutdown failed: the app said so, did not answer in time, or ended early.

    Attributes:
        message: what the app gave as the reason; empty if it gave none.
    """

    def __init__(self, text: str, *, message: str = "") -> None:
        super().__init__(text)
        self.message = message


class ServerFailed(TestkitError):  # noqa: N818 - as `LifespanFailed`
    """A real server did not start, ended while it was in use, or did not stop in time.

    Attributes:
        log: what the server had written; the text of the error has its end.
    """

    def __init__(self, text: str, *, log: str = "") -> None:
        super().__init__(text)
        self.log = log


class AppFailed(TestkitError):  # noqa: N818 - as `ServerFailed`
    """The app raised in the process of a real server; the exception itself cannot cross to here.

    Attributes:
        traceback: that of the exception, as text.
        log: what the server had written.
    """

    def __init__(self, text: str, *, traceback: str = "", log: str = "") -> None:
        super().__init__(text)
        self.traceback = traceback
        self.log = log

    @classmethod
    def told_by(cls, server: str, traceback: str, *, log: str) -> AppFailed:
        """Return the error for what an app has raised in the process of a server."""
        last = traceback.rstrip().rpartition("\n")[2]
        text = f"The app raised in the process of {server}: {last}\n{traceback.rstrip()}"
        return cls(text, traceback=traceback, log=log)


class WebSocketDisconnect(TestkitError):  # noqa: N818 - a name users know
    """The WebSocket is closed.

    Where `starlette.websockets` is loaded, it is also Starlette's class of this name.

    Attributes:
        code: the close code; 1005: closed without one, 1006: the line was lost, or the app
            denied the WebSocket with an HTTP response.
        reason: what was given as the reason; empty if nothing was.
    """

    def __init__(self, code: int = 1000, reason: str | None = None, *, text: str = "") -> None:
        # Not `super()`: between this class and Exception may stand Starlette's, of any version.
        Exception.__init__(self, code, reason)
        self.code = code
        self.reason = reason or ""
        self._explanation = text

    def __reduce__(self) -> tuple[Any, ...]:
        # By name: what is raised may be a class that is also Starlette's, made at run time.
        return _disconnect_again, (self.code, self.reason, self._explanation)

    def __str__(self) -> str:
        given = f" ({self.reason!r})" if self.reason else ""
        return self._explanation or f"The WebSocket is closed with code {self.code}{given}."


Disconnect = WebSocketDisconnect
"""`WebSocketDisconnect`, by the name that the first generation of Starlette's users knows."""


def _disconnect_again(code: int, reason: str, text: str) -> WebSocketDisconnect:
    return WebSocketDisconnect(code, reason, text=text)


class ClientDisconnectedError(OSError):
    """The app sent to a WebSocket whose client has gone; raised out of the app's `send`."""


class StallError(TestkitError, TimeoutError):
    """Nothing happened for longer than allowed, or nothing can happen any more.

    Attributes:
        report: what was awaited and what had crossed until then, for people to read.
        kind: what was waited for: `"read"`, `"write"` or `"background"`.
    """

    def __init__(self, text: str, *, report: str = "", kind: str = "read") -> None:
        super().__init__(text)
        self.report = report
        self.kind = kind


class TestkitWarning(UserWarning):
    """Base of every warning that this package gives."""

    __test__ = False


class ASGIRuleWarning(TestkitWarning):
    """The app broke a rule that is warned about, not raised.

    Attributes: as those of `ASGIRuleError`.
    """

    def __init__(self, text: str, *, rule: str = "", state: str = "", place: str = "") -> None:
        super().__init__(text)
        self.rule = rule
        self.state = state
        self.place = place


class ASGITaskLeakWarning(TestkitWarning):
    """Something that the app has started outlived what it belongs to, or failed unseen.

    A task or an app call that had to be cancelled after the grace time, or that goes on even then;
    an exception of a task that nobody awaited (it is the warning's `__cause__`); an async generator
    that was neither ended nor closed.
    """
