"""Django's threads: thread-sensitive code of the app is run by the thread that waits for it.

The only module that imports asgiref; used for Django apps, whose users have it. An executor is
registered for a `ThreadSensitiveContext` of its own, which is what `sync_to_async` looks for.
"""

from __future__ import annotations

from asgi_testkit.drive.errands import Errands
from asgi_testkit.types import ASGI3App, Receive, Scope, Send

__all__ = ("ThreadSensitiveErrands", "with_errands")


class ThreadSensitiveErrands(Errands):
    """Errands that leave no trace of the app's loop in the caller's thread.

    asgiref notes the loop in the thread that runs thread-sensitive code; a later `async_to_sync`
    of the test would wait there for ever.
    """

    def run_waiting(self) -> None:
        """Run all that is queued, in the calling thread."""
        from asgiref.sync import SyncToAsync  # noqa: PLC0415 - only Django apps have it

        notes = vars(SyncToAsync.threadlocal)
        before = notes.copy()
        try:
            super().run_waiting()
        finally:
            notes.clear()
            notes.update(before)


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
