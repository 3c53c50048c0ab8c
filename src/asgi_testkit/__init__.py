"""A test client for ASGI apps: blocking and async, streaming both ways, for any framework.

`TestClient` and `AsyncTestClient` are httpx2's clients with an app behind them instead of a
network. `docs/architecture.md` shows how the package is built.

What is exported is imported when it is first asked for: the pytest plugin lives in this package,
and a test run that uses no client pays for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from asgi_testkit.checking.run import check
    from asgi_testkit.checking.violation import Violation
    from asgi_testkit.client.manager import LifespanManager
    from asgi_testkit.errors import (
        AppFailed,
        ASGIRuleError,
        ASGIRuleWarning,
        ASGITaskLeakWarning,
        ClientDisconnectedError,
        ClientStateError,
        Disconnect,
        LifespanFailed,
        ServerFailed,
        StallError,
        TestkitError,
        TestkitWarning,
        UsageError,
        UsageTypeError,
        UsageValueError,
        WebSocketDisconnect,
    )
    from asgi_testkit.httpx2.clients import AsyncTestClient, TestClient
    from asgi_testkit.httpx2.events import EventSource
    from asgi_testkit.httpx2.exchanges import AsyncExchange, Exchange
    from asgi_testkit.httpx2.serving import LiveServer, serve
    from asgi_testkit.httpx2.transports import ASGITransport, SyncASGITransport
    from asgi_testkit.httpx2.websockets import WebSocketDenialResponse
    from asgi_testkit.replacing.names import replace_testclient
    from asgi_testkit.report.text import Transcript
    from asgi_testkit.session.async_websocket import AsyncWebSocketSession
    from asgi_testkit.session.blocking_websocket import WebSocketSession

__all__ = (
    "ASGIRuleError",
    "ASGIRuleWarning",
    "ASGITaskLeakWarning",
    "ASGITransport",
    "AppFailed",
    "AsyncExchange",
    "AsyncTestClient",
    "AsyncWebSocketSession",
    "ClientDisconnectedError",
    "ClientStateError",
    "Disconnect",
    "EventSource",
    "Exchange",
    "LifespanFailed",
    "LifespanManager",
    "LiveServer",
    "ServerFailed",
    "StallError",
    "SyncASGITransport",
    "TestClient",
    "TestkitError",
    "TestkitWarning",
    "Transcript",
    "UsageError",
    "UsageTypeError",
    "UsageValueError",
    "Violation",
    "WebSocketDenialResponse",
    "WebSocketDisconnect",
    "WebSocketSession",
    "check",
    "replace_testclient",
    "serve",
)

__version__ = "0.1.0"

# Where each name lives; the same as above, and `tests/test_exports.py` compares them.
_HOMES: Final = {
    "ASGIRuleError": "asgi_testkit.errors",
    "ASGIRuleWarning": "asgi_testkit.errors",
    "ASGITaskLeakWarning": "asgi_testkit.errors",
    "AppFailed": "asgi_testkit.errors",
    "ASGITransport": "asgi_testkit.httpx2.transports",
    "AsyncExchange": "asgi_testkit.httpx2.exchanges",
    "AsyncTestClient": "asgi_testkit.httpx2.clients",
    "AsyncWebSocketSession": "asgi_testkit.session.async_websocket",
    "ClientDisconnectedError": "asgi_testkit.errors",
    "ClientStateError": "asgi_testkit.errors",
    "Disconnect": "asgi_testkit.errors",
    "EventSource": "asgi_testkit.httpx2.events",
    "Exchange": "asgi_testkit.httpx2.exchanges",
    "LifespanFailed": "asgi_testkit.errors",
    "LifespanManager": "asgi_testkit.client.manager",
    "LiveServer": "asgi_testkit.httpx2.serving",
    "ServerFailed": "asgi_testkit.errors",
    "StallError": "asgi_testkit.errors",
    "SyncASGITransport": "asgi_testkit.httpx2.transports",
    "TestClient": "asgi_testkit.httpx2.clients",
    "TestkitError": "asgi_testkit.errors",
    "TestkitWarning": "asgi_testkit.errors",
    "Transcript": "asgi_testkit.report.text",
    "UsageError": "asgi_testkit.errors",
    "UsageTypeError": "asgi_testkit.errors",
    "UsageValueError": "asgi_testkit.errors",
    "Violation": "asgi_testkit.checking.violation",
    "WebSocketDenialResponse": "asgi_testkit.httpx2.websockets",
    "WebSocketDisconnect": "asgi_testkit.errors",
    "WebSocketSession": "asgi_testkit.session.blocking_websocket",
    "check": "asgi_testkit.checking.run",
    "replace_testclient": "asgi_testkit.replacing.names",
    "serve": "asgi_testkit.httpx2.serving",
}

if not TYPE_CHECKING:  # a type checker that sees `__getattr__` takes any name for exported

    def __getattr__(name: str) -> object:
        """Import an exported name when it is first asked for (PEP 562)."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - only where something is asked for

        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
