"""Translation: httpx2's requests to the protocol's values, and what comes back to httpx2's.

No waiting here: transports do that.
"""

from __future__ import annotations

import weakref
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import httpx2

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
    "as_httpx2_error",
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
"""The request extension that holds a finished call, for httpx2's own code to go on with."""


class _HTTPStallError(StallError, httpx2.TimeoutException):
    """A stall that knows its request, as all errors of httpx2."""

    def __init__(self, stall: StallError, request: httpx2.Request) -> None:
        super().__init__(str(stall), report=stall.report, kind=stall.kind)
        self.request = request


class StallReadTimeoutError(_HTTPStallError, httpx2.ReadTimeout):
    """A stall that httpx2's users catch as `ReadTimeout`."""


class StallWriteTimeoutError(_HTTPStallError, httpx2.WriteTimeout):
    """A stall that httpx2's users catch as `WriteTimeout`."""


_SCHEMES: Final = {"http": "http", "https": "https"}
_HANDSHAKE_SCHEMES: Final = {**_SCHEMES, "ws": "http", "wss": "https"}
_STALLS: Final = {"read": StallReadTimeoutError, "write": StallWriteTimeoutError}

FAILURES: Final = (ResponseCutError, StallError, httpx2.RequestError)
"""What a call of the app may raise that has to know its request, in httpx2's eyes."""


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """What the engine knows of a response: `response.extensions["asgi_testkit"]`, where it is.

    Attributes:
        exception: what the app raised, while `raise_server_exceptions=False` shows the wire; for a
            WebSocket that the app has closed instead of accepting: the `WebSocketDisconnect`.
    """

    exception: BaseException


_FORM_BODY: Final = type(httpx2.Request("POST", "http://testserver", files={"file": b""}).stream)
"""The class of the bodies that httpx2 makes of files; it has no public name."""


def is_small_form(request: httpx2.Request) -> bool:
    """Return whether the body is a form with files that fits into one piece, made by httpx2.

    Such a one is sent as bytes are, at once, so that the test can look at `request.content`.
    """
    if type(request.stream) is not _FORM_BODY:
        return False
    length = request.headers.get("content-length", "")
    return length.isdigit() and int(length) <= PIECE_BYTES


class _OwnedTarget(bytes):
    """A raw target that knows its request: the next one of a redirect chain has its own."""

    owner: weakref.ref[httpx2.Request]


class Translator:
    """Turns httpx2's requests into sessions, and what they bring into httpx2's responses."""

    def __init__(self, host: AppHost, options: AppOptions) -> None:
        self.host = host
        self.options = options

    def open(
        self, request: httpx2.Request, pieces: BodyPieces | None, *, is_stream: bool
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

    def open_pushed(self, request: httpx2.Request) -> HTTPSession:
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

    def open_websocket(self, request: httpx2.Request) -> WebSocketLine:
        """Return the WebSocket for a handshake, whose URL may be of either kind of scheme."""
        head = as_http_request(request, _HANDSHAKE_SCHEMES)
        options = self.options.for_call(request.extensions)
        return self.host.open_websocket(head, options, limits=self._limits(request))

    def _limits(self, request: httpx2.Request) -> Limits:
        timeouts = request.extensions.get("timeout", {})
        return Limits(
            timeouts.get("read"), timeouts.get("write"), self.options.timeout, self.options.grace
        )

    def response(
        self,
        session: HTTPSession,
        start: ResponseStart,
        stream: httpx2.SyncByteStream | httpx2.AsyncByteStream,
    ) -> httpx2.Response:
        """Return httpx2's response."""
        exchange = session.exchange
        version = self.options.scope.http_version
        extensions: dict[str, Any] = {"http_version": f"HTTP/{version}".encode()}
        extensions |= exchange.extension_values()
        if exchange.app_exception is not None:
            extensions["asgi_testkit"] = ResponseFacts(exchange.app_exception)
        response = httpx2.Response(
            start.status, headers=start.headers, stream=stream, extensions=extensions
        )
        if exchange.debug is not None:
            _show_debug(response, exchange.debug)
        return response

    def whole_response(
        self, session: HTTPSession, start: ResponseStart, body: bytes
    ) -> httpx2.Response:
        """Return the response of a call that nobody streams."""
        if self.options.background == "detach":
            self.host.keep_detached(session)
        return self.response(session, start, httpx2.ByteStream(body))

    def closed(self, session: HTTPSession) -> None:
        """Note that a streamed response was closed."""
        self.host.note_closed(session, self.options.background)


def as_http_request(request: httpx2.Request, schemes: Mapping[str, str] = _SCHEMES) -> HTTPRequest:
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


def _target(request: httpx2.Request) -> bytes:
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


def _show_debug(response: httpx2.Response, info: Any) -> None:  # whatever the app has sent
    """Put debug information where Starlette's users look for it."""
    response.extensions["http.response.debug"] = info
    if isinstance(info, Mapping):
        for name in ("template", "context"):
            if name in info:
                setattr(response, name, info[name])


def unmark(request: httpx2.Request) -> None:
    """Take our clients' marks off a request: it is the user's, and may be sent again."""
    request.extensions.pop(WHOLE, None)
    request.extensions.pop(REPLAY, None)


def unmarked(response: httpx2.Response) -> httpx2.Response:
    """Take them off the requests that httpx2 has made on the way to a response, too."""
    for made in (*response.history, response):
        unmark(made.request)
    if response.next_request is not None:
        unmark(response.next_request)
    return response


@contextmanager
def translated(request: httpx2.Request) -> Generator[None]:
    """Turn our inner errors into httpx2's."""
    __tracebackhide__ = True
    try:
        yield
    except (ResponseCutError, StallError) as error:
        raise as_httpx2_error(error, request) from error.__cause__


def raise_with_request(error: Exception, request: httpx2.Request) -> NoReturn:
    """Raise one of `FAILURES` as httpx2's own code would: ours translated, of the app's the same.

    httpx2 notes the request on whatever error of its own comes out of a transport.
    """
    __tracebackhide__ = True
    if isinstance(error, ResponseCutError | StallError):
        raise as_httpx2_error(error, request) from error.__cause__
    if isinstance(error, httpx2.RequestError):
        error.request = request
    raise error


def as_httpx2_error(error: Exception, request: httpx2.Request) -> Exception:
    """Return httpx2's error for one of ours; an error that has none is returned itself."""
    if isinstance(error, ResponseCutError):
        return _noted(httpx2.RemoteProtocolError(str(error), request=request), error)
    if isinstance(error, StallError) and error.kind in _STALLS:
        return _noted(_STALLS[error.kind](error, request), error)
    return error


def _noted(translated: Exception, error: Exception) -> Exception:
    """Return the translation with the notes of the original, such as of what was cancelled."""
    for note in getattr(error, "__notes__", ()):
        translated.add_note(note)
    return translated


def silence_of(timeout: Any) -> float | None:
    """Return the seconds of silence that httpx2 takes `timeout` for."""
    return timeout if type(timeout) is float else httpx2.Timeout(timeout).read
