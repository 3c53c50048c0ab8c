# Generated from src/asgi_testkit/httpx2/bodies.py by scripts/write_httpx.py.
"""Streamed response bodies, as httpx reads them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator

import httpx

from asgi_testkit.drive.driver import finish
from asgi_testkit.httpx.values import Translator, translated
from asgi_testkit.session.http import HTTPSession

__all__ = ("AsyncBody", "SyncBody")


class SyncBody(httpx.SyncByteStream):
    """A streamed response body for blocking readers."""

    def __init__(
        self, session: HTTPSession, translator: Translator, request: httpx.Request
    ) -> None:
        self._session = session
        self._translator = translator
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        __tracebackhide__ = True
        with translated(self._request):
            session = self._session
            while (piece := session.take_piece() or finish(session.next_piece())) is not None:
                yield piece

    def close(self) -> None:
        """Wait for the app where the response is whole, and leave it where it is not.

        Where a reader has left its loop by `break`, Python closes the generator that it has
        iterated over, and throws away what is raised there: that is kept until somebody can see it.
        """
        __tracebackhide__ = True
        is_thrown_away = isinstance(sys.exception(), GeneratorExit)
        try:
            with translated(self._request):
                finish(self._session.close())
        except BaseException as error:
            if not is_thrown_away:
                raise
            self._translator.host.late_failures.append(error)
        self._translator.closed(self._session)


class AsyncBody(httpx.AsyncByteStream):
    """A streamed response body for async readers."""

    def __init__(
        self, session: HTTPSession, translator: Translator, request: httpx.Request
    ) -> None:
        self._session = session
        self._translator = translator
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        __tracebackhide__ = True
        with translated(self._request):
            session = self._session
            while (piece := session.take_piece() or await session.next_piece()) is not None:
                yield piece

    async def aclose(self) -> None:
        """Wait for the app where the response is whole, and leave it where it is not."""
        __tracebackhide__ = True
        with translated(self._request):
            await self._session.close()
        self._translator.closed(self._session)
