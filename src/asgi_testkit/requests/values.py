"""Translation: requests' prepared requests to the protocol's values, and responses back.

No waiting here: the adapter does that.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Iterable, Mapping
from functools import lru_cache, partial
from http import HTTPStatus
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from urllib.parse import urlsplit

import urllib3
from requests import PreparedRequest, Response
from requests.cookies import extract_cookies_to_jar
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from asgi_testkit.client.options import AppOptions
from asgi_testkit.errors import UsageValueError
from asgi_testkit.protocol.fields import is_bytes_like
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.scope import DEFAULT_PORTS, HTTPRequest
from asgi_testkit.requests.bodies import (
    LateRawResponse,
    RawResponse,
    StreamedBody,
    StreamedResponse,
)
from asgi_testkit.session.body import SyncPieces
from asgi_testkit.session.http import Limits
from asgi_testkit.session.timeouts import seconds_of

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter, HTTPAdapter

__all__ = ("as_http_request", "as_limits", "as_response", "body_of", "late_raw", "show_debug")

_READ_BYTES: Final = 64 * 1024
_VERSIONS: Final = {"1.0": 10, "1.1": 11, "2": 20, "3": 30}
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}


def as_http_request(request: PreparedRequest) -> HTTPRequest:
    """Return the head of a request as the protocol knows it, with the Host header of the wire.

    Raises:
        UsageError: the URL's scheme is not http or https.
    """
    url = _split(request.url or "")
    headers = [(_encoded(name), _encoded(value)) for name, value in request.headers.lower_items()]
    if "host" not in request.headers:
        headers.insert(0, (b"host", url.host_header))
    return HTTPRequest(
        method=request.method or "GET",
        scheme=url.scheme,
        host=url.host,
        port=url.port,
        target=url.target,
        headers=headers,
    )


class _URL(NamedTuple):
    """What of a URL goes into a request."""

    scheme: str
    host: str
    port: int | None
    target: bytes
    host_header: bytes


@lru_cache
def _split(url: str) -> _URL:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise UsageValueError(f"The request's URL is {url!r}; its scheme must be http or https.")
    host = parts.netloc.rpartition("@")[2]
    if parts.port == DEFAULT_PORTS[parts.scheme]:
        host = host.rpartition(":")[0]
    query = f"?{parts.query}" if parts.query else ""
    target = f"{parts.path or '/'}{query}"
    return _URL(parts.scheme, parts.hostname or "", parts.port, target.encode(), host.encode())


def _encoded(field: str | bytes) -> bytes:
    return field.encode("latin-1") if isinstance(field, str) else field


def body_of(request: PreparedRequest) -> tuple[bytes | None, SyncPieces | None]:
    """Return the request's body: as bytes, or as pieces, of which none is pulled yet.

    Raises:
        UsageError: it is nothing that can be sent.
    """
    body: Any = request.body  # requests takes more than it says, as urllib3 does
    if body is None:
        return b"", None
    if isinstance(body, str):
        return body.encode(), None
    if is_bytes_like(body):
        return bytes(body), None
    if hasattr(body, "read"):
        return None, SyncPieces(_read_pieces(body))
    return None, SyncPieces(_encoded_pieces(body))


def _read_pieces(file: Any) -> Generator[bytes]:
    """Yield what a file holds; it stays open, as requests leaves it."""
    while piece := file.read(_READ_BYTES):
        yield piece.encode() if isinstance(piece, str) else piece


def _encoded_pieces(pieces: Iterable[str | bytes]) -> Generator[bytes]:
    """Yield the pieces, text as UTF-8; a generator is closed with this one."""
    try:
        for piece in pieces:
            yield piece.encode() if isinstance(piece, str) else piece
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def as_limits(timeout: object, default: float | None, options: AppOptions) -> Limits:
    """Return the limits for requests' `timeout`.

    Args:
        timeout: seconds, or a pair: to send within, and of silence; `None`: none was given.
        default: the seconds that count where none was given.
        options: whose limits rule the rest.

    Raises:
        UsageError: it is none of these.
    """
    if timeout is None:
        write = read = default
    elif isinstance(timeout, urllib3.Timeout):
        begun = timeout.clone()
        begun.start_connect()
        connect = begun.connect_timeout
        write, read = connect if isinstance(connect, int | float) else None, begun.read_timeout
    elif isinstance(timeout, tuple):
        write, read = map(seconds_of, _pair(cast("tuple[object, ...]", timeout)))
    else:
        write = read = seconds_of(timeout)
    return Limits(read, write, options.timeout, options.grace, "stream=True")


def _pair(timeout: tuple[object, ...]) -> tuple[object, object]:
    match timeout:
        case (connect, read):
            return connect, read
        case _:
            raise UsageValueError(
                f"timeout is {timeout!r}; seconds are wanted, or a pair: (connect, read)."
            )


def as_response(
    request: PreparedRequest,
    start: ResponseStart,
    body: bytes | StreamedBody,
    *,
    adapter: BaseAdapter,
    http_version: str,
    raw: RawResponse | None = None,
) -> Response:
    """Return requests' response; `raw`: made already, as `late_raw` makes it."""
    fields = _fields(start)
    if raw is None:
        reader = io.BytesIO(body) if isinstance(body, bytes) else body
        raw = RawResponse(reader, **_raw_parts(request, start, http_version))
    response = Response() if isinstance(body, bytes) else StreamedResponse()
    response.status_code = start.status
    response.headers = CaseInsensitiveDict(fields)
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw = raw
    response.reason = _PHRASES.get(start.status, "")
    response.url = request.url or ""
    extract_cookies_to_jar(response.cookies, request, raw)
    response.request = request
    # Where requests' own auth sends its next request; requests types it for its own adapter only.
    response.connection = cast("HTTPAdapter", adapter)
    return response


def late_raw(
    request: PreparedRequest, start: ResponseStart, body: bytes, http_version: str
) -> LateRawResponse:
    """Return `response.raw` of a whole response that sets no cookies."""
    return LateRawResponse(body, partial(_raw_parts, request, start, http_version))


def _raw_parts(
    request: PreparedRequest, start: ResponseStart, http_version: str
) -> Mapping[str, Any]:
    headers = _decoded(start)
    has_cookies = any(name.lower() == "set-cookie" for name, _ in headers)
    return {
        "headers": _fields(start),
        "status": start.status,
        "version": _VERSIONS[http_version],
        "reason": _PHRASES.get(start.status, ""),
        "original_response": _CookieSource(headers) if has_cookies else None,
        "request_method": request.method,
        "request_url": request.url,
    }


def _fields(start: ResponseStart) -> urllib3.HTTPHeaderDict:
    return urllib3.HTTPHeaderDict(_decoded(start))


def _decoded(start: ResponseStart) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start.headers]


class _CookieSource:
    """What requests takes cookies from: the standard library's response, as far as it looks."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        self.msg = HTTPMessage()
        for name, value in headers:
            self.msg[name] = value

    def isclosed(self) -> bool:
        """Return whether a connection may be put back: there is none."""
        return False

    def close(self) -> None:
        """Close nothing."""


def show_debug(response: Response, debug: Any) -> None:  # whatever the app has sent
    """Put debug information where Starlette's users look for it."""
    if isinstance(debug, Mapping):
        for name in ("template", "context"):
            if name in debug:
                setattr(response, name, debug[name])
