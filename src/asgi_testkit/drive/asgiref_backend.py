"""Django's threads: thread-sensitive code of the app is run by the thread that waits for it.

The only module that imports asgiref; used for Django apps, whose users have it. An executor is
registered for a `ThreadSensitiveContext` of its own, which is what `sync_to_async` looks for.
"""

from __future__ import annotations

from asgi_testkit.drive.errands import Errands
from asgi_testkit.types import ASGI3App, Receive, Scope, Send

__all__ = ("with_errands",)


def with_errands(app: ASGI3App, errands: Errands) -> ASGI3App:
    """Return `app` with its thread-sensitive code handed to `errands`."""
    from asgiref.sync import (  # noqa: PLC0415 - only Django apps have it
        AsyncToSync,
        SyncToAsync,
        ThreadSensitiveContext,
    )

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        context = ThreadSensitiveContext()
        SyncToAsync.context_to_thread_executor[context] = errands
        SyncToAsync.thread_sensitive_context.set(context)
        AsyncToSync.executors.current = None
        await app(scope, receive, send)

    return call
