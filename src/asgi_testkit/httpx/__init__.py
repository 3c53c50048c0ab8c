"""The adapter for httpx 0.28: the same clients and transports, whose types are httpx's own.

Needs `pip install "asgi-testkit[httpx]"`. The modules beside this one are generated from those of
`asgi_testkit.httpx2`; `additions.py` has what httpx has not. After `httpx2.alias_httpx()` httpx is
httpx2, and this is `asgi_testkit.httpx2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    import httpx
except ImportError as error:
    raise ImportError(
        'asgi_testkit.httpx needs httpx, which is not installed: pip install "asgi-testkit[httpx]"',
        name=error.name,
    ) from error

if TYPE_CHECKING or httpx.__name__ == "httpx":
    from asgi_testkit.httpx.additions import ServerSentEvent, SSEError
    from asgi_testkit.httpx.clients import AsyncTestClient, TestClient
    from asgi_testkit.httpx.events import EventSource
    from asgi_testkit.httpx.exchanges import AsyncExchange, Exchange
    from asgi_testkit.httpx.transports import ASGITransport, SyncASGITransport
    from asgi_testkit.httpx.websockets import WebSocketDenialResponse
else:
    from httpx import ServerSentEvent, SSEError

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

__all__ = (
    "ASGITransport",
    "AsyncExchange",
    "AsyncTestClient",
    "EventSource",
    "Exchange",
    "SSEError",
    "ServerSentEvent",
    "SyncASGITransport",
    "TestClient",
    "WebSocketDenialResponse",
)
