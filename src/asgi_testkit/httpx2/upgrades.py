"""WebSockets of plain clients: a streamed request that asks for one is answered with 101.

The response holds a network stream, on which a session of the client's library sends its frames;
to close the response is to leave the WebSocket.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import httpx2

from asgi_testkit.client.openings import shake_hands, switching_headers
from asgi_testkit.drive.driver import finish
from asgi_testkit.httpx2.values import WHOLE, ResponseFacts, Translator, translated
from asgi_testkit.protocol.websocket_events import Accept, Close, Denial
from asgi_testkit.session.disconnected import rejected
from asgi_testkit.session.network_stream import AsyncNetworkStream, NetworkStream

__all__ = ("asks_for_websocket", "upgrade", "upgrade_blocking")

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
_REJECTED: Final = 403  # what servers make of a close before the accept


def asks_for_websocket(request: httpx2.Request) -> bool:
    """Return whether a request, which is to be streamed, is the handshake of a WebSocket."""
    if request.method != "GET" or request.extensions.get(WHOLE, False):
        return False
    headers = request.headers
    is_upgrade = headers.get("upgrade", "").lower() == "websocket"
    return request.url.scheme in ("ws", "wss") or (is_upgrade and "sec-websocket-key" in headers)


def upgrade_blocking(translator: Translator, request: httpx2.Request) -> httpx2.Response:
    """Call the app with a handshake; see `upgrade`."""
    __tracebackhide__ = True
    opened = finish(_open(translator, request))
    if isinstance(opened, httpx2.Response):
        return opened
    accept, stream = opened
    body, shown = _SyncLine(stream, request), NetworkStream(stream)
    return _switching(translator, request, accept, body, shown)


async def upgrade(translator: Translator, request: httpx2.Request) -> httpx2.Response:
    """Call the app with a handshake; return 101, or what it has answered instead.

    Raises:
        UsageError: wsproto is not installed.
        StallError: the app has not answered in time; also httpx2's `ReadTimeout`.
        BaseException: what the app raised, as it was raised.
    """
    __tracebackhide__ = True
    opened = await _open(translator, request)
    if isinstance(opened, httpx2.Response):
        return opened
    accept, stream = opened
    return _switching(translator, request, accept, _AsyncLine(stream, request), stream)


async def _open(
    translator: Translator, request: httpx2.Request
) -> tuple[Accept, AsyncNetworkStream] | httpx2.Response:
    __tracebackhide__ = True
    line = translator.open_websocket(request)
    stream = AsyncNetworkStream(line)
    with translated(request):
        answer = await shake_hands(translator.host, line)
    if not isinstance(answer, Accept):
        return _refusal(answer)
    return answer, stream


def _switching(
    translator: Translator,
    request: httpx2.Request,
    accept: Accept,
    body: httpx2.SyncByteStream | httpx2.AsyncByteStream,
    stream: NetworkStream | AsyncNetworkStream,
) -> httpx2.Response:
    """Return the 101 response, as it would be on the wire."""
    key = request.headers.get("sec-websocket-key", "").encode()
    token = base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())
    version = translator.options.scope.http_version
    return httpx2.Response(
        101,
        headers=[*switching_headers(accept), (b"sec-websocket-accept", token)],
        stream=body,
        extensions={"http_version": f"HTTP/{version}".encode(), "network_stream": stream},
    )


def _refusal(answer: Denial | Close) -> httpx2.Response:
    """Return the response that a server answers with instead of 101."""
    extensions: dict[str, Any] = {}
    if isinstance(answer, Close):
        extensions["asgi_testkit"] = ResponseFacts(rejected(answer))
        return httpx2.Response(_REJECTED, content=b"", extensions=extensions)
    if answer.cause is not None:
        extensions["asgi_testkit"] = ResponseFacts(answer.cause)
    response = httpx2.Response(
        answer.start.status,
        headers=answer.start.headers,
        stream=httpx2.ByteStream(answer.body),
        extensions=extensions,
    )
    response.read()  # for who gets it in an error, when its stream is closed
    return response


class _Line:
    """The body of a 101 response: empty, and open as long as the WebSocket."""

    def __init__(self, stream: AsyncNetworkStream, request: httpx2.Request) -> None:
        self._stream = stream
        self._request = request
        self._handled_before = sys.exception()

    async def _leave(self) -> None:
        """Leave the WebSocket, because of what is being raised, if anything is."""
        __tracebackhide__ = True
        error = sys.exception()
        with translated(self._request):
            await self._stream.leave(None if error is self._handled_before else error)


class _SyncLine(_Line, httpx2.SyncByteStream):
    """That of a blocking client."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    def close(self) -> None:
        """Leave the WebSocket."""
        __tracebackhide__ = True
        finish(self._leave())


class _AsyncLine(_Line, httpx2.AsyncByteStream):
    """That of an async client."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in tuple[bytes]():
            yield piece

    async def aclose(self) -> None:
        """Leave the WebSocket."""
        __tracebackhide__ = True
        await self._leave()
