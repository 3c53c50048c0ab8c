"""A test client for ASGI apps: blocking and async, streaming both ways, for any framework.

`TestClient` and `AsyncTestClient` are httpx2's clients with an app behind them instead of a
network. `docs/architecture.md` shows how the package is built.
"""

from __future__ import annotations

from asgi_testkit.client.manager import LifespanManager
from asgi_testkit.errors import (
    ASGIRuleError,
    ASGIRuleWarning,
    ASGITaskLeakWarning,
    ClientDisconnectedError,
    ClientStateError,
    LifespanFailed,
    StallError,
    TestkitError,
    TestkitWarning,
    UsageError,
    UsageTypeError,
    UsageValueError,
    WebSocketDisconnect,
)
from asgi_testkit.httpx2 import (
    ASGITransport,
    AsyncExchange,
    AsyncTestClient,
    EventSource,
    Exchange,
    SyncASGITransport,
    TestClient,
    WebSocketDenialResponse,
)
from asgi_testkit.report.text import Transcript
from asgi_testkit.session.async_websocket import AsyncWebSocketSession
from asgi_testkit.session.blocking_websocket import WebSocketSession

Disconnect = WebSocketDisconnect
"""`WebSocketDisconnect`, by the name that the first generation of Starlette's users knows."""

__all__ = (
    "ASGIRuleError",
    "ASGIRuleWarning",
    "ASGITaskLeakWarning",
    "ASGITransport",
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
    "StallError",
    "SyncASGITransport",
    "TestClient",
    "TestkitError",
    "TestkitWarning",
    "Transcript",
    "UsageError",
    "UsageTypeError",
    "UsageValueError",
    "WebSocketDenialResponse",
    "WebSocketDisconnect",
    "WebSocketSession",
)

__version__ = "0.1.0"
