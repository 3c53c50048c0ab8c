# Generated from src/asgi_testkit/httpx2/events.py by scripts/write_httpx.py.
"""Server-sent events: httpx's parser, its input checked, and connecting again.

Source: WHATWG HTML, "Server-sent events". httpx passes over what the standard passes over; a test
wants to know of it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final, Self, TypeAlias, cast

import httpx

from asgi_testkit.drive.driver import finish
from asgi_testkit.errors import UsageTypeError, UsageValueError
from asgi_testkit.httpx import additions
from asgi_testkit.protocol.violation_text import cut

__all__ = ("EventSource", "Reconnection", "StreamCheck", "check_events_options", "parser_options")

_FIELDS: Final = frozenset({"data", "event", "id", "retry"})
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")
_DIGITS: Final = re.compile("[0-9]+")
_NO_CONTENT: Final = 204
_TYPE: Final = "text/event-stream"

Connect: TypeAlias = Callable[[httpx.Headers], Awaitable[httpx.Response]]
_Events: TypeAlias = AsyncGenerator[additions.ServerSentEvent]
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
    headers: httpx.Headers
    connect: Connect
    pause: Pause


class EventSource(additions.EventSource):
    """A stream of server-sent events, as the app sends them; iterate, or take the `next`.

    Raises, on iteration:
        additions.SSEError: the response is no event stream, or an event is broken.
        StallError: the app sends nothing for too long; also httpx's `ReadTimeout`.
        BaseException: the app's own exception, as it was raised.
    """

    def __init__(
        self,
        response: httpx.Response,
        reconnection: Reconnection,
        *,
        is_strict: bool,
        **options: Any,  # httpx's: max_event_size
    ) -> None:
        super().__init__(response, **options)
        self._current = response
        self._reconnection = reconnection
        self._reconnects_left = reconnection.times
        self._is_strict = is_strict
        self._options = options
        self._retry_milliseconds = 0
        self._last_event_id = ""
        self._has_id = False  # this stream has sent one
        self._blocking_events: Iterator[additions.ServerSentEvent] | None = None
        self._async_events: AsyncGenerator[additions.ServerSentEvent] | None = None

    @property
    def response(self) -> httpx.Response:
        """The response that is being read."""
        return self._current

    @property
    def last_event_id(self) -> str:
        """The id of the last event that had one; sent when it connects again."""
        return self._last_event_id

    def __iter__(self) -> Self:
        """Iterate over the events; after a `break` it goes on where it stopped."""
        return self

    def __next__(self) -> additions.ServerSentEvent:
        """Return the next event."""
        __tracebackhide__ = True
        if self._blocking_events is None:
            self._blocking_events = self._read()
        return next(self._blocking_events)

    def __aiter__(self) -> Self:
        """Iterate over the events; after a `break` it goes on where it stopped."""
        return self

    async def __anext__(self) -> additions.ServerSentEvent:
        """Return the next event."""
        __tracebackhide__ = True
        if self._async_events is None:
            self._async_events = self._aread()
        return await anext(self._async_events)

    async def aclose(self) -> None:
        """Close the response, and unwind an iteration over it that was left in the middle.

        Its generators lie in one another, and closing the outermost would leave the others to
        the garbage collector: so it goes on to its end, which is now.
        """
        self._reconnects_left = 0
        try:
            await self._current.aclose()
        finally:
            with suppress(RuntimeError, httpx.TransportError, StopAsyncIteration):
                while self._async_events is not None:
                    await anext(self._async_events)

    def _read(self) -> Iterator[additions.ServerSentEvent]:
        __tracebackhide__ = True
        while self._current.status_code != _NO_CONTENT:
            checked = cast("httpx.Response", self._checked())
            for event in additions.EventSource(checked, **self._options):
                yield self._noted(event)
            if self._reconnects_left <= 0:
                return
            finish(self._reconnect())

    async def _aread(self) -> AsyncGenerator[additions.ServerSentEvent]:
        __tracebackhide__ = True
        while self._current.status_code != _NO_CONTENT:
            checked = self._checked()
            parser = aiter(additions.EventSource(cast("httpx.Response", checked), **self._options))
            # httpx's parser leaves what it reads open when it raises, and trio warns of that.
            async with aclosing(checked), aclosing(cast("_Events", parser)) as events:
                async for event in events:
                    yield self._noted(event)
            if self._reconnects_left <= 0:
                return
            await self._reconnect()

    def _checked(self) -> _CheckedResponse:
        _check_type(self._current)
        self._has_id = False
        return _CheckedResponse(self._current, is_strict=self._is_strict)

    def _noted(self, event: additions.ServerSentEvent) -> additions.ServerSentEvent:
        self._has_id = self._has_id or bool(event.id)
        if self._has_id:  # an empty id is no missing one any more: it was sent, to reset the last
            self._last_event_id = event.id
        if event.retry is not None:
            self._retry_milliseconds = event.retry
        return event

    async def _reconnect(self) -> None:
        __tracebackhide__ = True
        self._reconnects_left -= 1
        reconnection = self._reconnection
        if self._retry_milliseconds:
            await reconnection.pause(self._retry_milliseconds / 1000)
        headers = httpx.Headers(reconnection.headers)
        if self._last_event_id:
            headers["last-event-id"] = self._last_event_id
        self._current = await reconnection.connect(headers)


class StreamCheck:
    """Decodes a stream and looks at its lines, one after another.

    Args:
        is_strict: `False`: pass over what httpx and browsers pass over.
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
            additions.SSEError: it is not UTF-8.
        """
        try:
            return self._decoder.decode(piece, is_last)
        except UnicodeDecodeError as error:
            raise additions.SSEError(
                f"After line {self._line_number} the event stream is not UTF-8: {cut(piece)}."
            ) from error

    def look_at(self, text: str) -> None:
        """Look at all lines that are whole.

        Raises:
            additions.SSEError: a line is no field, no comment and not empty.
        """
        if not self._is_strict:
            return
        text = self._rest + text
        cut_end = "\r" if text.endswith("\r") else ""  # a line feed may follow
        *lines, rest = _LINE_ENDS.split(text.removesuffix("\r"))
        self._rest = rest + cut_end
        for line in lines:
            self._look_at_line(line)

    def look_at_end(self) -> None:
        """Look at what is left.

        Raises:
            additions.SSEError: the stream ends amid an event, which browsers drop.
        """
        if not self._is_strict:
            return
        for line in self._rest.splitlines():
            self._look_at_line(line)
        if self._is_amid_an_event:
            raise additions.SSEError(
                f"The event stream ends after line {self._line_number} amid an event, which"
                " browsers drop.\nAn event ends with an empty line: send two line ends after it."
            )

    def _look_at_line(self, line: str) -> None:
        self._line_number += 1
        name, _, value = line.partition(":")
        if line and name and name not in _FIELDS:
            self._refuse(line, "begins with no field")
        if name == "retry" and not _DIGITS.fullmatch(value.removeprefix(" ")):
            self._refuse(line, "holds no number of milliseconds")
        if name == "id" and "\0" in value:
            self._refuse(line, "holds a NUL")
        if name or not line:  # a comment changes nothing
            self._is_amid_an_event = bool(line)

    def _refuse(self, line: str, why: str) -> None:
        raise additions.SSEError(
            f"Line {self._line_number} of the event stream {why}: {cut(line)}. Browsers pass over"
            " it.\nA line is 'data: ...', 'event: ...', 'id: ...', 'retry: <milliseconds>', a"
            " comment that begins with ':', or empty."
        )


class _CheckedResponse:
    """As much of a response as httpx's event source reads, with its text checked."""

    def __init__(self, response: httpx.Response, *, is_strict: bool) -> None:
        self.headers = response.headers
        self.request = response.request
        self._response = response
        self._check = StreamCheck(is_strict=is_strict)
        self._texts: AsyncGenerator[str] | None = None

    async def aclose(self) -> None:
        """Close what httpx's parser was reading."""
        if self._texts is not None:
            await self._texts.aclose()

    def iter_text(self) -> Iterator[str]:
        __tracebackhide__ = True
        for piece in self._response.iter_bytes():
            text = self._check.decode(piece)
            yield text
            self._check.look_at(text)
        self._check.decode(b"", is_last=True)
        self._check.look_at_end()

    def aiter_text(self) -> AsyncIterator[str]:
        self._texts = self._aiter_text()
        return self._texts

    async def _aiter_text(self) -> AsyncGenerator[str]:
        __tracebackhide__ = True
        async with aclosing(cast("AsyncGenerator[bytes]", self._response.aiter_bytes())) as pieces:
            async for piece in pieces:
                text = self._check.decode(piece)
                yield text
                self._check.look_at(text)
        self._check.decode(b"", is_last=True)
        self._check.look_at_end()


def _check_type(response: httpx.Response) -> None:
    """Refuse what is no event stream."""
    kind = response.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() == _TYPE:
        return
    target = f"{response.request.method} {response.request.url.path}"
    raise additions.SSEError(
        f"{target} answered {response.status_code} with content type {kind!r}; an event stream has"
        f" {_TYPE!r}.\nIts body is in 'events.response'."
    )


def check_events_options(reconnects: object, options: Mapping[str, Any]) -> None:
    """Refuse what `sse` cannot take.

    Raises:
        UsageError: `reconnects` is no number from 0 up, or an option is not known.
    """
    if isinstance(reconnects, bool) or not isinstance(reconnects, int) or reconnects < 0:
        raise UsageValueError(f"reconnects is {reconnects!r}; a number from 0 up is wanted.")
    known = additions.SSE_OPTIONS
    for name in options:
        if name not in known:
            raise UsageTypeError(f"sse() got {name!r}. It takes: {', '.join(known)}, reconnects.")


def parser_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return those options of `sse` that are not the request's."""
    return {name: options[name] for name in ("max_event_size",) if name in options}
