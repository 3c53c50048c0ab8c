"""The chat in the double-callable form of ASGI 2: a class made per scope, then called.

What it does is the ASGI 3 chat's; this module changes only how it is called.
"""

from __future__ import annotations

from asgi_testkit.types import Receive, Scope, Send
from tests.apps.raw import App

from .chat import Notes
from .raw3_app import create_app as create_asgi3_app

__all__ = ("create_app",)


def create_app(notes: Notes) -> type[_Chat]:
    """Return a new chat that writes into `notes`."""

    class Chat(_Chat):
        answer = staticmethod(create_asgi3_app(notes))

    return Chat


class _Chat:
    answer: App

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await self.answer(self.scope, receive, send)
