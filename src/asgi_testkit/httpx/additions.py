"""What httpx2 has and httpx has not: server-sent events, `query`, and auth by a function.

Hand-written; the other modules of this folder use it where httpx2's adapter uses httpx2. The names,
parameters and results are httpx2's. Source: WHATWG HTML, "Server-sent events".
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

__all__ = (
    "SSE_OPTIONS",
    "AsyncClient",
    "Client",
    "EventSource",
    "FunctionAuth",
    "SSEError",
    "ServerSentEvent",
)

SSE_OPTIONS: Final = (
    *(
        name
        for name in inspect.signature(httpx.Client.stream).parameters
        if name not in ("self", "url")
    ),
    "max_event_size",
)
"""The names of what `sse` takes beside the URL."""

_MOST_EVENT_BYTES: Final = 1024 * 1024
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")
_TYPE: Final = "text/event-stream"
_SSE_HEADERS: Final = {"Accept": _TYPE, "Cache-Control": "no-store"}


class SSEError(httpx.TransportError):
    """A response is no stream of events, or an event is broken."""


@dataclass(frozen=True)
class ServerSentEvent:
    """One event.

    Attributes:
        id: the last that the stream has sent; empty if there was none.
        retry: milliseconds to wait before connecting again, where the event has set them.
    """

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None

    def json(self) -> Any:  # whatever JSON holds
        """Return the value that `data` is the JSON of."""
        return json.loads(self.data)


class EventSource:
    """The events of a streamed response.

    Args:
        response: what is read.
        max_event_size: bytes that one event may have; `None`: any number.

    Raises, on iteration:
        SSEError: the response is no event stream, or an event is too large.
    """

    def __init__(
        self, response: httpx.Response, max_event_size: int | None = _MOST_EVENT_BYTES
    ) -> None:
        self._response = response
        self._max_event_size = max_event_size

    @property
    def response(self) -> httpx.Response:
        """The response that is being read."""
        return self._response

    def __iter__(self) -> Iterator[ServerSentEvent]:
        __tracebackhide__ = True
        with self._known_request():
            parser = self._parser()
            for text in self._response.iter_text():
                yield from parser.feed(text)
            yield from parser.end()

    async def __aiter__(self) -> AsyncIterator[ServerSentEvent]:
        __tracebackhide__ = True
        with self._known_request():
            parser = self._parser()
            async for text in self._response.aiter_text():
                for event in parser.feed(text):
                    yield event
            for event in parser.end():
                yield event

    def _parser(self) -> _Parser:
        kind = self._response.headers.get("content-type", "").partition(";")[0].strip()
        if kind.lower() != _TYPE:
            raise SSEError(f"The response's content type is {kind!r}; {_TYPE!r} is wanted.")
        return _Parser(self._max_event_size)

    @contextmanager
    def _known_request(self) -> Generator[None]:
        """Let errors know their request, as all of httpx's do."""
        __tracebackhide__ = True
        try:
            yield
        except httpx.RequestError as error:
            error.request = self._response.request
            raise


class _Parser:
    """Makes events of text that comes in pieces."""

    def __init__(self, most_bytes: int | None) -> None:
        self._most_bytes = most_bytes
        self._rest = ""
        self._last_id = ""
        self._event_bytes = 0
        self._data: list[str] = []
        self._others: dict[str, Any] = {}
        self._has_field = False

    def feed(self, text: str) -> Iterator[ServerSentEvent]:
        """Yield the events that `text` completes."""
        text = self._rest + text
        held_back = "\r" if text.endswith("\r") else ""  # a line feed may follow
        *lines, rest = _LINE_ENDS.split(text.removesuffix("\r"))
        self._rest = rest + held_back
        yield from self._events(lines)
        self._check_size(len(rest.encode()))

    def end(self) -> Iterator[ServerSentEvent]:
        """Yield what the end of the stream completes; the rest of an event is dropped."""
        rest, self._rest = self._rest, ""
        yield from self._events(_LINE_ENDS.split(rest) if rest else [])

    def _events(self, lines: list[str]) -> Iterator[ServerSentEvent]:
        for line in lines:
            if line:
                self._take(line)
                continue
            self._event_bytes = 0
            if self._has_field:
                yield self._event()

    def _event(self) -> ServerSentEvent:
        event = ServerSentEvent(data="\n".join(self._data), id=self._last_id, **self._others)
        self._data, self._others, self._has_field = [], {}, False
        return event

    def _take(self, line: str) -> None:
        """Note a line that is not empty; what is no field is passed over."""
        if line.startswith(":"):
            return
        self._event_bytes += len(line.encode())
        self._check_size()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._others["event"] = value or "message"
            case "id" if "\0" not in value:
                self._last_id = value
            case "retry" if (milliseconds := _as_int(value)) is not None:
                self._others["retry"] = milliseconds
            case _:
                return
        self._has_field = True

    def _check_size(self, more_bytes: int = 0) -> None:
        if self._most_bytes is not None and self._event_bytes + more_bytes > self._most_bytes:
            raise SSEError(f"An event of the stream exceeded the {self._most_bytes} byte limit.")


def _as_int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


class FunctionAuth(httpx.Auth):
    """Auth by a function that gets the request and returns it changed."""

    def __init__(self, function: Callable[[httpx.Request], httpx.Request]) -> None:
        self._function = function

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Yield what the function returns."""
        yield self._function(request)


class Client(httpx.Client):
    """`httpx.Client` with `query` and `sse`."""

    def query(self, url: httpx.URL | str, **options: Any) -> httpx.Response:
        """Send a QUERY request; the options are those of `request`."""
        __tracebackhide__ = True
        return self.request("QUERY", url, **options)

    @contextmanager
    def sse(self, url: httpx.URL | str, **options: Any) -> Generator[EventSource]:
        """Connect to a stream of server-sent events; see `SSE_OPTIONS`."""
        method, parts, size = _sorted_options(options)
        with self.stream(method, url, **parts) as response:
            yield EventSource(response, **size)


class AsyncClient(httpx.AsyncClient):
    """`httpx.AsyncClient` with `query` and `sse`."""

    async def query(self, url: httpx.URL | str, **options: Any) -> httpx.Response:
        """Send a QUERY request; the options are those of `request`."""
        __tracebackhide__ = True
        return await self.request("QUERY", url, **options)

    @asynccontextmanager
    async def sse(self, url: httpx.URL | str, **options: Any) -> AsyncGenerator[EventSource]:
        """Connect to a stream of server-sent events; see `SSE_OPTIONS`."""
        method, parts, size = _sorted_options(options)
        async with self.stream(method, url, **parts) as response:
            yield EventSource(response, **size)


def _sorted_options(options: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the method, what the request takes, and what the parser takes."""
    parts = dict(options)
    size = {name: parts.pop(name) for name in ("max_event_size",) if name in parts}
    headers = httpx.Headers(_SSE_HEADERS)
    headers.update(parts.pop("headers", None))
    return parts.pop("method", "GET"), {**parts, "headers": headers}, size
