# Generated from src/asgi_testkit/httpx2/shortcuts.py by scripts/write_httpx.py.
"""The short-cuts of the clients: what makes a plain `get` and handshake fast, and nothing else.

Without them every result is the same and only later: set `client.use_shortcuts = False` to turn
them off. Public names of httpx only. Whatever is not plain (auth, hooks, cookies, parameters,
overridden methods, redirects, encoded bodies) is handed to httpx's own code.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import httpx

from asgi_testkit.drive.silence import clock
from asgi_testkit.httpx.values import Translator, as_http_request
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.protocol.scope import HTTPRequest
from asgi_testkit.session.http import Limits
from asgi_testkit.types import HeaderPairs

__all__ = ("Plan", "PlannedResponse", "Plans", "StockMethods", "keep_cookies", "needs_httpx")

_MOST_PLANS: Final = 512
_NEEDS_HTTPX2: Final = frozenset({b"set-cookie", b"content-encoding", b"location"})

Key: TypeAlias = tuple[str, tuple[str, ...] | None]
"""A URL, and for handshakes the offered subprotocols."""

_httpx_log: Final = logging.getLogger("httpx")
_settling: Final = threading.RLock()


@dataclass(frozen=True, slots=True)
class Plan:
    """What httpx has built once for a URL, good while the client's settings last."""

    request: HTTPRequest
    url: httpx.URL
    base_url: httpx.URL
    headers: HeaderPairs
    sent_headers: HeaderPairs
    timeout: httpx.Timeout
    limits: Limits
    http_version: bytes

    def as_request(self) -> httpx.Request:
        """Return the request as httpx would have built it."""
        return httpx.Request(
            "GET",
            self.url,
            headers=self.sent_headers,
            extensions={"timeout": self.timeout.as_dict()},
        )


@dataclass(frozen=True, slots=True)
class StockMethods:
    """The methods that a plain GET goes through the long way, as they were when imported.

    Attributes:
        bound: what the client's own methods have to be, by name.
        inherited: classes, names and functions that those methods call on.
    """

    bound: Mapping[str, object]
    inherited: Sequence[tuple[type, str, object]]

    def is_untouched(self, client: object) -> bool:
        """Return whether none of them is overridden or patched."""
        if not self.bound.keys().isdisjoint(vars(client).keys()):
            return False
        kind = type(client)
        for name, method in self.bound.items():
            if getattr(kind, name) is not method:
                return False
        for owner, name, method in self.inherited:  # noqa: SIM110 - `all` takes twice as long
            if getattr(owner, name) is not method:
                return False
        return True


class Plans:
    """The plans of one client.

    Args:
        stock: the methods that must not be overridden for the short way to be the same.
    """

    def __init__(self, translator: Translator, default_encoding: Any, stock: StockMethods) -> None:
        self._translator = translator
        self._default_encoding = default_encoding
        self._stock = stock
        self._plans: dict[Key, Plan] = {}

    def find(
        self,
        client: httpx.Client | httpx.AsyncClient,
        url: object,
        subprotocols: Sequence[str] | None = None,
    ) -> Plan | None:
        """Return the plan for a plain GET or handshake of `url`, if there is one still good.

        Args:
            client: whose settings count.
            url: as the user gave it.
            subprotocols: those of a handshake; `None`: a GET.
        """
        if type(url) is not str:
            return None
        key = (url, None if subprotocols is None else tuple(subprotocols))
        if (plan := self._plans.get(key)) is None:
            return None
        if (
            client.base_url is plan.base_url
            and client.timeout is plan.timeout
            and client.headers.raw == plan.headers
            and self._is_plain(client)
        ):
            return plan
        self._plans.pop(key, None)
        return None

    def learn(
        self,
        client: httpx.Client | httpx.AsyncClient,
        url: object,
        response: httpx.Response,
        subprotocols: Sequence[str] | None = None,
    ) -> None:
        """Make a plan of the request that httpx has built for a plain GET or handshake."""
        request = response.request
        is_plain = not response.history and request.method == "GET" and self._is_plain(client)
        if type(url) is not str or not is_plain or "cookie" in request.headers:
            return
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        timeouts = request.extensions["timeout"]
        options = self._translator.options
        self._plans[url, None if subprotocols is None else tuple(subprotocols)] = Plan(
            request=as_http_request(request).prepared(),
            url=request.url,
            base_url=client.base_url,
            headers=client.headers.raw,
            sent_headers=request.headers.raw,
            timeout=client.timeout,
            limits=Limits(timeouts["read"], timeouts["write"], options.timeout, options.grace),
            http_version=response.extensions.get("http_version", b""),
        )

    def response(
        self, plan: Plan, start: ResponseStart, body: bytes, *, began: float
    ) -> PlannedResponse:
        """Return the response, of which httpx's parts are made when they are read."""
        elapsed = clock() - began
        return PlannedResponse(start, body, plan, elapsed, self._default_encoding)

    def _is_plain(self, client: httpx.Client | httpx.AsyncClient) -> bool:
        """Return whether a GET of this client does nothing but build, send and read."""
        hooks = client.event_hooks
        if client.is_closed or client.auth is not None or hooks["request"] or hooks["response"]:
            return False
        if client.params or next(iter(client.cookies.jar), None) is not None:
            return False
        if _httpx_log.isEnabledFor(logging.INFO):
            return False
        return self._stock.is_untouched(client)


def keep_cookies(
    client: httpx.Client | httpx.AsyncClient, plan: Plan, start: ResponseStart
) -> None:
    """Put the cookies of a planned handshake's response into the jar, as httpx's `send` does."""
    if any(name.lower() == b"set-cookie" for name, _ in start.headers):
        response = httpx.Response(start.status, headers=start.headers, request=plan.as_request())
        client.cookies.extract_cookies(response)


def needs_httpx(exchange: HTTPExchange, start: ResponseStart) -> bool:
    """Return whether httpx's own code has work to do: cookies, redirects, decoding, extensions."""
    if exchange.is_extended or exchange.app_exception is not None:
        return True
    return any(name.lower() in _NEEDS_HTTPX2 for name, _ in start.headers)


class PlannedResponse(httpx.Response):
    """An httpx response that runs the base class's constructor when a part of it is read.

    `__getattr__` runs for attributes that are not there yet only, so that all of httpx's own
    appear by themselves the first time one of them is asked for.
    """

    def __init__(
        self,
        start: ResponseStart,
        body: bytes,
        plan: Plan,
        elapsed_seconds: float,
        default_encoding: Any,  # str or a function, as httpx's
    ) -> None:
        self.status_code = start.status
        self._unsettled: tuple[Any, ...] | None = (
            start.headers,
            body,
            plan,
            elapsed_seconds,
            default_encoding,
        )

    if not TYPE_CHECKING:  # else every misspelt attribute would pass the type checker

        def __getattr__(self, name: str) -> Any:
            self._settle()
            return object.__getattribute__(self, name)

    @property
    def content(self) -> bytes:
        """The body."""
        unsettled = self.__dict__.get("_unsettled")
        return unsettled[1] if unsettled is not None else super().content

    def read(self) -> bytes:
        """Return the body."""
        return self.content

    def __getstate__(self) -> dict[str, Any]:
        self._settle()
        return super().__getstate__()

    def _settle(self) -> None:
        """Make httpx's parts, all at once for other threads; what was set before stays."""
        with _settling:
            unsettled = self.__dict__.get("_unsettled")
            if unsettled is None:
                return
            made = vars(_stock_response(self.status_code, *unsettled))
            set_before = {k: v for k, v in self.__dict__.items() if k != "_unsettled"}
            self.__dict__.update({**made, **set_before})
            del self.__dict__["_unsettled"]


def _stock_response(
    status: int,
    headers: HeaderPairs,
    body: bytes,
    plan: Plan,
    elapsed_seconds: float,
    default_encoding: Any,  # str or a function, as httpx's
) -> httpx.Response:
    response = httpx.Response(
        status,
        headers=headers,
        stream=httpx.ByteStream(body),
        request=plan.as_request(),
        extensions={"http_version": plan.http_version},
        default_encoding=default_encoding,
    )
    response.read()
    response.elapsed = dt.timedelta(seconds=elapsed_seconds)
    return response
