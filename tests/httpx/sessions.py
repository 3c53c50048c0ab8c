"""The WebSocket sessions that httpx-ws has for httpx's clients."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any

import httpx
from httpx_ws import WebSocketDisconnect, WebSocketUpgradeError, aconnect_ws, connect_ws

__all__ = ("WebSocketDisconnect", "WebSocketUpgradeError", "connect", "connect_async")


def connect(client: httpx.Client, url: str, **options: Any) -> AbstractContextManager[Any]:
    return connect_ws(url, client, **options)


def connect_async(
    client: httpx.AsyncClient, url: str, **options: Any
) -> AbstractAsyncContextManager[Any]:
    return aconnect_ws(url, client, **options)
