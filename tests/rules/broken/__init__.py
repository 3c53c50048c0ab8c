"""Apps that break rules, one module for each group of rules."""

from __future__ import annotations

from tests.rules.broken import (
    http_extensions,
    http_failures,
    http_fields,
    http_headers,
    http_lengths,
    http_messages,
    http_order,
    http_servers,
    lifespan,
    websocket,
    websocket_closes,
    websocket_denials,
    websocket_servers,
)

__all__ = (
    "http_extensions",
    "http_failures",
    "http_fields",
    "http_headers",
    "http_lengths",
    "http_messages",
    "http_order",
    "http_servers",
    "lifespan",
    "websocket",
    "websocket_closes",
    "websocket_denials",
    "websocket_servers",
)
