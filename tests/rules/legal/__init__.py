"""Legal apps that a careless check would reject."""

from __future__ import annotations

from tests.rules.legal import http, lifespan, websocket

__all__ = ("http", "lifespan", "websocket")
