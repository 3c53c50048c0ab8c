"""What the handshake of a WebSocket is for every client library: a GET, and what comes of it.

The library's own code builds and sends the request; its adapter connects, and answers with what
has come of it. No client library here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from asgi_testkit.client.host import AppHost
from asgi_testkit.errors import UsageTypeError, UsageValueError
from asgi_testkit.protocol.fields import is_token
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.violation_text import cut
from asgi_testkit.protocol.websocket_events import Accept, Answer, Close, Denial
from asgi_testkit.session.disconnected import rejected
from asgi_testkit.session.websocket import WebSocketLine
from asgi_testkit.settings import SETTINGS

__all__ = (
    "Opening",
    "checked_subprotocols",
    "connect",
    "denial_text",
    "handshake_headers",
    "http_scheme",
    "shake_hands",
    "switching_headers",
)

_HTTP_SCHEMES: Final = {"ws": "http", "wss": "https", "http": "http", "https": "https", "": ""}
_HEADERS: Final = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGVzdHNlcnZlciBub25jZQ==",
}
_STARLETTES_HEADERS: Final = {
    "connection": "upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "testserver==",
}


class Opening:
    """What has come of a handshake: a WebSocket, or the response that denied it."""

    def __init__(self) -> None:
        self.line: WebSocketLine | None = None
        self.denial: Denial | None = None

    def note(self, line: WebSocketLine, answer: Answer) -> None:
        """Take note of the app's answer.

        Raises:
            WebSocketDisconnect: it has closed instead of accepting.
        """
        if isinstance(answer, Close):
            raise rejected(answer)
        if isinstance(answer, Denial):
            self.denial = answer
            return
        self.line, self.denial = line, None

    def response_parts(self) -> tuple[ResponseStart, bytes]:
        """Return status, headers and body of the HTTP response that it is on the wire."""
        if self.denial is not None:
            return self.denial.start, self.denial.body
        assert self.line is not None
        accepted = self.line.exchange.accepted
        assert accepted is not None
        return ResponseStart(101, switching_headers(accepted)), b""


async def shake_hands(host: AppHost, line: WebSocketLine) -> Answer:
    """Make the handshake of a line; the client's end leaves one that is open or was cut short.

    Raises: see `WebSocketLine.connect`.
    """
    __tracebackhide__ = True
    try:
        answer = await line.connect()
    except BaseException:
        if line.goes_on:
            host.keep_open_line(line)
        raise
    if isinstance(answer, Accept):
        host.keep_open_line(line)
    return answer


async def connect(host: AppHost, line: WebSocketLine, opening: Opening) -> None:
    """Make the handshake of a line; note in `opening` what has come of it.

    Raises:
        WebSocketDisconnect: the app has closed instead of accepting.
        BaseException: what the app raised, as it was raised.
    """
    __tracebackhide__ = True
    opening.note(line, await shake_hands(host, line))


def checked_subprotocols(subprotocols: Iterable[str] | None) -> tuple[str, ...]:
    """Return what is offered.

    Raises:
        UsageError: it is no list, or an offer is no token.
    """
    if subprotocols is None:
        return ()
    if isinstance(subprotocols, str):
        raise UsageTypeError(
            f"subprotocols is the string {subprotocols!r}; a list is wanted: [{subprotocols!r}]."
        )
    if not isinstance(subprotocols, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise UsageTypeError(f"subprotocols is {subprotocols!r}; a list of str is wanted.")
    offers = tuple(subprotocols)
    for offer in offers:
        if not isinstance(offer, str) or not is_token(offer):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise UsageValueError(
                f"The subprotocol {offer!r} is no token: one or more ASCII letters, digits and"
                " !#$%&'*+-.^_`|~ are wanted (RFC 6455 section 4.1)."
            )
    return offers


def http_scheme(scheme: str, url: object) -> str:
    """Return the scheme that cookies and proxies know, for that of a WebSocket's URL.

    Raises:
        UsageError: it is none that a WebSocket's URL may have.
    """
    if scheme not in _HTTP_SCHEMES:
        raise UsageValueError(
            f"The WebSocket's URL is {str(url)!r}; its scheme may be ws, wss, http or https, or it"
            " is relative to base_url."
        )
    return _HTTP_SCHEMES[scheme]


def handshake_headers(subprotocols: Sequence[str]) -> dict[str, str]:
    """Return what makes a GET a handshake; under the drop-in as Starlette's client has it."""
    headers = {**(_STARLETTES_HEADERS if SETTINGS.is_drop_in else _HEADERS)}
    if subprotocols:
        headers["sec-websocket-protocol"] = ", ".join(subprotocols)
    return headers


def denial_text(status: int, phrase: str, body: str) -> str:
    """Return what a denial says of itself."""
    start = f"The app denied the WebSocket with HTTP {status} {phrase}"
    return f"{start}: {cut(body)}" if body else f"{start}, without a body."


def switching_headers(accept: Accept) -> list[tuple[bytes, bytes]]:
    """Return the headers of the 101 response: those of the accept, and the subprotocol."""
    headers = [(b"upgrade", b"websocket"), (b"connection", b"Upgrade"), *accept.headers]
    if accept.subprotocol is not None:
        headers.append((b"sec-websocket-protocol", accept.subprotocol.encode()))
    return headers
