"""The short-cuts of the clients: what makes plain requests and handshakes fast, and nothing else.

Without them every result is the same and only later: set `client.use_shortcuts = False` to turn
them off. Public names of httpx2 only. Whatever is not plain (auth, hooks, overridden methods, new
cookies, redirects, encoded bodies) is handed to httpx2's own code.

* `Plans`: what httpx2 has built for a URL is sent again as it was (`Plan`), and to other plain
  URLs and with plain bodies, too.
* `Plans.may_send`: a plain request goes to the app at once.
* `PlannedResponse`: parts of a response are made when they are read.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

import httpx2

from asgi_testkit.client.host import AppHost
from asgi_testkit.client.options import AppOptions
from asgi_testkit.drive.silence import clock
from asgi_testkit.httpx2.cookies import VersionedJar, version_of_cookies
from asgi_testkit.httpx2.plan import Plan, as_request, plain_content
from asgi_testkit.httpx2.spent import SpentStream, SyncSpentStream, note_elapsed
from asgi_testkit.httpx2.stock import StockMethods
from asgi_testkit.httpx2.urls import AbsoluteURLs, is_plain_target, plain_origin
from asgi_testkit.httpx2.values import REPLAY, Translator, as_http_request
from asgi_testkit.httpx2.websockets import WEBSOCKET
from asgi_testkit.protocol.http import HTTPExchange
from asgi_testkit.protocol.http_events import ResponseStart
from asgi_testkit.session.http import HTTPSession, Limits
from asgi_testkit.types import HeaderPairs

__all__ = (
    "PlannedResponse",
    "Plans",
    "ShortWay",
    "needs_httpx2",
)

_MOST_PLANS: Final = 512
_MOST_MODELS: Final = 64
_MOST_SEEN: Final = 4096
_NEVER: Final = object()
_NEEDS_HTTPX2: Final = frozenset({b"set-cookie", b"set-cookie2", b"content-encoding", b"location"})

Key: TypeAlias = tuple[str, tuple[str, ...] | None]
"""A URL, and for handshakes the offered subprotocols."""

_Settings: TypeAlias = tuple[httpx2.URL, tuple[tuple[bytes, bytes], ...], tuple[Any, ...], bytes]
"""Base URL, headers, limits and the version of HTTP."""

_httpx2_log: Final = logging.getLogger("httpx2")
_settling: Final = threading.RLock()


_MODELS: Final[dict[_Settings, Plan]] = {}
_NO_COOKIES: Final = VersionedJar()


class Plans:
    """The plans of one client.

    Args:
        stock: the methods that must not be overridden for the short way to be the same.
    """

    def __init__(self, translator: Translator, default_encoding: Any, stock: StockMethods) -> None:
        self._translator = translator
        self._default_encoding = default_encoding
        self._stock = stock
        self._http_version = f"HTTP/{translator.options.scope.http_version}".encode()
        self._plans: dict[Key, Plan] = {}
        self._model: Plan | None = None  # for other plain targets
        self._seen: dict[Key, object] = {}  # with which version of the cookies

    def find(
        self,
        client: httpx2.Client | httpx2.AsyncClient,
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
        plan = self._plans.get(key) or self._make_alike(client, key)
        if plan is None:
            return None
        if (
            client.base_url is plan.base_url
            and client.timeout == plan.timeout
            and client.cookies.jar is plan.cookies
            and plan.cookies.version is plan.cookies_version
            and client.headers.raw == plan.headers
            and self.is_plain(client)
        ):
            return plan
        self._plans.pop(key, None)
        self._model = None
        return None

    def _make_alike(self, client: httpx2.Client | httpx2.AsyncClient, key: Key) -> Plan | None:
        """Make a plan of another one, where both are of plain targets: nothing else differs."""
        url, subprotocols = key
        if subprotocols is not None or is_plain_target(url) is None:
            return None
        model = self._model or self._model_of_another(client)
        if model is None:
            return None
        plan = model.at(url)
        self._keep(key, plan)
        return plan

    def _model_of_another(self, client: httpx2.Client | httpx2.AsyncClient) -> Plan | None:
        """Return the model that another client of the same settings has made, for this one."""
        jar, version = client.cookies.jar, version_of_cookies(client)  # before it is looked into
        if not _is_empty(jar) or (model := _MODELS.get(self._settings(client))) is None:
            return None
        self._model = model._replace(base_url=client.base_url, cookies=jar, cookies_version=version)
        return self._model

    def _settings(self, client: httpx2.Client | httpx2.AsyncClient) -> _Settings:
        """Return all that plain GETs of two clients may differ in."""
        options = self._translator.options
        timeouts = client.timeout.as_dict().values()
        limits = (*timeouts, *map(type, timeouts), options.timeout, options.grace)  # 7 is 7.0
        return client.base_url, tuple(client.headers.raw), limits, self._http_version

    def _keep(self, key: Key, plan: Plan) -> None:
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        self._plans[key] = plan

    def is_due(self, client: httpx2.Client | httpx2.AsyncClient, url: object) -> bool:
        """Return whether a URL comes again and has no plan; note that it has come."""
        if type(url) is not str or (url, None) in self._plans or not _may_learn(client):
            return False
        return self._has_come((url, None), version_of_cookies(client))

    def _has_come(self, key: Key, cookies_version: object) -> bool:
        """Return whether it has come with the same cookies, else a plan is of no use; note it."""
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        before = self._seen.get(key, _NEVER)
        self._seen[key] = cookies_version
        return before is cookies_version

    def learn(
        self,
        client: httpx2.Client | httpx2.AsyncClient,
        url: object,
        request: httpx2.Request,
        subprotocols: Sequence[str] | None = None,
        *,
        cookies_version: object,
    ) -> None:
        """Make a plan of the request that httpx2 has built for a plain GET or handshake.

        That is work, which is done where a URL comes the second time; for the first plain GET
        at once, since others may follow that differ in their target only, also of other clients.

        Args:
            client: whose settings count.
            url: as the user gave it.
            request: what was built of it.
            subprotocols: as `find`'s.
            cookies_version: `version_of_cookies` before it was built.
        """
        jar = client.cookies.jar
        if type(url) is not str or not isinstance(jar, VersionedJar) or jar.may_expire:
            return
        if request.url.userinfo:  # of which httpx2's `send` makes a header
            return
        if request.url.scheme not in ("http", "https"):  # which is refused when it is sent
            return
        key = (url, None if subprotocols is None else tuple(subprotocols))
        origin = plain_origin(client.base_url) if _is_model(key, jar) else ""
        has_come = self._has_come(key, cookies_version)
        if not (has_come or (origin and self._model is None)):
            return
        timeouts = request.extensions["timeout"]
        options = self._translator.options
        plan = Plan(
            request=as_http_request(request).prepared(),
            url=request.url,
            origin=origin,
            base_url=client.base_url,
            headers=client.headers.raw,
            sent_headers=request.headers.raw,
            names=frozenset(name.lower() for name, _ in request.headers.raw),
            has_own_host="host" in client.headers,
            timeout=httpx2.Timeout(client.timeout),  # which can be changed in place
            limits=Limits(timeouts["read"], timeouts["write"], options.timeout, options.grace),
            http_version=self._http_version,
            cookies=jar,
            cookies_version=cookies_version,
        )
        self._keep(key, plan)
        if origin:
            self._model = plan
            self._share(client, plan)

    def _share(self, client: httpx2.Client | httpx2.AsyncClient, model: Plan) -> None:
        """Let other clients have a model: of this one it holds the settings, and nothing else."""
        if len(_MODELS) >= _MOST_MODELS:
            _MODELS.clear()
        _MODELS[self._settings(client)] = model._replace(cookies=_NO_COOKIES, cookies_version=None)

    def response(
        self, request: Plan | httpx2.Request, start: ResponseStart, body: bytes, elapsed: float
    ) -> PlannedResponse:
        """Return the response, of which httpx2's parts are made when they are read."""
        version, encoding = self._http_version, self._default_encoding
        stream = self._stock.stream
        return PlannedResponse(start, body, request, elapsed, version, encoding, stream)

    def is_plain(self, client: httpx2.Client | httpx2.AsyncClient) -> bool:
        """Return whether `get` would only build a request, send it and read the response."""
        return _is_quiet(client) and not client.params and self._stock.are_untouched(client)

    def may_send(self, client: httpx2.Client | httpx2.AsyncClient, request: httpx2.Request) -> bool:
        """Return whether `send` would do nothing with this request but hand it to the app."""
        return (
            type(request.stream) is httpx2.ByteStream
            and "timeout" in request.extensions
            and WEBSOCKET not in request.extensions
            and REPLAY not in request.extensions
            and not request.url.userinfo
            and _is_quiet(client)
            and self._stock.are_inherited()
        )


def _is_model(key: Key, jar: VersionedJar) -> bool:
    """Return whether what is sent to a plain URL would be sent to any other one, too."""
    url, subprotocols = key
    return subprotocols is None and _is_empty(jar) and is_plain_target(url) is not None


def _may_learn(client: httpx2.Client | httpx2.AsyncClient) -> bool:
    """Return whether the client's cookies can be told to be the same later."""
    jar = client.cookies.jar
    return isinstance(jar, VersionedJar) and not jar.may_expire


def _is_empty(jar: object) -> TypeGuard[VersionedJar]:
    """Return whether there are no cookies, of which each may be for some paths only."""
    return isinstance(jar, VersionedJar) and not any(True for _ in jar)


def _is_quiet(client: httpx2.Client | httpx2.AsyncClient) -> bool:
    """Return whether nothing comes before or after a request: no auth, hook, log or refusal."""
    if client.is_closed or client.auth is not None or client.max_redirects < 0:
        return False
    hooks = client.event_hooks
    return not (hooks["request"] or hooks["response"] or _httpx2_log.isEnabledFor(logging.INFO))


class ShortWay:
    """What both clients know of the short way; how they wait is their own affair."""

    _app_host: AppHost
    _app_options: AppOptions
    _app_translator: Translator
    _plans: Plans
    _urls: AbsoluteURLs
    use_shortcuts = True
    """Whether plain requests take the short way; the results are the same."""

    def _find_plan(self, url: object, options: Mapping[str, Any]) -> Plan | None:
        if not self.use_shortcuts or (options and not _has_headers_only(options)):
            return None
        client: Any = self
        plan = self._plans.find(client, url)
        if plan is None or not options:
            return plan
        return plan.with_headers(options["headers"])

    def _find_plan_with_content(
        self, method: str, url: object, options: Mapping[str, Any]
    ) -> Plan | None:
        """Return the plan of a call that has a body or another method, if one is plain."""
        if not self.use_shortcuts or type(method) is not str:
            return None
        content = plain_content(options)
        if content is None:
            return None
        client: Any = self
        plan = self._plans.find(client, url)
        if plan is None:
            if self._plans.is_due(client, url):  # it is learnt from a GET, and good for all
                self._learn_plan(url)
            return None
        headers = content.pop("headers", None)
        if headers and (plan := plan.with_headers(headers)) is None:
            return None
        return plan.with_content(method, content)

    def _learn_plan(self, url: Any) -> httpx2.Request | None:
        """Build a plain GET, so that it can be sent again; `None`: httpx2 has to see to it."""
        client: Any = self
        if not self.use_shortcuts or not self._plans.is_plain(client):
            return None
        version = version_of_cookies(client)
        request: httpx2.Request = client.build_request("GET", url)
        self._plans.learn(client, url, request, cookies_version=version)
        return request

    def _plain_url(self, url: object) -> Any:  # what httpx2 takes
        """Return the absolute URL where it is known what httpx2 makes of this one."""
        if not self.use_shortcuts:
            return url
        client: Any = self
        absolute = self._urls.find(client.base_url, url)
        return url if absolute is None else absolute

    def _may_send_at_once(
        self, request: httpx2.Request, options: Mapping[str, Any], *, stream: bool
    ) -> bool:
        if stream or not self.use_shortcuts:
            return False
        for value in options.values():
            if value is not httpx2.USE_CLIENT_DEFAULT:
                return False
        client: Any = self
        return self._plans.may_send(client, request)

    def _open_plain(self, asked: Plan | httpx2.Request) -> HTTPSession:
        if not isinstance(asked, Plan):
            return self._app_translator.open(asked, None, is_stream=False)
        return self._app_host.open_call(
            asked.request,
            self._app_options,
            body=asked.body,
            pieces=None,
            limits=asked.limits,
            is_stream=False,
        )

    def _planned_response(
        self,
        request: Plan | httpx2.Request,
        session: HTTPSession,
        start: ResponseStart,
        body: bytes,
        began: float,
    ) -> httpx2.Response:
        if self._app_options.background == "detach":
            self._app_host.keep_detached(session)
        return self._plans.response(request, start, body, clock() - began)


def _has_headers_only(options: Mapping[str, Any]) -> bool:
    """Return whether a call has headers of its own, in a plain dict, and nothing else."""
    return len(options) == 1 and type(options.get("headers")) is dict


def needs_httpx2(exchange: HTTPExchange, start: ResponseStart) -> bool:
    """Return whether httpx2's own code has work to do: cookies, redirects, decoding, extensions."""
    if exchange.is_extended or exchange.app_exception is not None:
        return True
    for name, _ in start.headers:  # noqa: SIM110 - `any` takes twice as long
        if name.lower() in _NEEDS_HTTPX2:
            return True
    return False


class PlannedResponse(httpx2.Response):
    """An httpx2 response that runs the base class's constructor when a part of it is read.

    `__getattr__` runs for attributes that are not there yet only, so that all of httpx2's own
    appear by themselves the first time one of them is asked for. Headers, which text and JSON
    need, are made alone.
    """

    def __init__(
        self,
        start: ResponseStart,
        body: bytes,
        request: Plan | httpx2.Request,
        elapsed_seconds: float,
        http_version: bytes,
        default_encoding: Any,  # str or a function, as httpx2's
        stream: type[SpentStream],
    ) -> None:
        self.status_code = start.status
        self.default_encoding = default_encoding
        self._unsettled: tuple[Any, ...] | None = (
            start.headers,
            body,
            request,
            elapsed_seconds,
            http_version,
            stream,
        )

    if not TYPE_CHECKING:  # else every misspelt attribute would pass the type checker

        def __getattr__(self, name: str) -> Any:
            if name in _PARTS:
                self._settle(only_headers=name == "headers")
            return object.__getattribute__(self, name)

    @property
    def content(self) -> bytes:
        """The body."""
        unsettled = self.__dict__.get("_unsettled")
        return unsettled[1] if unsettled is not None else super().content

    @property
    def charset_encoding(self) -> str | None:
        """The charset of the content type, which is parsed once for all responses that have it."""
        content_type = self.headers.get("Content-Type")
        if content_type is None or not content_type.isascii():
            return super().charset_encoding
        return _charset_of(content_type)

    def read(self) -> bytes:
        """Return the body."""
        return self.content

    def __delattr__(self, name: str) -> None:
        self._settle()
        super().__delattr__(name)

    def __dir__(self) -> Iterable[str]:
        self._settle()
        return super().__dir__()

    def __getstate__(self) -> dict[str, Any]:
        self._settle()
        return super().__getstate__()

    def _settle(self, *, only_headers: bool = False) -> None:
        """Make httpx2's parts, all at once for other threads; what was set before stays."""
        with _settling:
            unsettled = self.__dict__.get("_unsettled")
            if unsettled is None:
                return
            if only_headers:
                self.__dict__.setdefault("headers", httpx2.Headers(unsettled[0]))
                return
            made = vars(_stock_response(self.status_code, *unsettled))
            set_before = {k: v for k, v in self.__dict__.items() if k != "_unsettled"}
            self.__dict__.update({**made, **set_before})
            del self.__dict__["_unsettled"]


@lru_cache(maxsize=64)
def _charset_of(content_type: str) -> str | None:
    return httpx2.Response(200, headers={"Content-Type": content_type}).charset_encoding


def _stock_response(
    status: int,
    headers: HeaderPairs,
    body: bytes,
    request: Plan | httpx2.Request,
    elapsed_seconds: float,
    http_version: bytes,
    stream: type[SpentStream],
) -> httpx2.Response:
    response = httpx2.Response(
        status,
        headers=headers,
        stream=httpx2.ByteStream(body),
        request=as_request(request),
        extensions={"http_version": http_version},
    )
    response.read()
    response.stream = stream(body)
    note_elapsed(response, elapsed_seconds)
    return response


_EMPTY: Final = httpx2.Request("GET", "http://testserver")
_PARTS: Final = vars(_stock_response(200, [], b"", _EMPTY, 0.0, b"", SyncSpentStream)).keys()
"""The attributes that httpx2's constructor makes, whichever they are in this version."""
