"""The shop in the double-callable form of ASGI 2: a class made per scope, then called.

What is answered is the ASGI 3 shop's; this module changes only how it is called.
"""

from __future__ import annotations

from .raw3_app import ASGIApp, Receive, Scope, Send
from .raw3_app import create_app as create_asgi3_app

__all__ = ("create_app",)


def create_app(log: list[str]) -> type[_Shop]:
    """Return a new shop that appends "startup" and "shutdown" to `log`."""

    class Shop(_Shop):
        answer = staticmethod(create_asgi3_app(log))

    return Shop


class _Shop:
    answer: ASGIApp

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await self.answer(self.scope, receive, send)
