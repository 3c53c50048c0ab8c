"""Server-sent events: httpx2's parser, its input checked, and connecting again.

Source: WHATWG HTML, "Server-sent events". httpx2 passes over what the standard passes over; a test
wants to know of it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import httpx2

from asgi_testkit.drive.driver import finish
from asgi_testkit.protocol.exchange import cut

__all__ = ("EventSource", "Reconnection", "StreamCheck", "parser_options")

_FIELDS: Final = frozenset({"data", "event", "id", "retry"})
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")
_NO_CONTENT: Final = 204
_TYPE: Final = "text/event-stream"

Connect: TypeAlias = Callable[[httpx2.Headers], Awaitable[httpx2.Response]]
Pause: TypeAlias = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reconnection:
    """How an event source connects again.

    Attributes:
        times: how often.
        headers: what the first request had beside the client's headers.
        connect: makes the request anew, with such headers.
        pause: waits so many seconds, in which the app goes on.
    """

    times: int
    headers: httpx2.Headers
    connect: Connect
    pause: Pause


class EventSource(httpx2.EventSource):
    """A stream of server-sent events, as the app sends them.

    Raises, on iteration:
        httpx2.SSEError: the response is no event stream, or an event is broken.
        StallError: the app sends nothing for too long; also httpx2's `ReadTimeout`.
        BaseException: the app's own exception, as it was raised.
    """

    def __init__(
        self,
        response: httpx2.Response,
        reconnection: Reconnection,
        *,
        is_strict: bool,
        **options: Any,  # httpx2's: max_event_size
    ) -> None:
        super().__init__(response, **options)
        self._current = response
        self._reconnection = reconnection
        self._reconnects_left = reconnection.times
        self._is_strict = is_strict
        self._options = options
        self._retry_milliseconds = 0
        self._last_event_id = ""
        self._streams: list[AsyncGenerator[httpx2.ServerSentEvent]] = []

    @property
    def response(self) -> httpx2.Response:
        """The response that is being read."""
        return self._current

    @property
    def last_event_id(self) -> str:
        """The id of the last event that had one; sent when it connects again."""
        return self._last_event_id

    def __iter__(self) -> Iterator[httpx2.ServerSentEvent]:
        __tracebackhide__ = True
        while True:
            for event in self._parser():
                yield self._noted(event)
            if not self._may_reconnect():
                return
            finish(self._reconnect())

    def __aiter__(self) -> AsyncIterator[httpx2.ServerSentEvent]:
        stream = self._events()
        self._streams.append(stream)
        return stream

    async def aclose(self) -> None:
        """Close the response, and unwind the iterations over it that were left in the middle."""
        self._reconnects_left = 0
        try:
            await self._current.aclose()
        finally:
            for stream in self._streams:
                with suppress(RuntimeError, httpx2.TransportError):
                    async for _ in stream:
                        pass

    async def _events(self) -> AsyncGenerator[httpx2.ServerSentEvent]:
        __tracebackhide__ = True
        while True:
            async for event in self._parser():
                yield self._noted(event)
            if not self._may_reconnect():
                return
            await self._reconnect()

    def _parser(self) -> httpx2.EventSource:
        _check_type(self._current)
        checked = _CheckedResponse(self._current, is_strict=self._is_strict)
        return httpx2.EventSource(cast("httpx2.Response", checked), **self._options)

    def _noted(self, event: httpx2.ServerSentEvent) -> httpx2.ServerSentEvent:
        self._last_event_id = event.id or self._last_event_id
        if event.retry is not None:
            self._retry_milliseconds = event.retry
        return event

    def _may_reconnect(self) -> bool:
        return self._reconnects_left > 0 and self._current.status_code != _NO_CONTENT

    async def _reconnect(self) -> None:
        __tracebackhide__ = True
        self._reconnects_left -= 1
        reconnection = self._reconnection
        if self._retry_milliseconds:
            await reconnection.pause(self._retry_milliseconds / 1000)
        headers = httpx2.Headers(reconnection.headers)
        if self._last_event_id:
            headers["last-event-id"] = self._last_event_id
        self._current = await reconnection.connect(headers)


class StreamCheck:
    """Decodes a stream and looks at its lines, one after another.

    Args:
        is_strict: `False`: pass over what httpx2 and browsers pass over.
    """

    def __init__(self, *, is_strict: bool) -> None:
        self._is_strict = is_strict
        errors = "strict" if is_strict else "replace"
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors)
        self._rest = ""
        self._line_number = 0
        self._is_amid_an_event = False

    def decode(self, piece: bytes, *, is_last: bool = False) -> str:
        """Return a piece as text.

        Raises:
            httpx2.SSEError: it is not UTF-8.
        """
        try:
            return self._decoder.decode(piece, is_last)
        except UnicodeDecodeError as error:
            raise httpx2.SSEError(
                f"After line {self._line_number} the event stream is not UTF-8: {cut(piece)}."
            ) from error

    def look_at(self, text: str) -> None:
        """Look at all lines that are whole.

        Raises:
            httpx2.SSEError: a line is no field, no comment and not empty.
        """
        if not self._is_strict:
            return
        *lines, self._rest = _LINE_ENDS.split(self._rest + text)
        for line in lines:
            self._look_at_line(line)

    def look_at_end(self) -> None:
        """Look at what is left.

        Raises:
            httpx2.SSEError: the stream ends amid an event, which browsers drop.
        """
        if not self._is_strict:
            return
        if self._rest:
            self._look_at_line(self._rest)
        if self._is_amid_an_event:
            raise httpx2.SSEError(
                f"The event stream ends after line {self._line_number} amid an event, which"
                " browsers drop.\nAn event ends with an empty line: send two line ends after it."
            )

    def _look_at_line(self, line: str) -> None:
        self._line_number += 1
        name, _, value = line.partition(":")
        if line and name and name not in _FIELDS:
            self._refuse(line, "begins with no field")
        if name == "retry" and not value.strip(" ").isdecimal():
            self._refuse(line, "holds no number of milliseconds")
        if name == "id" and "\0" in value:
            self._refuse(line, "holds a NUL")
        if name or not line:  # a comment changes nothing
            self._is_amid_an_event = bool(line)

    def _refuse(self, line: str, why: str) -> None:
        raise httpx2.SSEError(
            f"Line {self._line_number} of the event stream {why}: {cut(line)}. Browsers pass over"
            " it.\nA line is 'data: ...', 'event: ...', 'id: ...', 'retry: <milliseconds>', a"
            " comment that begins with ':', or empty."
        )


class _CheckedResponse:
    """As much of a response as httpx2's event source reads, with its text checked."""

    def __init__(self, response: httpx2.Response, *, is_strict: bool) -> None:
        self.headers = response.headers
        self.request = response.request
        self._response = response
        self._check = StreamCheck(is_strict=is_strict)

    def iter_text(self) -> Iterator[str]:
        __tracebackhide__ = True
        for piece in self._response.iter_bytes():
            text = self._check.decode(piece)
            yield text
            self._check.look_at(text)
        self._check.decode(b"", is_last=True)
        self._check.look_at_end()

    async def aiter_text(self) -> AsyncIterator[str]:
        __tracebackhide__ = True
        async for piece in self._response.aiter_bytes():
            text = self._check.decode(piece)
            yield text
            self._check.look_at(text)
        self._check.decode(b"", is_last=True)
        self._check.look_at_end()


def _check_type(response: httpx2.Response) -> None:
    """Refuse what is no event stream, showing its beginning where it is there already."""
    kind = response.headers.get("content-type", "")
    if response.status_code == _NO_CONTENT or kind.partition(";")[0].strip().lower() == _TYPE:
        return
    target = f"{response.request.method} {response.request.url.path}"
    raise httpx2.SSEError(
        f"{target} answered {response.status_code} with content type {kind!r}; an event stream has"
        f" {_TYPE!r}.\nIts body is in 'events.response'."
    )


def parser_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those options of `sse` that are not the request's."""
    return {name: options[name] for name in ("max_event_size",) if name in options}
