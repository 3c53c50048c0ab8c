"""The adapter for httpx2: `TestClient`, `AsyncTestClient` and the two transports.

The only folder that imports httpx2, by its public names. Requests are translated to the protocol's
values and responses back; everything else of a client is httpx2's own.
"""

from __future__ import annotations

from asgi_testkit.httpx2.clients import AsyncTestClient, TestClient
from asgi_testkit.httpx2.events import EventSource
from asgi_testkit.httpx2.exchanges import AsyncExchange, Exchange
from asgi_testkit.httpx2.transports import ASGITransport, SyncASGITransport
from asgi_testkit.httpx2.websockets import WebSocketDenialResponse

__all__ = (
    "ASGITransport",
    "AsyncExchange",
    "AsyncTestClient",
    "EventSource",
    "Exchange",
    "SyncASGITransport",
    "TestClient",
    "WebSocketDenialResponse",
)
