"""The stream of a response that was read already: of one kind, as httpx2's, and it knows how long.

Newer releases look for `elapsed` there, so that copies of a response, which have no stream, have
none; older ones keep it in the response.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Final, TypeAlias

import httpx2

__all__ = ("AsyncSpentStream", "SpentStream", "SyncSpentStream", "note_elapsed")


class SyncSpentStream(httpx2.SyncByteStream):
    """The stream of a blocking client's response."""

    elapsed: dt.timedelta | None = None

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body


class AsyncSpentStream(httpx2.AsyncByteStream):
    """The stream of an async client's response."""

    elapsed: dt.timedelta | None = None

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


SpentStream: TypeAlias = SyncSpentStream | AsyncSpentStream


def note_elapsed(response: httpx2.Response, seconds: float) -> None:
    """Say how long a response took, where this release of httpx2 looks for it."""
    elapsed = dt.timedelta(seconds=seconds)
    if _IS_IN_STREAM:
        response.stream.elapsed = elapsed  # type: ignore[union-attr]
    else:
        response.elapsed = elapsed


def _is_in_stream() -> bool:
    stream = SyncSpentStream(b"")
    stream.elapsed = dt.timedelta()
    try:
        return httpx2.Response(200, stream=stream).elapsed is stream.elapsed
    except RuntimeError:
        return False


_IS_IN_STREAM: Final = _is_in_stream()
