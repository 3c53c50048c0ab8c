"""The short-cuts of client and adapter: what makes a plain GET fast, and nothing else.

Without them every result is the same and only later: set `use_shortcuts = False` on either to turn
its own off. What requests has prepared once for a URL is copied, where nothing that it was made of
has changed; whatever is not plain (auth, cookies, hooks, parameters, a body) requests prepares
anew. Of a whole response requests' and urllib3's parts are made when they are read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from requests import PreparedRequest, Request, Response, Session
from requests.hooks import default_hooks

from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.scope import HTTPRequest
from asgi_testkit.requests.bodies import RawResponse
from asgi_testkit.requests.values import as_http_request

__all__ = ("LateResponse", "PreparedGets", "RequestHeads", "is_plain")

_MOST_PLANS: Final = 512
_NEEDS_REQUESTS: Final = frozenset({b"set-cookie", b"content-encoding", b"location"})
_settling: Final = threading.RLock()

Headers: TypeAlias = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was prepared, and the default headers of the session that went into it."""

    prepared: PreparedRequest
    headers: list[tuple[str, str | bytes]]


class PreparedGets:
    """The plain GETs that a session has prepared, by their absolute URLs."""

    def __init__(self) -> None:
        self._plans: dict[str, _Plan] = {}

    def find(self, session: Session, request: Request, url: str) -> PreparedRequest | None:
        """Return a request as requests would prepare it, if it is one that is known."""
        plan = self._plans.get(url)
        if plan is None or not _is_plain(session, request):
            return None
        if list(session.headers.items()) != plan.headers:
            return None
        prepared = plan.prepared.copy()
        prepared.hooks = default_hooks()  # a copy shares them, and auth may add to them
        return prepared

    def learn(
        self, session: Session, request: Request, url: str, prepared: PreparedRequest
    ) -> None:
        """Keep what requests has prepared, if it is plain."""
        if not _is_plain(session, request) or "cookie" in prepared.headers:
            return
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        self._plans[url] = _Plan(prepared.copy(), list(session.headers.items()))


def _is_plain(session: Session, request: Request) -> bool:
    """Return whether URL and default headers are all that a request is made of."""
    if request.method != "GET" or request.headers or request.params or request.cookies:
        return False
    if request.data or request.files or request.json is not None or request.auth:
        return False
    if session.auth or session.params or session.trust_env:
        return False
    if any(request.hooks.values()) or any(session.hooks.values()):
        return False
    return next(iter(session.cookies), None) is None


class RequestHeads:
    """The heads of the requests that an adapter has translated, by method and URL."""

    def __init__(self) -> None:
        self._heads: dict[tuple[str | None, str | None], tuple[Headers, HTTPRequest]] = {}

    def find(self, request: PreparedRequest) -> HTTPRequest:
        """Return the head of a request; see `values.as_http_request`."""
        key = request.method, request.url
        headers = tuple(request.headers.lower_items())
        known = self._heads.get(key)
        if known is not None and known[0] == headers:
            return known[1]
        head = as_http_request(request)
        if len(self._heads) >= _MOST_PLANS:
            self._heads.clear()
        self._heads[key] = headers, head
        return head


def is_plain(request: PreparedRequest, exchange: HTTPExchange) -> bool:
    """Return whether nothing acts on the response: hooks, cookies, redirects, codecs."""
    start = exchange.response
    if start is None or exchange.is_extended or exchange.app_exception is not None:
        return False
    if any(request.hooks.values()):
        return False
    return not any(name.lower() in _NEEDS_REQUESTS for name, _ in start.headers)


class LateResponse(Response):
    """A whole response whose parts are made, as requests makes them, when one of them is read.

    `__getattr__` runs for attributes that are not there yet only.
    """

    def __init__(
        self, status: int, body: bytes, raw: RawResponse, make: Callable[[], Response]
    ) -> None:
        self.status_code = status
        self.history: list[Response] = []
        self._body = body
        self._raw = raw
        self._is_asked = False
        self._is_consumed = False
        self._make: Callable[[], Response] | None = make

    if not TYPE_CHECKING:  # else every misspelt attribute would pass the type checker

        def __getattr__(self, name: str) -> Any:
            self._settle()
            return object.__getattribute__(self, name)

    @property
    def content(self) -> bytes:
        """The body."""
        self._is_asked = True
        return self._body

    if not TYPE_CHECKING:  # an attribute of requests' own, which is set and read

        @property
        def raw(self) -> RawResponse:
            """urllib3's response, read to its end once the body was asked for."""
            if self._is_asked:
                self._consume()
            return self._raw

        @raw.setter
        def raw(self, raw: RawResponse) -> None:
            self._raw = raw

    @property
    def is_redirect(self) -> bool:
        """Whether it leads elsewhere; a plain response does not."""
        return self.__dict__.get("_make") is None and super().is_redirect

    def iter_content(self, *args: Any, **options: Any) -> Any:  # overloaded by requests
        """Return an iterator over the body; see `requests.Response.iter_content`."""
        self._consume()
        return super().iter_content(*args, **options)

    def close(self) -> None:
        """Do what `requests.Response.close` does."""
        self._consume()
        super().close()

    def __reduce__(self) -> tuple[Any, ...]:
        self._consume()
        return Response, (), self.__getstate__()

    def _consume(self) -> None:
        """Have requests read the body, as its sessions do where nothing streams."""
        if not self._is_consumed:
            self._is_consumed = True
            _ = super().content

    def _settle(self) -> None:
        """Make requests' parts, all at once for other threads; what was set before stays."""
        with _settling:
            make = self.__dict__.get("_make")
            if make is not None:
                made: dict[str, Any] = {**make().__dict__}
                del made["raw"]
                self.__dict__.update({**made, **self.__dict__})
                self._make = None
