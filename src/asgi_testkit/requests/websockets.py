"""The WebSocket handshake as a request and a response of requests.

The session's own `send` sends it, so that cookies, auth, default headers and hooks are requests'
affair there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from requests import PreparedRequest, Request, Response, Session
from requests.structures import CaseInsensitiveDict

from asgi_testkit.client.openings import Opening, denial_text, handshake_headers, http_scheme
from asgi_testkit.drive.driver import finish
from asgi_testkit.errors import UsageTypeError, WebSocketDisconnect
from asgi_testkit.protocol.websocket_values import LINE_LOST
from asgi_testkit.requests.adapters import ASGIAdapter
from asgi_testkit.session.disconnected import as_caught_by_starlette
from asgi_testkit.session.websocket import WebSocketLine

__all__ = ("WebSocketDenialResponse", "checked_options", "handshake_request", "open_line")

_BUILDS: Final = ("params", "headers", "cookies", "auth", "hooks")
_SENDS: Final = ("timeout", "allow_redirects")
_WITHOUT_EFFECT: Final = ("cert", "data", "files", "json", "proxies", "stream", "verify")


class WebSocketDenialResponse(Response, WebSocketDisconnect):  # type: ignore[misc]
    """The HTTP response by which an app has denied a WebSocket; raised when a session is entered.

    Unlike other responses it is true, as every exception is.

    Attributes:
        code: 1006: what a browser sees.
        reason: the phrase that belongs to the status, as requests has it.
    """

    def __init__(self) -> None:
        Response.__init__(self)
        self.code = LINE_LOST

    @classmethod
    def of(cls, response: Response) -> WebSocketDenialResponse:
        """Return a response as an error."""
        denial = cls()
        vars(denial).update(vars(response))
        return denial

    def __bool__(self) -> bool:
        return True

    def __reduce__(self) -> tuple[Any, ...]:
        # By name: what is raised may be a class that is also Starlette's, made at run time.
        return WebSocketDenialResponse, (), self.__getstate__()

    def __str__(self) -> str:
        return denial_text(self.status_code, self.reason, self.text)


def checked_options(options: Mapping[str, Any]) -> None:
    """Refuse what `requests.get` does not take.

    Raises:
        UsageTypeError: names what can be given.
    """
    for name in options:
        if name not in (*_BUILDS, *_SENDS, *_WITHOUT_EFFECT):
            raise UsageTypeError(
                f"websocket_connect() got {name!r}. It takes: subprotocols,"
                f" {', '.join((*_BUILDS, *_SENDS))}; and without effect:"
                f" {', '.join(_WITHOUT_EFFECT)}."
            )


def handshake_request(
    session: Session, url: object, subprotocols: Sequence[str], options: Mapping[str, Any]
) -> PreparedRequest:
    """Build the handshake with the session's cookies, headers and parameters."""
    made = handshake_headers(subprotocols)
    headers: CaseInsensitiveDict[str | bytes] = CaseInsensitiveDict(made)
    headers.update(options.get("headers") or {})
    parts: dict[str, Any] = {name: options[name] for name in _BUILDS if name in options}
    parts["headers"] = headers
    request = Request("GET", _http_url(url), **parts)
    return session.prepare_request(request)


def _http_url(url: object) -> str:
    """Return the URL in the scheme that cookies and adapters know."""
    text = url.decode() if isinstance(url, bytes) else str(url)
    scheme, colon, rest = text.partition("://")
    if not colon:
        return text
    return f"{http_scheme(scheme.lower(), text)}://{rest}"


def open_line(
    session: Session, request: PreparedRequest, send_options: Mapping[str, Any]
) -> WebSocketLine:
    """Make the handshake, and return the WebSocket.

    Raises:
        WebSocketDenialResponse: the app has denied it.
        WebSocketDisconnect: the app has closed instead of accepting.
        UsageError: no app of ours is mounted at the URL.
        BaseException: what the app raised, as it was raised.
    """
    __tracebackhide__ = True
    adapter = session.get_adapter(request.url or "")
    if not isinstance(adapter, ASGIAdapter):
        raise UsageTypeError(
            f"websocket_connect() needs an ASGIAdapter at {request.url!r}; mounted there is"
            f" {type(adapter).__name__}."
        )
    opening = Opening()
    try:
        with adapter.shaking_hands(opening):
            response = session.send(request, **send_options)
    except BaseException as error:
        if opening.line is not None:
            finish(opening.line.leave_because_of(error))
        raise
    if opening.line is not None:
        return opening.line
    assert opening.denial is not None
    raise as_caught_by_starlette(WebSocketDenialResponse).of(response) from opening.denial.cause
