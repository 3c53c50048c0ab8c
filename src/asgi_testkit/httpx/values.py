# Generated from src/asgi_testkit/httpx2/values.py by scripts/write_httpx.py.
"""Translation: httpx's requests to the protocol's values, and what comes back to httpx's.

No waiting here: transports do that.
"""

from __future__ import annotations

import weakref
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import httpx

from asgi_testkit.client.host import AppHost
from asgi_testkit.client.options import AppOptions
from asgi_testkit.errors import StallError, UsageTypeError, UsageValueError
from asgi_testkit.protocol.http_events import ResponseCutError, ResponseStart
from asgi_testkit.protocol.request_body import PIECE_BYTES
from asgi_testkit.protocol.scope import HTTPRequest
from asgi_testkit.session.body import BodyPieces
from asgi_testkit.session.http import HTTPSession, Limits
from asgi_testkit.session.websocket import WebSocketLine

__all__ = (
    "FAILURES",
    "REPLAY",
    "WHOLE",
    "ResponseFacts",
    "StallReadTimeoutError",
    "StallWriteTimeoutError",
    "Translator",
    "as_http_request",
    "as_httpx_error",
    "is_small_form",
    "raise_with_request",
    "silence_of",
    "translated",
    "unmark",
    "unmarked",
)

WHOLE: Final = "asgi_testkit.whole"
"""The request extension by which our clients tell their transport that nobody streams."""


REPLAY: Final = "asgi_testkit.replay"
"""The request extension that holds a finished call, for httpx's own code to go on with."""


class _HTTPStallError(StallError, httpx.TimeoutException):
    """A stall that knows its request, as all errors of httpx."""

    def __init__(self, stall: StallError, request: httpx.Request) -> None:
        super().__init__(str(stall), report=stall.report, kind=stall.kind)
        self.request = request


class StallReadTimeoutError(_HTTPStallError, httpx.ReadTimeout):
    """A stall that httpx's users catch as `ReadTimeout`."""


class StallWriteTimeoutError(_HTTPStallError, httpx.WriteTimeout):
    """A stall that httpx's users catch as `WriteTimeout`."""


_SCHEMES: Final = {"http": "http", "https": "https"}
_HANDSHAKE_SCHEMES: Final = {**_SCHEMES, "ws": "http", "wss": "https"}
_STALLS: Final = {"read": StallReadTimeoutError, "write": StallWriteTimeoutError}

FAILURES: Final = (ResponseCutError, StallError, httpx.RequestError)
"""What a call of the app may raise that has to know its request, in httpx's eyes."""


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """What the engine knows of a response: `response.extensions["asgi_testkit"]`, where it is.

    Attributes:
        exception: what the app raised, while `raise_server_exceptions=False` shows the wire; for a
            WebSocket that the app has closed instead of accepting: the `WebSocketDisconnect`.
    """

    exception: BaseException


_FORM_BODY: Final = type(httpx.Request("POST", "http://testserver", files={"file": b""}).stream)
"""The class of the bodies that httpx makes of files; it has no public name."""


def is_small_form(request: httpx.Request) -> bool:
    """Return whether the body is a form with files that fits into one piece, made by httpx.

    Such a one is sent as bytes are, at once, so that the test can look at `request.content`.
    """
    if type(request.stream) is not _FORM_BODY:
        return False
    length = request.headers.get("content-length", "")
    return length.isdigit() and int(length) <= PIECE_BYTES


class _OwnedTarget(bytes):
    """A raw target that knows its request: the next one of a redirect chain has its own."""

    owner: weakref.ref[httpx.Request]


class Translator:
    """Turns httpx's requests into sessions, and what they bring into httpx's responses."""

    def __init__(self, host: AppHost, options: AppOptions) -> None:
        self.host = host
        self.options = options

    def open(
        self, request: httpx.Request, pieces: BodyPieces | None, *, is_stream: bool
    ) -> HTTPSession:
        """Return the session for a request; `pieces` where its body is no bytes."""
        is_lockstep = self.options.policy.is_drop_in and self.host.is_blocking
        return self.host.open_call(
            as_http_request(request),
            self.options.for_call(request.extensions),
            body=request.read() if pieces is None else None,
            pieces=pieces,
            limits=self._limits(request),
            is_stream=is_stream,
            is_lockstep=is_lockstep,
        )

    def open_pushed(self, request: httpx.Request) -> HTTPSession:
        """Return the session for a request whose body the test sends piece by piece."""
        return self.host.open_call(
            as_http_request(request),
            self.options.for_call(request.extensions),
            body=None,
            pieces=None,
            limits=self._limits(request),
            is_stream=True,
            is_pushed=True,
        )

    def open_websocket(self, request: httpx.Request) -> WebSocketLine:
        """Return the WebSocket for a handshake, whose URL may be of either kind of scheme."""
        head = as_http_request(request, _HANDSHAKE_SCHEMES)
        options = self.options.for_call(request.extensions)
        return self.host.open_websocket(head, options, limits=self._limits(request))

    def _limits(self, request: httpx.Request) -> Limits:
        timeouts = request.extensions.get("timeout", {})
        return Limits(
            timeouts.get("read"), timeouts.get("write"), self.options.timeout, self.options.grace
        )

    def response(
        self,
        session: HTTPSession,
        start: ResponseStart,
        stream: httpx.SyncByteStream | httpx.AsyncByteStream,
    ) -> httpx.Response:
        """Return httpx's response."""
        exchange = session.exchange
        version = self.options.scope.http_version
        extensions: dict[str, Any] = {"http_version": f"HTTP/{version}".encode()}
        extensions |= exchange.extension_values()
        if exchange.app_exception is not None:
            extensions["asgi_testkit"] = ResponseFacts(exchange.app_exception)
        response = httpx.Response(
            start.status, headers=start.headers, stream=stream, extensions=extensions
        )
        if exchange.debug is not None:
            _show_debug(response, exchange.debug)
        return response

    def whole_response(
        self, session: HTTPSession, start: ResponseStart, body: bytes
    ) -> httpx.Response:
        """Return the response of a call that nobody streams."""
        if self.options.background == "detach":
            self.host.keep_detached(session)
        return self.response(session, start, httpx.ByteStream(body))

    def closed(self, session: HTTPSession) -> None:
        """Note that a streamed response was closed."""
        self.host.note_closed(session, self.options.background)


def as_http_request(request: httpx.Request, schemes: Mapping[str, str] = _SCHEMES) -> HTTPRequest:
    """Return the head of a request as the protocol knows it.

    Args:
        request: what the client has built.
        schemes: those that its URL may have, and what they are to the protocol.

    Raises:
        UsageError: the URL has another scheme, or the raw target is no bytes.
    """
    url = request.url
    if url.scheme not in schemes:
        raise UsageValueError(
            f"The request's URL is {str(url)!r}; its scheme must be http or https."
        )
    return HTTPRequest(
        method=request.method,
        scheme=schemes[url.scheme],
        host=url.host,
        port=url.port,
        target=_target(request),
        headers=request.headers.raw,
        scope=request.extensions.get("scope"),
    )


def _target(request: httpx.Request) -> bytes:
    """Return the raw target: the extension's, for the request it was given to, or the URL's."""
    target: object = request.extensions.get("target")
    if target is None:
        return request.url.raw_path
    if isinstance(target, _OwnedTarget):
        return bytes(target) if target.owner() is request else request.url.raw_path
    if not isinstance(target, bytes):
        raise UsageTypeError(f"extensions['target'] is {target!r}; bytes are wanted.")
    owned = _OwnedTarget(target)
    owned.owner = weakref.ref(request)
    request.extensions["target"] = owned
    return target


def _show_debug(response: httpx.Response, info: Any) -> None:  # whatever the app has sent
    """Put debug information where Starlette's users look for it."""
    response.extensions["http.response.debug"] = info
    if isinstance(info, Mapping):
        for name in ("template", "context"):
            if name in info:
                setattr(response, name, info[name])


def unmark(request: httpx.Request) -> None:
    """Take our clients' marks off a request: it is the user's, and may be sent again."""
    request.extensions.pop(WHOLE, None)
    request.extensions.pop(REPLAY, None)


def unmarked(response: httpx.Response) -> httpx.Response:
    """Take them off the requests that httpx has made on the way to a response, too."""
    for made in (*response.history, response):
        unmark(made.request)
    if response.next_request is not None:
        unmark(response.next_request)
    return response


@contextmanager
def translated(request: httpx.Request) -> Generator[None]:
    """Turn our inner errors into httpx's."""
    __tracebackhide__ = True
    try:
        yield
    except (ResponseCutError, StallError) as error:
        raise as_httpx_error(error, request) from error.__cause__


def raise_with_request(error: Exception, request: httpx.Request) -> NoReturn:
    """Raise one of `FAILURES` as httpx's own code would: ours translated, of the app's the same.

    httpx notes the request on whatever error of its own comes out of a transport.
    """
    __tracebackhide__ = True
    if isinstance(error, ResponseCutError | StallError):
        raise as_httpx_error(error, request) from error.__cause__
    if isinstance(error, httpx.RequestError):
        error.request = request
    raise error


def as_httpx_error(error: Exception, request: httpx.Request) -> Exception:
    """Return httpx's error for one of ours; an error that has none is returned itself."""
    if isinstance(error, ResponseCutError):
        return _noted(httpx.RemoteProtocolError(str(error), request=request), error)
    if isinstance(error, StallError) and error.kind in _STALLS:
        return _noted(_STALLS[error.kind](error, request), error)
    return error


def _noted(translated: Exception, error: Exception) -> Exception:
    """Return the translation with the notes of the original, such as of what was cancelled."""
    for note in getattr(error, "__notes__", ()):
        translated.add_note(note)
    return translated


def silence_of(timeout: Any) -> float | None:
    """Return the seconds of silence that httpx takes `timeout` for."""
    return timeout if type(timeout) is float else httpx.Timeout(timeout).read
