"""The WebSocket sessions that httpx2 brings itself."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any

import httpx2
from httpx2.websockets import WebSocketDisconnect, WebSocketUpgradeError

__all__ = ("WebSocketDisconnect", "WebSocketUpgradeError", "connect", "connect_async")


def connect(client: httpx2.Client, url: str, **options: Any) -> AbstractContextManager[Any]:
    return httpx2.Client.websocket(client, url, **options)


def connect_async(
    client: httpx2.AsyncClient, url: str, **options: Any
) -> AbstractAsyncContextManager[Any]:
    return httpx2.AsyncClient.websocket(client, url, **options)
