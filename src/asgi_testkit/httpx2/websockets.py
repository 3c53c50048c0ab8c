"""The WebSocket handshake as httpx2's request and response.

The client's own `send` sends it, so that cookies, auth, default headers and event hooks are
httpx2's affair there too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import httpx2

from asgi_testkit.client.openings import (
    Opening,
    connect,
    denial_text,
    handshake_headers,
    http_scheme,
)
from asgi_testkit.errors import UsageTypeError, UsageValueError, WebSocketDisconnect
from asgi_testkit.httpx2.values import Translator, translated
from asgi_testkit.protocol.websocket_values import LINE_LOST
from asgi_testkit.session.disconnected import as_caught_by_starlette
from asgi_testkit.session.websocket import WebSocketLine

__all__ = (
    "WEBSOCKET",
    "WebSocketDenialResponse",
    "handshake_request",
    "opened",
    "shake_hands",
    "sorted_options",
)

WEBSOCKET: Final = "asgi_testkit.websocket"
"""The request extension that tells our transports that a request is a handshake."""

_BUILDS: Final = ("params", "headers", "cookies", "timeout", "extensions")
_SENDS: Final = ("auth", "follow_redirects")
_WITHOUT_EFFECT: Final = (
    "keepalive_ping_interval_seconds",
    "keepalive_ping_timeout_seconds",
    "max_message_size_bytes",
    "queue_size",
)


class WebSocketDenialResponse(httpx2.Response, WebSocketDisconnect):  # type: ignore[misc]
    """The HTTP response by which an app has denied a WebSocket; raised when a session is entered.

    Attributes:
        code: 1006: what a browser sees.
        reason: empty.
    """

    def __init__(self, status_code: int, **parts: Any) -> None:
        httpx2.Response.__init__(self, status_code, **parts)
        self.code = LINE_LOST
        self.reason = ""

    def __reduce__(self) -> tuple[Any, ...]:
        headers = [pair for pair in self.headers.raw if pair[0].lower() != b"content-encoding"]
        return _denial_again, (self.status_code, headers, self.content)

    def __str__(self) -> str:
        return denial_text(self.status_code, self.reason_phrase, self.text)


def _denial_again(
    status: int, headers: list[tuple[bytes, bytes]], content: bytes
) -> WebSocketDenialResponse:
    return WebSocketDenialResponse(status, headers=headers, content=content)


async def shake_hands(
    translator: Translator, request: httpx2.Request, opening: Opening
) -> httpx2.Response:
    """Open a WebSocket; return 101, or the response that the app has denied it with.

    Raises:
        WebSocketDisconnect: the app has closed instead of accepting.
        BaseException: what the app raised, as it was raised.
    """
    __tracebackhide__ = True
    with translated(request):
        await connect(translator.host, translator.open_websocket(request), opening)
    start, body = opening.response_parts()
    return httpx2.Response(start.status, headers=start.headers, stream=httpx2.ByteStream(body))


def sorted_options(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the request is built with and what it is sent with."""
    known = (*_BUILDS, *_SENDS, *_WITHOUT_EFFECT)
    for name in options:
        if name not in known:
            raise UsageTypeError(
                f"websocket_connect() got {name!r}. It takes: subprotocols,"
                f" {', '.join((*_BUILDS, *_SENDS))}."
            )
    if options.get("timeout", httpx2.USE_CLIENT_DEFAULT) is not httpx2.USE_CLIENT_DEFAULT:
        _check_timeout(options["timeout"])
    parts = {name: options[name] for name in _BUILDS if name in options}
    send_options = {name: options[name] for name in _SENDS if name in options}
    return parts, {"follow_redirects": False, **send_options}


def handshake_request(
    client: httpx2.Client | httpx2.AsyncClient,
    url: httpx2.URL | str,
    subprotocols: Sequence[str],
    parts: Mapping[str, Any],
) -> httpx2.Request:
    """Build the handshake with the client's cookies, headers and parameters."""
    headers = httpx2.Headers(handshake_headers(subprotocols))
    headers.update(parts.get("headers"))
    extensions: dict[str, Any] = {**(parts.get("extensions") or {}), WEBSOCKET: Opening()}
    others: dict[str, Any] = {**parts, "headers": headers, "extensions": extensions}
    return client.build_request("GET", _http_url(url), **others)


def _http_url(url: httpx2.URL | str) -> httpx2.URL:
    """Return the URL in the scheme that cookies and proxies know."""
    parsed = httpx2.URL(url)
    scheme = http_scheme(parsed.scheme, url)
    return parsed if scheme == parsed.scheme else parsed.copy_with(scheme=scheme)


def _check_timeout(timeout: object) -> None:
    """Refuse what httpx2 takes and no wait can use."""
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    is_httpx2s = timeout is None or isinstance(timeout, httpx2.Timeout | tuple)
    if not is_httpx2s and not (is_number and cast("float", timeout) >= 0):
        raise UsageValueError(f"timeout is {timeout!r}; seconds from 0 up are wanted, or None.")


def opened(opening: Opening, make_request: Callable[[], httpx2.Request]) -> WebSocketLine:
    """Return the WebSocket, or raise the response that has denied it."""
    __tracebackhide__ = True
    if opening.line is not None:
        return opening.line
    assert opening.denial is not None
    denial = as_caught_by_starlette(WebSocketDenialResponse)(
        opening.denial.start.status,
        headers=opening.denial.start.headers,
        stream=httpx2.ByteStream(opening.denial.body),
        request=make_request(),
    )
    denial.read()
    raise denial from opening.denial.cause
