"""The types of ASGI itself: what an application, a scope and a message are.

Nothing here imports from this package. Source: ASGI 3.0, "Applications" and "Events".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

__all__ = ("ASGI2App", "ASGI3App", "ASGIApp", "HeaderPairs", "Message", "Receive", "Scope", "Send")

# ASGI leaves the values of scopes and messages open, hence `Any`.
Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

# Frameworks type their scope, `receive` and `send` each in a way of their own; only `Any`
# in the three places accepts all of them.
ASGI3App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
ASGI2App: TypeAlias = Callable[[Any], Callable[[Any, Any], Awaitable[None]]]
ASGIApp: TypeAlias = ASGI3App | ASGI2App

HeaderPairs: TypeAlias = list[tuple[bytes, bytes]]
