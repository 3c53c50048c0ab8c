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
    ClientStateError,
    LifespanFailed,
    StallError,
    TestkitError,
    TestkitWarning,
    UsageError,
    UsageTypeError,
    UsageValueError,
)
from asgi_testkit.httpx2 import ASGITransport, AsyncTestClient, SyncASGITransport, TestClient
from asgi_testkit.report.text import Transcript

__all__ = (
    "ASGIRuleError",
    "ASGIRuleWarning",
    "ASGITaskLeakWarning",
    "ASGITransport",
    "AsyncTestClient",
    "ClientStateError",
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
)

__version__ = "0.1.0"
